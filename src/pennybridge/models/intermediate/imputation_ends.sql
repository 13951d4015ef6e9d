-- intermediate.imputation_ends: whether a company writes the day after a period as its end.
--
-- grain    one row per (company_id)
-- scope    all customers
-- kept     between builds: all customers' periods rest on it
--
-- Nothing says whether `imputation_dates.end_date` is the last day or the day after. A period from the 1st to the 1st
-- speaks for the day after, one from the 1st to the 30th for the last day; without a majority it is the last day.
select
    company_id,
    sum(day_after_votes) > sum(last_day_votes) as is_exclusive
from intermediate.imputation_votes
group by company_id
