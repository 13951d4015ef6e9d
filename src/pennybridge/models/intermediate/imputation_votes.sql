-- intermediate.imputation_votes: how many of a customer's imputation dates speak for each way to write an end.
--
-- grain    one row per (company_id, customer_id)
-- scope    one customer
-- kept     between builds, for intermediate.imputation_ends
with ends as (

    select
        company_id,
        customer_id,
        extract(day from imputation_end_date) = extract(day from imputation_start_date) as speaks_for_day_after,
        extract(day from imputation_end_date + 1) = extract(day from imputation_start_date) as speaks_for_last_day
    from staging.invoice_lines
    where imputation_end_date > imputation_start_date

)

select
    company_id,
    customer_id,
    count(*) filter (where speaks_for_day_after) as day_after_votes,
    count(*) filter (where speaks_for_last_day) as last_day_votes
from ends
group by company_id, customer_id
