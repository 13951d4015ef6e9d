-- metrics.customer_months: the MRR of a customer at the end of a month, and where the customer stands in its life.
--
-- grain    one row per (company_id, customer_id, month_index) whose MRR is not zero
-- scope    one customer
-- amounts  MRR in the base currency; retained_mrr_base is the least since the first month, zero after a pause
with months as (

    select
        company_id,
        customer_id,
        month_index,
        cast(sum(mrr_base) as decimal(18, 4)) as mrr_base,
        cast(sum(held_mrr_base) as decimal(18, 4)) as held_mrr_base
    from metrics.currency_months
    group by company_id, customer_id, month_index
    having sum(mrr_base) <> 0

),

lives as (

    select
        *,
        min(case when mrr_base > 0 then month_index end) over (partition by company_id, customer_id) as first_month_index,
        row_number() over (partition by company_id, customer_id order by month_index) as month_number,
        min(month_index) over (partition by company_id, customer_id) as first_seen_index,
        min(mrr_base) over (
            partition by company_id, customer_id order by month_index rows between unbounded preceding and current row
        ) as least_mrr_base
    from months

)

select
    company_id,
    customer_id,
    month_index,
    mrr_base,
    held_mrr_base,
    first_month_index,
    cast(case
        when month_index - first_seen_index + 1 = month_number then least_mrr_base
        else 0
    end as decimal(18, 4)) as retained_mrr_base
from lives
