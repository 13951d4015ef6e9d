-- receivables.monthly_sales: what was invoiced in a month, tax included, credit notes deducted.
--
-- grain    one row per (company_id, month_index), also where nothing was sold
-- scope    all customers
-- amounts  euros; days are those of the month, up to the as-of date
-- as of    :as_of
with sales as (

    select
        company_id,
        cast(extract(year from date) * 12 + extract(month from date) as integer) as month_index,
        sum(total_incl_tax_eur) as sales
    from billing.invoices
    where not excluded
    group by company_id, cast(extract(year from date) * 12 + extract(month from date) as integer)

)

select
    days.company_id,
    days.month_index,
    days.month_start,
    cast(days.snapshot_date - days.month_start as integer) + 1 as days,
    cast(coalesce(sales.sales, 0) as decimal(18, 6)) as sales_incl_tax_eur
from receivables.snapshot_days as days
left join sales on sales.company_id = days.company_id and sales.month_index = days.month_index
