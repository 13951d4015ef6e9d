-- intermediate.reductions: what discounts and partial credit notes take off a recurring line, and on which days.
--
-- grain    one row per (company_id, line_id, lowered_line_id); line_id is the line that lowers
-- scope    one customer
-- amounts  MRR, four decimals, negative
-- days     from start_date up to, and without, end_date; a dated credit up to the end of a line goes on with it
with lowered as (

    -- Discount lines and undated credits run as long as the line they lower.
    select
        shares.company_id,
        shares.customer_id,
        shares.line_id,
        shares.lowered_line_id,
        shares.source_invoice_id,
        'discount' as rule,
        null as start_date,
        null as end_date,
        lines.months,
        lines.months_divisor,
        shares.reduction_ccy,
        shares.reduction_base
    from intermediate.reduction_shares as shares
    join intermediate.recurring_lines as lines
        on lines.company_id = shares.company_id and lines.line_id = shares.lowered_line_id
    where shares.reduction_kind = 'discount'

    union all

    select
        company_id, customer_id, line_id, lowered_line_id, source_invoice_id, credit_case as rule,
        case when credit_case = 'dated_credit' then start_date end as start_date,
        case when credit_case = 'dated_credit' then end_date end as end_date,
        months, months_divisor, reduction_ccy, reduction_base
    from intermediate.partial_credits
    where credit_case <> 'early_termination'

),

amounts as (

    select
        *,
        cast(round(cast(reduction_ccy as decimal(38, 6)) * 10000) as decimal(38, 0)) * cast(months_divisor as decimal(9, 0)) as ccy,
        cast(round(cast(reduction_base as decimal(38, 6)) * 10000) as decimal(38, 0)) * cast(months_divisor as decimal(9, 0)) as base,
        cast(months as decimal(38, 0)) as divisor
    from lowered

)

select
    amounts.company_id, amounts.customer_id, amounts.line_id, amounts.lowered_line_id,
    amounts.source_invoice_id, amounts.rule, lines.invoice_id, lines.price_id, lines.currency,
    lines.unit, lines.billed_months, lines.mrr_ccy as line_ccy, lines.mrr_base as line_base,
    continuity.start_date as line_start, continuity.end_date as line_end, continuity.covered_until,
    continuity.is_held, continuity.held_until,
    coalesce(amounts.start_date, continuity.start_date) as start_date,
    case
        when amounts.end_date is null or amounts.end_date between continuity.covered_until - 3 and continuity.end_date then continuity.end_date
        else amounts.end_date
    end as end_date,
    cast(cast(sign(-ccy) * ((2 * abs(ccy) + divisor - (2 * abs(ccy) + divisor) % (2 * divisor)) / (2 * divisor)) as bigint)
        * 0.0001 as decimal(18, 4)) as mrr_ccy,
    cast(cast(sign(-base) * ((2 * abs(base) + divisor - (2 * abs(base) + divisor) % (2 * divisor)) / (2 * divisor)) as bigint)
        * 0.0001 as decimal(18, 4)) as mrr_base
from amounts
join intermediate.standing_lines as lines
    on lines.company_id = amounts.company_id and lines.line_id = amounts.lowered_line_id
join intermediate.continuity as continuity
    on continuity.company_id = lines.company_id and continuity.line_id = lines.line_id
