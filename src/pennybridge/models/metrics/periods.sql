-- metrics.periods: the months, quarters and years up to the as-of date, with the month whose snapshot speaks for each.
--
-- grain    one row per (granularity, period_index); indexes count up by one
-- scope    all customers
-- as of    :as_of; the last period ends on that day and is not complete before its own last day
with months as (

    select
        month_index,
        month_start,
        month_end,
        month_index = cast(extract(year from cast(:as_of as date)) * 12 + extract(month from cast(:as_of as date)) as integer) as is_last
    from metrics.calendar
    where month_start <= cast(:as_of as date)

)

select
    'month' as granularity,
    month_index as period_index,
    month_start as period_start,
    month_end as period_end,
    month_index as snapshot_month,
    least(month_end, cast(:as_of as date)) as snapshot_date,
    month_end <= cast(:as_of as date) as is_complete
from months

union all

select
    'quarter' as granularity,
    cast((month_index - 1 - (month_index - 1) % 3) / 3 as integer) as period_index,
    cast(date_trunc('quarter', month_start) as date) as period_start,
    cast(date_trunc('quarter', month_start) + interval '3 months' - interval '1 day' as date) as period_end,
    month_index as snapshot_month,
    least(month_end, cast(:as_of as date)) as snapshot_date,
    cast(date_trunc('quarter', month_start) + interval '3 months' - interval '1 day' as date) <= cast(:as_of as date) as is_complete
from months
where is_last or extract(month from month_start) in (3, 6, 9, 12)

union all

select
    'year' as granularity,
    cast(extract(year from month_start) as integer) as period_index,
    cast(date_trunc('year', month_start) as date) as period_start,
    cast(date_trunc('year', month_start) + interval '1 year' - interval '1 day' as date) as period_end,
    month_index as snapshot_month,
    least(month_end, cast(:as_of as date)) as snapshot_date,
    cast(date_trunc('year', month_start) + interval '1 year' - interval '1 day' as date) <= cast(:as_of as date) as is_complete
from months
where is_last or extract(month from month_start) = 12
