-- metrics.purchase_cohorts: customers of one first month of buying, and how many bought again, month after month.
--
-- grain    one row per (company_id, basis, cohort_month_index, months_since); months not reached yet have no row
-- scope    all customers
-- amounts  base currency, tax excluded, credit notes deducted
--
-- For companies that sell without subscriptions; metrics.buying_months says what makes a month count.
with cells as (

    select
        company_id,
        basis,
        cohort_month_index,
        month_index,
        count(*) as customers,
        sum(revenue_base) as revenue
    from metrics.buying_months
    group by company_id, basis, cohort_month_index, month_index

),

sizes as (

    select company_id, basis, cohort_month_index, customers as cohort_customers
    from cells
    where month_index = cohort_month_index

)

select
    sizes.company_id,
    sizes.basis,
    sizes.cohort_month_index,
    periods.period_index - sizes.cohort_month_index as months_since,
    births.period_start as cohort_month,
    periods.period_start as month_start,
    sizes.cohort_customers,
    coalesce(cells.customers, 0) as customers,
    cast(coalesce(cells.revenue, 0) as decimal(18, 4)) as revenue_base,
    cast(coalesce(cells.customers, 0) as double precision) / sizes.cohort_customers as customer_retention
from sizes
join metrics.periods as births
    on births.granularity = 'month' and births.period_index = sizes.cohort_month_index
join metrics.periods as periods
    on periods.granularity = 'month' and periods.period_index >= sizes.cohort_month_index
left join cells
    on cells.company_id = sizes.company_id and cells.basis = sizes.basis
    and cells.cohort_month_index = sizes.cohort_month_index and cells.month_index = periods.period_index
