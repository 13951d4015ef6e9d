-- metrics.buying_months: the months in which a customer bought, and the first of them.
--
-- grain    one row per (company_id, customer_id, basis, month_index)
-- scope    one customer
-- amounts  base currency, tax excluded, credit notes deducted
--
-- On the basis of documents a credit note counts as a month of dealing with the customer; on that of invoices it does
-- not. Documents without a customer are left out.
with months as (

    select
        company_id,
        customer_id,
        month_index,
        sum(revenue_base) as revenue,
        sum(invoiced_lines) as invoiced_lines
    from metrics.revenue
    where customer_id <> '0'
    group by company_id, customer_id, month_index

),

active_months as (

    select company_id, customer_id, 'documents' as basis, month_index, revenue
    from months

    union all

    select company_id, customer_id, 'invoices' as basis, month_index, revenue
    from months
    where invoiced_lines > 0

)

select
    company_id,
    customer_id,
    basis,
    month_index,
    min(month_index) over (partition by company_id, customer_id, basis) as cohort_month_index,
    cast(revenue as decimal(18, 4)) as revenue_base
from active_months
