-- intermediate.partial_credits: how a partial credit note lowers the MRR of one invoice line.
--
-- grain    one row per (company_id, line_id, lowered_line_id); line_id is the credit note's line
-- scope    one customer
-- amounts  positive reductions over months: those of the credit note's own dates, or of the line it lowers
--
-- Early termination ends the line where the credited tail begins, when nothing is invoiced after it. A dated credit of a
-- service that goes on lowers MRR over its own dates; any other is a discount over the whole line. What is worth its days
-- of the line, to 5 %, or more takes all of the line's MRR back on them, and no credit takes back more than there is.
with discounts as (

    select company_id, lowered_line_id, sum(reduction_ccy) as discount_ccy, sum(reduction_base) as discount_base
    from intermediate.reduction_shares
    where reduction_kind = 'discount'
    group by company_id, lowered_line_id

),

-- What a line is worth after the discounts of its invoice.
lines as (

    select
        lines.*,
        lines.amount_excl_tax_ccy - coalesce(discounts.discount_ccy, 0) as net_ccy,
        lines.amount_excl_tax_base - coalesce(discounts.discount_base, 0) as net_base
    from intermediate.recurring_lines as lines
    left join discounts on discounts.company_id = lines.company_id and discounts.lowered_line_id = lines.line_id

),

credits as (

    select
        shares.company_id,
        shares.customer_id,
        shares.line_id,
        shares.lowered_line_id,
        shares.source_invoice_id,
        shares.reduction_ccy,
        cases.credit_note_date,
        lowered.start_date,
        lowered.end_date,
        lowered.price_id,
        lowered.invoice_id,
        lowered.months,
        lowered.months_divisor,
        lowered.net_ccy,
        lowered.net_base,
        own.start_date as own_start,
        own.end_date as own_end,
        own.months as own_months,
        own.months_divisor as own_months_divisor,
        case
            when own.start_date is not null then own.start_date
            else lowered.end_date - cast(round(
                cast(shares.reduction_ccy as double precision) * (lowered.end_date - lowered.start_date)
                / cast(lowered.net_ccy as double precision)
            ) as integer)
        end as tail_start,
        coalesce(
            20 * cast(shares.reduction_ccy as decimal(38, 4)) * (lowered.end_date - lowered.start_date)
            >= 19 * cast(lowered.net_ccy as decimal(38, 4)) * (own.end_date - own.start_date),
            false
        ) as takes_all_back
    from intermediate.reduction_shares as shares
    join intermediate.credit_cases as cases
        on cases.company_id = shares.company_id and cases.credit_note_id = shares.source_invoice_id
    join lines as lowered
        on lowered.company_id = shares.company_id and lowered.line_id = shares.lowered_line_id
    -- Dates that a person wrote; a rhythm found for the credit is that of what it lowers.
    left join intermediate.line_months as own
        on own.company_id = shares.company_id and own.line_id = shares.line_id
        and (
            own.period_source in ('override', 'imputation_dates')
            or (own.period_source like 'label%' and own.period_source not in ('label_cadence', 'label_bare_month'))
        )
    where shares.reduction_kind = 'credit_note' and cases.credit_case = 'partial' and lowered.net_ccy > 0

),

tails as (

    -- The tail is the unused one: dated to the end of the term, or the share of the term left on the credit note's day.
    select
        *,
        tail_start > start_date
        and case
            when own_start is not null then abs(own_end - end_date) <= 3 and takes_all_back
            else abs(tail_start - credit_note_date) * 20 <= end_date - start_date
        end
        and not exists (
            select 1
            from intermediate.recurring_lines as later
            where
                later.company_id = credits.company_id and later.customer_id = credits.customer_id
                and later.price_id = credits.price_id and later.invoice_id <> credits.invoice_id
                and later.mrr_ccy > 0 and later.start_date >= credits.tail_start
        ) as is_termination
    from credits

),

-- At the rate of the line it lowers, which holds for the line's whole life.
revalued as (

    select
        *,
        cast(round(cast(reduction_ccy as decimal(38, 6)) * 10000) as decimal(38, 0)) * cast(round(cast(net_base as decimal(38, 6)) * 10000) as decimal(38, 0)) as product,
        cast(round(cast(net_ccy as decimal(38, 6)) * 10000) as decimal(38, 0)) as divisor
    from tails

)

select
    company_id,
    customer_id,
    line_id,
    lowered_line_id,
    source_invoice_id,
    case
        when is_termination then 'early_termination'
        when own_start is not null then 'dated_credit'
        else 'discount_over_period'
    end as credit_case,
    tail_start,
    case when own_start is not null then own_start else start_date end as start_date,
    case when own_start is not null then own_end else end_date end as end_date,
    case when own_start is not null and not takes_all_back then own_months else months end as months,
    case when own_start is not null and not takes_all_back then own_months_divisor else months_divisor end as months_divisor,
    cast(case when takes_all_back then net_ccy else least(reduction_ccy, net_ccy) end as decimal(18, 6)) as reduction_ccy,
    cast(case
        when takes_all_back or reduction_ccy >= net_ccy then net_base
        when net_base = net_ccy then reduction_ccy
        else cast(sign(product) * ((2 * abs(product) + divisor) - (2 * abs(product) + divisor) % (2 * divisor)) / (2 * divisor) as bigint) * 0.0001
    end as decimal(18, 6)) as reduction_base
from revalued
