-- metrics.product_months: the MRR of a customer on the last day of a month, by product and currency.
--
-- grain    one row per (company_id, customer_id, price_id, currency, month_index)
-- scope    one customer
-- amounts  MRR, four decimals; held_mrr_base is the part that waits for its renewal
-- quantity null where a line says none; unit null where lines have several
-- as of    :as_of; the month of that day is seen on that day
with spans as (

    select
        *,
        cast(extract(year from start_date) * 12 + extract(month from start_date) as integer) as first_month,
        case
            when end_date > cast(:as_of as date)
                then cast(extract(year from cast(:as_of as date)) * 12 + extract(month from cast(:as_of as date)) as integer)
            else cast(extract(year from end_date) * 12 + extract(month from end_date) as integer) - 1
        end as last_month
    from metrics.segments
    where start_date <= cast(:as_of as date) and mrr_ccy <> 0

)

select
    spans.company_id,
    spans.customer_id,
    spans.price_id,
    spans.currency,
    periods.period_index as month_index,
    cast(sum(spans.mrr_ccy) as decimal(18, 4)) as mrr_ccy,
    cast(sum(spans.mrr_base) as decimal(18, 4)) as mrr_base,
    cast(sum(case when spans.is_held and periods.snapshot_date >= spans.covered_until then spans.mrr_base else 0 end)
        as decimal(18, 4)) as held_mrr_base,
    case when min(spans.unit) = max(spans.unit) then min(spans.unit) end as unit,
    cast(case when count(spans.quantity) = count(*) then sum(spans.quantity) end as decimal(18, 6)) as quantity,
    max(spans.billed_months) as billed_months
from spans
join metrics.periods as periods
    on periods.granularity = 'month' and periods.period_index between spans.first_month and spans.last_month
group by spans.company_id, spans.customer_id, spans.price_id, spans.currency, periods.period_index
