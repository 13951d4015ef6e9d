-- intermediate.imputation_ends: whether a company writes the day after a period as its end.
--
-- grain    one row per (company_id)
-- scope    all customers
--
-- Nothing says whether `imputation_dates.end_date` is the last day or the day after. A period from the 1st to the 1st
-- speaks for the day after, one from the 1st to the 30th for the last day; without a majority it is the last day.
with ends as (

    select
        company_id,
        extract(day from imputation_end_date) = extract(day from imputation_start_date) as speaks_for_day_after,
        extract(day from imputation_end_date + 1) = extract(day from imputation_start_date) as speaks_for_last_day
    from staging.invoice_lines
    where imputation_end_date > imputation_start_date

)

select
    company_id,
    count(*) filter (where speaks_for_day_after) > count(*) filter (where speaks_for_last_day) as is_exclusive
from ends
group by company_id
