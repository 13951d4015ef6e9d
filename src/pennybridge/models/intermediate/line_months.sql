-- intermediate.line_months: how many months a service period covers, as an exact fraction, beside the period.
--
-- grain    one row per (company_id, line_id) whose period is known
-- scope    one customer
--
-- Whole months when the end lies within a day of one (month ends clamped; the day absorbs inclusive and exclusive
-- ends). Otherwise each calendar month counts by its share of days. 28 days are not a month.
with parts as (

    select
        *,
        cast(extract(year from end_date) * 12 + extract(month from end_date)
            - extract(year from start_date) * 12 - extract(month from start_date) as integer) as months_apart,
        cast(extract(day from start_date) as integer) as start_day,
        cast(extract(day from end_date) as integer) as end_day,
        cast(extract(day from date_trunc('month', start_date) + interval '1 month' - interval '1 day') as integer) as start_month_days,
        cast(extract(day from date_trunc('month', end_date) + interval '1 month' - interval '1 day') as integer) as end_month_days
    from intermediate.line_periods

),

whole as (

    select
        *,
        case
            when months_apart >= 1
                and abs(end_date - cast(start_date + months_apart * interval '1 month' as date)) <= 1 then months_apart
            when months_apart >= 2
                and abs(end_date - cast(start_date + (months_apart - 1) * interval '1 month' as date)) <= 1 then months_apart - 1
            when abs(end_date - cast(start_date + (months_apart + 1) * interval '1 month' as date)) <= 1 then months_apart + 1
        end as whole_months
    from parts

)

select
    company_id,
    line_id,
    customer_id,
    start_date,
    end_date,
    cast(case
        when rule_months is not null then rule_months
        when whole_months is not null then whole_months
        when months_apart = 0 then end_day - start_day
        else (start_month_days - start_day + 1) * end_month_days + (months_apart - 1) * start_month_days * end_month_days
            + (end_day - 1) * start_month_days
    end as integer) as months,
    cast(case
        when rule_months is not null then rule_months_divisor
        when whole_months is not null then 1
        when months_apart = 0 then start_month_days
        else start_month_days * end_month_days
    end as integer) as months_divisor,
    period_source,
    period_confidence,
    period_evidence,
    label_disagrees
from whole
