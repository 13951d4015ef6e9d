-- metrics.segments: the pieces that MRR is made of, each an invoice line over the days it counts.
--
-- grain    one row per (company_id, segment_id)
-- scope    one customer
-- amounts  MRR, four decimals; credits and discounts are negative
-- quantity that of the line; none is taken back by a discount, and what a dated credit takes back is not known
-- days     a segment counts on a day from start_date up to, and without, end_date; held from covered_until on
with turns as (

    select company_id, lowered_line_id, start_date as first_day from intermediate.reductions as lowering
    union
    select company_id, lowered_line_id, end_date as first_day from intermediate.reductions as lowering
    union
    select company_id, lowered_line_id, line_start as first_day from intermediate.reductions as lowering
    union
    select company_id, lowered_line_id, line_end as first_day from intermediate.reductions as lowering

),

spans as (

    select *, lead(first_day) over (partition by company_id, lowered_line_id order by first_day) as next_day
    from turns

),

-- Together, reductions take no more back than there is; a ten-thousandth that rounding leaves goes too.
limits as (

    select
        spans.company_id, spans.lowered_line_id, spans.first_day, spans.next_day, lowering.customer_id, lowering.invoice_id,
        lowering.price_id, lowering.currency, lowering.unit, lowering.billed_months, lowering.covered_until, lowering.held_until,
        lowering.is_held and spans.next_day = lowering.line_end as is_held,
        case when spans.first_day >= lowering.line_start and spans.first_day < lowering.line_end then lowering.line_ccy else 0 end + sum(lowering.mrr_ccy) as left_ccy,
        case when spans.first_day >= lowering.line_start and spans.first_day < lowering.line_end then lowering.line_base else 0 end + sum(lowering.mrr_base) as left_base,
        count(*) as reductions
    from spans
    join intermediate.reductions as lowering
        on lowering.company_id = spans.company_id and lowering.lowered_line_id = spans.lowered_line_id
        and lowering.start_date <= spans.first_day and lowering.end_date >= spans.next_day
    where spans.next_day > spans.first_day
    group by
        spans.company_id, spans.lowered_line_id, spans.first_day, spans.next_day, lowering.customer_id, lowering.invoice_id,
        lowering.price_id, lowering.currency, lowering.unit, lowering.billed_months, lowering.covered_until, lowering.held_until,
        lowering.is_held, lowering.line_start, lowering.line_end, lowering.line_ccy, lowering.line_base

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
    company_id,
    line_id || '-' || lowered_line_id as segment_id,
    line_id,
    source_invoice_id as invoice_id,
    customer_id,
    price_id,
    currency,
    rule as segment_rule,
    start_date,
    end_date,
    case when end_date = line_end then covered_until else end_date end as covered_until,
    is_held and end_date = line_end as is_held,
    case when end_date = line_end then held_until end as held_until,
    mrr_ccy,
    mrr_base,
    unit,
    cast(case when rule <> 'dated_credit' then 0 end as decimal(18, 6)) as quantity,
    billed_months
from intermediate.reductions as lowering

union all

select
    company_id,
    lowered_line_id || '-' || cast(first_day as text) as segment_id,
    lowered_line_id as line_id,
    invoice_id,
    customer_id,
    price_id,
    currency,
    'no_more_than_there_is' as segment_rule,
    first_day as start_date,
    next_day as end_date,
    case when is_held then covered_until else next_day end as covered_until,
    is_held,
    case when is_held then held_until end as held_until,
    cast(-left_ccy as decimal(18, 4)) as mrr_ccy,
    cast(-left_base as decimal(18, 4)) as mrr_base,
    unit,
    cast(0 as decimal(18, 6)) as quantity,
    billed_months
from limits
where left_ccy <> 0 and left_ccy <= 0.0001 * reductions
