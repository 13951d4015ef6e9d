-- intermediate.currency_months: the MRR of a customer at the end of a month, by currency.
--
-- grain    one row per (company_id, customer_id, currency, month_index)
-- scope    one customer
-- amounts  MRR, four decimals
select
    company_id,
    customer_id,
    currency,
    month_index,
    cast(sum(mrr_ccy) as decimal(18, 4)) as mrr_ccy,
    cast(sum(mrr_base) as decimal(18, 4)) as mrr_base,
    cast(sum(held_mrr_base) as decimal(18, 4)) as held_mrr_base
from metrics.product_months
group by company_id, customer_id, currency, month_index
