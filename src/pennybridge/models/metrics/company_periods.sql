-- metrics.company_periods: the periods that a company's MRR has lived through, from its first month to the as-of date.
--
-- grain    one row per (company_id, granularity, period_index)
-- scope    all customers
with first_months as (

    select company_id, min(month_index) as first_month
    from metrics.customer_months
    group by company_id

)

select
    first_months.company_id,
    periods.granularity,
    periods.period_index,
    periods.period_start,
    periods.period_end,
    periods.snapshot_date,
    periods.snapshot_month,
    periods.is_complete
from first_months
join metrics.periods as periods on periods.snapshot_month >= first_months.first_month
