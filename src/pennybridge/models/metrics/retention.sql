-- metrics.retention: how much of the MRR of the customers of then is left now, over one and over twelve months.
--
-- grain    one row per (company_id, month_index, months_back); months_back is 1 or 12
-- scope    all customers
-- units    rates are shares of one; a denominator of zero gives null
--
-- Point to point, per customer: those who came in between do not count, those who left and came back do. Gross
-- retention takes the lesser of then and now for each customer, so that one's growth never hides another's loss.
with pairs as (

    select company_id, month_index + 1 as month_index, 1 as months_back, mrr_base as start_mrr, next_month_mrr_base as end_mrr
    from metrics.customer_months
    where mrr_base > 0

    union all

    select company_id, month_index + 12 as month_index, 12 as months_back, mrr_base as start_mrr, next_year_mrr_base as end_mrr
    from metrics.customer_months
    where mrr_base > 0

),

sums as (

    select
        company_id,
        month_index,
        months_back,
        count(*) as start_customers,
        count(*) filter (where end_mrr = 0) as lost_customers,
        cast(sum(start_mrr) as decimal(18, 4)) as start_mrr_base,
        cast(sum(end_mrr) as decimal(18, 4)) as kept_mrr_base,
        cast(sum(least(start_mrr, end_mrr)) as decimal(18, 4)) as kept_without_growth_base,
        cast(sum(case when end_mrr = 0 then start_mrr else 0 end) as decimal(18, 4)) as lost_mrr_base
    from pairs
    group by company_id, month_index, months_back

)

select
    sums.company_id,
    sums.month_index,
    sums.months_back,
    periods.period_start as month_start,
    sums.start_customers,
    sums.lost_customers,
    sums.start_mrr_base,
    sums.kept_mrr_base,
    sums.kept_without_growth_base,
    sums.lost_mrr_base,
    cast(sums.kept_mrr_base as double precision) / nullif(cast(sums.start_mrr_base as double precision), 0) as nrr,
    cast(sums.kept_without_growth_base as double precision) / nullif(cast(sums.start_mrr_base as double precision), 0) as grr,
    cast(sums.lost_customers as double precision) / nullif(sums.start_customers, 0) as customer_churn_rate
from sums
join metrics.periods as periods
    on periods.granularity = 'month' and periods.period_index = sums.month_index
