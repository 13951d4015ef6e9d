-- metrics.retention: how much of the MRR of the customers of then is left now, over one and over twelve months.
--
-- grain    one row per (company_id, month_index, months_back); months_back is 1 or 12
-- scope    all customers
-- units    rates are shares of one; a denominator of zero gives null
--
-- Point to point, per customer: those who came in between do not count, those who left and came back do. Gross
-- retention takes the lesser of then and now for each customer, so that one's growth never hides another's loss.
with months as (

    select
        company_id,
        month_index,
        count(*) as customers,
        sum(mrr_base) as mrr,
        count(*) filter (where next_month_mrr_base = 0) as lost_in_month,
        sum(next_month_mrr_base) as kept_for_month,
        sum(least(mrr_base, next_month_mrr_base)) as kept_for_month_without_growth,
        sum(case when next_month_mrr_base = 0 then mrr_base else 0 end) as lost_mrr_in_month,
        count(*) filter (where next_year_mrr_base = 0) as lost_in_year,
        sum(next_year_mrr_base) as kept_for_year,
        sum(least(mrr_base, next_year_mrr_base)) as kept_for_year_without_growth,
        sum(case when next_year_mrr_base = 0 then mrr_base else 0 end) as lost_mrr_in_year
    from metrics.customer_months
    where mrr_base > 0
    group by company_id, month_index

),

sums as (

    select
        company_id, month_index + 1 as month_index, 1 as months_back, customers as start_customers, mrr as start_mrr,
        lost_in_month as lost_customers, kept_for_month as kept_mrr,
        kept_for_month_without_growth as kept_without_growth, lost_mrr_in_month as lost_mrr
    from months

    union all

    select
        company_id, month_index + 12 as month_index, 12 as months_back, customers as start_customers, mrr as start_mrr,
        lost_in_year as lost_customers, kept_for_year as kept_mrr,
        kept_for_year_without_growth as kept_without_growth, lost_mrr_in_year as lost_mrr
    from months

)

select
    sums.company_id,
    sums.month_index,
    sums.months_back,
    periods.period_start as month_start,
    sums.start_customers,
    sums.lost_customers,
    cast(sums.start_mrr as decimal(18, 4)) as start_mrr_base,
    cast(sums.kept_mrr as decimal(18, 4)) as kept_mrr_base,
    cast(sums.kept_without_growth as decimal(18, 4)) as kept_without_growth_base,
    cast(sums.lost_mrr as decimal(18, 4)) as lost_mrr_base,
    cast(sums.kept_mrr as double precision) / nullif(cast(sums.start_mrr as double precision), 0) as nrr,
    cast(sums.kept_without_growth as double precision) / nullif(cast(sums.start_mrr as double precision), 0) as grr,
    cast(sums.lost_customers as double precision) / nullif(sums.start_customers, 0) as customer_churn_rate
from sums
join metrics.periods as periods
    on periods.granularity = 'month' and periods.period_index = sums.month_index
