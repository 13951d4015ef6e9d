-- metrics.segments: the pieces that MRR is made of, each an invoice line over the days it counts.
--
-- grain    one row per (company_id, segment_id)
-- scope    one customer
-- amounts  MRR, four decimals; credits and discounts are negative
-- quantity that of the line; none is taken back by a discount, and what a dated credit takes back is not known
-- days     a segment counts on a day from start_date up to, and without, end_date; held from covered_until on
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

reductions as (

    select
        *,
        cast(round(cast(reduction_ccy as decimal(38, 6)) * 10000) as decimal(38, 0)) * cast(months_divisor as decimal(9, 0)) as ccy,
        cast(round(cast(reduction_base as decimal(38, 6)) * 10000) as decimal(38, 0)) * cast(months_divisor as decimal(9, 0)) as base,
        cast(months as decimal(38, 0)) as divisor
    from lowered

)

select
    lines.company_id,
    lines.line_id as segment_id,
    lines.line_id,
    lines.invoice_id,
    lines.customer_id,
    lines.price_id,
    lines.currency,
    lines.recurrence_rule as segment_rule,
    continuity.start_date,
    continuity.end_date,
    continuity.covered_until,
    continuity.is_held,
    continuity.held_until,
    cast(lines.mrr_ccy as decimal(18, 4)) as mrr_ccy,
    cast(lines.mrr_base as decimal(18, 4)) as mrr_base,
    lines.unit,
    lines.quantity,
    lines.billed_months
from intermediate.standing_lines as lines
join intermediate.continuity as continuity
    on continuity.company_id = lines.company_id and continuity.line_id = lines.line_id

union all

select
    reductions.company_id,
    reductions.line_id || '-' || reductions.lowered_line_id as segment_id,
    reductions.line_id,
    reductions.source_invoice_id as invoice_id,
    reductions.customer_id,
    lines.price_id,
    lines.currency,
    reductions.rule as segment_rule,
    coalesce(reductions.start_date, continuity.start_date) as start_date,
    coalesce(reductions.end_date, continuity.end_date) as end_date,
    coalesce(reductions.end_date, continuity.covered_until) as covered_until,
    continuity.is_held and reductions.end_date is null as is_held,
    case when reductions.end_date is null then continuity.held_until end as held_until,
    cast(cast(sign(-ccy) * ((2 * abs(ccy) + divisor - (2 * abs(ccy) + divisor) % (2 * divisor)) / (2 * divisor)) as bigint)
        * 0.0001 as decimal(18, 4)) as mrr_ccy,
    cast(cast(sign(-base) * ((2 * abs(base) + divisor - (2 * abs(base) + divisor) % (2 * divisor)) / (2 * divisor)) as bigint)
        * 0.0001 as decimal(18, 4)) as mrr_base,
    lines.unit,
    cast(case when reductions.rule <> 'dated_credit' then 0 end as decimal(18, 6)) as quantity,
    lines.billed_months
from reductions
join intermediate.standing_lines as lines
    on lines.company_id = reductions.company_id and lines.line_id = reductions.lowered_line_id
join intermediate.continuity as continuity
    on continuity.company_id = lines.company_id and continuity.line_id = lines.line_id
