-- intermediate.line_recurrence: whether a line comes again, by the first rule that knows.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
--
-- Overrides first, then the product's setting, the subscription, the words, the dates, the cadence. What no rule knows
-- stays unknown and out of MRR. A line that only lowers others follows the lines it lowers.
with known as (

    select
        signals.*,
        periods.end_date - periods.start_date as explicit_days,
        cadences.cadence_months as found_cadence,
        cadences.is_tentative,
        cadences.hits,
        cadences.intervals,
        recurring_products.price_id is not null as is_recurring_product,
        line_override.recurrence as line_override,
        pair_override.recurrence as pair_override,
        product_override.recurrence as product_override,
        subscription_lines.subscription_id is not null as is_in_subscription
    from intermediate.line_signals as signals
    left join intermediate.explicit_periods as periods
        on periods.company_id = signals.company_id and periods.line_id = signals.line_id
    left join intermediate.cadences as cadences
        on cadences.company_id = signals.company_id and cadences.customer_id = signals.customer_id
        and cadences.price_id = signals.price_id and cadences.currency = signals.currency
    left join intermediate.recurring_products as recurring_products
        on recurring_products.company_id = signals.company_id and recurring_products.price_id = signals.price_id
    left join metrics.overrides as line_override
        on line_override.override_level = 'line' and line_override.company_id = signals.company_id
        and line_override.line_id = signals.line_id
    left join metrics.overrides as pair_override
        on pair_override.override_level = 'customer_product' and pair_override.company_id = signals.company_id
        and pair_override.customer_id = signals.customer_id and pair_override.price_id = signals.price_id
    left join metrics.overrides as product_override
        on product_override.override_level = 'product' and product_override.company_id = signals.company_id
        and product_override.price_id = signals.price_id
    left join intermediate.subscription_prices as subscription_lines
        on subscription_lines.company_id = signals.company_id
        and subscription_lines.subscription_id = signals.subscription_id and subscription_lines.price_id = signals.price_id

),

ruled as (

    select
        *,
        case
            when line_override is not null then 'override_line'
            when pair_override is not null then 'override_customer_product'
            when product_override is not null then 'override_product'
            when subscription_id is not null and (is_in_subscription or one_off_word is null) then 'subscription'
            when one_off_word is not null and recurring_word is not null then 'conflict'
            when one_off_word is not null then 'one_off_word'
            when usage_word is not null then 'usage_word'
            when explicit_days >= 25 and recurring_word is not null then 'dates_and_word'
            when explicit_days >= 25 and found_cadence is not null then 'dates_and_cadence'
            when explicit_days >= 25 and is_recurring_product then 'dates_and_product'
            when period_kind = 'bare_month' and recurring_word is not null then 'month_and_word'
            when found_cadence is not null and not is_negative then 'cadence'
            when label_cadence_months is not null then 'cadence_word'
            else 'none'
        end as rule
    from known

),

classed as (

    select
        *,
        case
            when rule = 'override_line' then line_override
            when rule = 'override_customer_product' then pair_override
            when rule = 'override_product' then product_override
            when rule = 'one_off_word' then 'one_off'
            when rule = 'usage_word' then 'usage'
            when rule in ('conflict', 'none') then 'unknown'
            else 'recurring'
        end as recurrence
    from ruled

),

sold as (

    select company_id, customer_id, invoice_id, price_id, recurrence, is_credit_note
    from classed
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
    from classed
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
    from classed
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
