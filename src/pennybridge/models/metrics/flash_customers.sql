-- metrics.flash_customers: customers who came and went within one month, so that no snapshot ever saw them.
--
-- grain    one row per (company_id, customer_id, month_index)
-- scope    one customer
-- amounts  base currency; the most that was sold by the month in between
-- as of    :as_of
with passing as (

    select
        company_id,
        customer_id,
        cast(extract(year from start_date) * 12 + extract(month from start_date) as integer) as month_index,
        sum(mrr_base) as mrr
    from metrics.segments
    where
        end_date <= cast(:as_of as date)
        and date_trunc('month', start_date) = date_trunc('month', end_date)
    group by company_id, customer_id, cast(extract(year from start_date) * 12 + extract(month from start_date) as integer)
    having sum(mrr_base) > 0

)

select
    passing.company_id,
    passing.customer_id,
    passing.month_index,
    cast(passing.mrr as decimal(18, 4)) as mrr_base
from passing
left join metrics.customer_months as months
    on months.company_id = passing.company_id and months.customer_id = passing.customer_id
    and months.month_index in (passing.month_index - 1, passing.month_index)
where months.company_id is null
