-- metrics.cohorts: what became of the customers of one first month, month after month.
--
-- grain    one row per (company_id, cohort_month_index, months_since); months not reached yet have no row
-- scope    all customers
-- amounts  base currency; a returning customer counts again, except in retained_mrr_base
with cells as (

    select
        company_id,
        first_month_index as cohort_month_index,
        month_index,
        count(*) filter (where mrr_base > 0) as customers,
        cast(sum(mrr_base) as decimal(18, 4)) as mrr_base,
        cast(sum(retained_mrr_base) as decimal(18, 4)) as retained_mrr_base
    from metrics.customer_months
    where month_index >= first_month_index
    group by company_id, first_month_index, month_index

),

-- In its first month every customer has MRR.
cohorts as (

    select company_id, cohort_month_index, customers as cohort_customers, mrr_base as cohort_mrr_base
    from cells
    where month_index = cohort_month_index

)

select
    cohorts.company_id,
    cohorts.cohort_month_index,
    periods.period_index - cohorts.cohort_month_index as months_since,
    births.period_start as cohort_month,
    periods.period_start as month_start,
    not periods.is_complete as is_partial,
    cohorts.cohort_customers,
    cohorts.cohort_mrr_base,
    coalesce(cells.customers, 0) as customers,
    cast(coalesce(cells.mrr_base, 0) as decimal(18, 4)) as mrr_base,
    cast(coalesce(cells.retained_mrr_base, 0) as decimal(18, 4)) as retained_mrr_base,
    cast(coalesce(cells.customers, 0) as double precision) / cohorts.cohort_customers as customer_retention,
    cast(coalesce(cells.mrr_base, 0) as double precision)
        / nullif(cast(cohorts.cohort_mrr_base as double precision), 0) as net_revenue_retention,
    cast(coalesce(cells.retained_mrr_base, 0) as double precision)
        / nullif(cast(cohorts.cohort_mrr_base as double precision), 0) as gross_revenue_retention
from cohorts
join metrics.periods as births
    on births.granularity = 'month' and births.period_index = cohorts.cohort_month_index
join metrics.periods as periods
    on periods.granularity = 'month' and periods.period_index >= cohorts.cohort_month_index
left join cells
    on cells.company_id = cohorts.company_id and cells.cohort_month_index = cohorts.cohort_month_index
    and cells.month_index = periods.period_index
