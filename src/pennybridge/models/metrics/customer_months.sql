-- metrics.customer_months: the MRR of a customer at the end of a month, and where the customer stands in its life.
--
-- grain    one row per (company_id, customer_id, month_index) whose MRR is not zero
-- scope    one customer
-- amounts  MRR in the base currency; retained_mrr_base is the least since the first month, zero after a pause;
--          next_month_mrr_base and next_year_mrr_base are what becomes of it, zero at least
with months as (

    select
        company_id,
        customer_id,
        month_index,
        cast(sum(mrr_base) as decimal(18, 4)) as mrr_base,
        cast(sum(held_mrr_base) as decimal(18, 4)) as held_mrr_base
    from intermediate.currency_months
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
    lives.company_id,
    lives.customer_id,
    lives.month_index,
    lives.mrr_base,
    lives.held_mrr_base,
    lives.first_month_index,
    cast(case
        when lives.month_index - lives.first_seen_index + 1 = lives.month_number then lives.least_mrr_base
        else 0
    end as decimal(18, 4)) as retained_mrr_base,
    cast(greatest(coalesce(next_months.mrr_base, 0), 0) as decimal(18, 4)) as next_month_mrr_base,
    cast(greatest(coalesce(next_years.mrr_base, 0), 0) as decimal(18, 4)) as next_year_mrr_base
from lives
left join months as next_months
    on next_months.company_id = lives.company_id and next_months.customer_id = lives.customer_id
    and next_months.month_index = lives.month_index + 1
left join months as next_years
    on next_years.company_id = lives.company_id and next_years.customer_id = lives.customer_id
    and next_years.month_index = lives.month_index + 12
