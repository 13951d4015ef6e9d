-- metrics.price_months: the MRR of a customer at the end of a month, by product.
--
-- grain    one row per (company_id, customer_id, price_id, month_index) whose MRR is not zero
-- scope    one customer
-- amounts  base currency, four decimals
select
    company_id,
    customer_id,
    price_id,
    month_index,
    cast(sum(mrr_base) as decimal(18, 4)) as mrr_base
from metrics.product_months
group by company_id, customer_id, price_id, month_index
having sum(mrr_base) <> 0
