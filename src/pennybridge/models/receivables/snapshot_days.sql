-- receivables.snapshot_days: the days receivables are looked at: every month's end, and the as-of date.
--
-- grain    one row per (company_id, snapshot_date)
-- scope    all customers
-- as of    :as_of
with first_days as (

    select company_id, min(valid_from) as first_day
    from receivables.open_amounts
    group by company_id

)

select
    first_days.company_id,
    periods.snapshot_date,
    periods.period_index as month_index,
    periods.period_start as month_start,
    periods.snapshot_date = cast(:as_of as date) as is_as_of
from first_days
join metrics.periods as periods on periods.granularity = 'month' and periods.snapshot_date >= first_days.first_day
