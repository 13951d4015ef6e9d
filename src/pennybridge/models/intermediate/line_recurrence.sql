-- intermediate.line_recurrence: whether a line comes again, also by what stands around it.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
--
-- A written period of a product that recurs is part of a month of it. A line that only lowers others follows them.
with sold as (

    select company_id, customer_id, invoice_id, price_id, recurrence, is_credit_note
    from intermediate.line_rules as classed
    where not is_negative

),

-- Only lines that no rule knows ask what stands around them.
undecided as (

    select
        classed.*,
        exists (
            select 1 from sold
            where
                sold.company_id = classed.company_id and sold.invoice_id = classed.invoice_id
                and sold.recurrence = 'recurring' and not sold.is_credit_note
        ) as invoice_recurs,
        exists (
            select 1 from sold
            where
                sold.company_id = classed.company_id and sold.invoice_id = classed.invoice_id
                and sold.price_id = classed.price_id
        ) as same_price_in_invoice,
        exists (
            select 1 from sold
            where
                sold.company_id = classed.company_id and sold.invoice_id = classed.invoice_id
                and sold.price_id = classed.price_id and sold.recurrence = 'recurring'
        ) as same_price_recurs,
        exists (
            select 1 from sold
            where
                sold.company_id = classed.company_id and sold.customer_id = classed.customer_id
                and sold.price_id = classed.price_id and sold.recurrence = 'recurring'
        ) as customer_price_recurs
    from intermediate.line_rules as classed
    where classed.rule = 'none' and (classed.is_negative or classed.explicit_days > 0)

),

settled as (

    select
        classed.*,
        undecided.invoice_recurs,
        undecided.same_price_recurs,
        case
            when undecided.line_id is null then classed.rule
            when classed.explicit_days > 0
                and (undecided.customer_price_recurs or classed.is_recurring_product) then 'prorated'
            when not classed.is_negative or classed.is_credit_note then classed.rule
            when classed.explicit_days > 0 and undecided.invoice_recurs then 'dated_reduction'
            when classed.explicit_days is null and undecided.same_price_in_invoice then 'lowers_same_product'
            when classed.explicit_days is null and classed.discount_word is not null then 'lowers_invoice'
            else classed.rule
        end as final_rule
    from intermediate.line_rules as classed
    left join undecided
        on undecided.company_id = classed.company_id and undecided.line_id = classed.line_id

)

select
    company_id,
    line_id,
    customer_id,
    case
        when final_rule in ('prorated', 'dated_reduction') then 'recurring'
        when final_rule = 'lowers_same_product' then case when same_price_recurs then 'recurring' else 'one_off' end
        when final_rule = 'lowers_invoice' then case when invoice_recurs then 'recurring' else 'one_off' end
        else recurrence
    end as recurrence,
    final_rule as recurrence_rule,
    cast(case
        when final_rule like 'override%' then 1
        when final_rule = 'subscription' then 0.95
        when final_rule in ('one_off_word', 'dates_and_word') then 0.9
        when final_rule in ('usage_word', 'dates_and_cadence', 'dates_and_product', 'prorated') then 0.8
        when final_rule = 'cadence' then case when is_tentative then 0.5 else 0.7 end
        when final_rule = 'month_and_word' then 0.5
        when final_rule in ('conflict', 'none') then 0
        else 0.7
    end as decimal(3, 2)) as recurrence_confidence,
    case
        when final_rule = 'subscription' then 'billing subscription ' || subscription_id
        when final_rule = 'conflict' then recurring_word || ' and ' || one_off_word
        when final_rule = 'one_off_word' then one_off_word
        when final_rule = 'usage_word' then usage_word
        when final_rule in ('dates_and_word', 'month_and_word') then recurring_word
        when final_rule in ('dates_and_cadence', 'cadence')
            then cast(hits as text) || ' of ' || cast(intervals as text) || ' intervals of '
                || cast(found_cadence as text) || ' months'
        when final_rule = 'dates_and_product' then 'sold by subscription to three customers or more'
        when final_rule = 'cadence_word' then cast(label_cadence_months as text) || ' months in the label'
        when final_rule in ('lowers_invoice', 'lowers_same_product') then coalesce(discount_word, 'negative line')
    end as recurrence_evidence
from settled
