-- metrics.price_months: the MRR of a customer at the end of a month, by product.
--
-- grain    one row per (company_id, customer_id, price_id, month_index) whose MRR is not zero
-- scope    one customer
-- amounts  base currency, four decimals; mrr_ccy in the currency, null where there are several
-- quantity null where it is not known; unit null where there are several
select
    company_id,
    customer_id,
    price_id,
    month_index,
    cast(sum(mrr_base) as decimal(18, 4)) as mrr_base,
    case when count(*) = 1 then min(currency) end as currency,
    cast(case when count(*) = 1 then sum(mrr_ccy) end as decimal(18, 4)) as mrr_ccy,
    case when count(unit) = count(*) and min(unit) = max(unit) then min(unit) end as unit,
    cast(case when count(quantity) = count(*) then sum(quantity) end as decimal(18, 6)) as quantity,
    max(billed_months) as billed_months
from metrics.product_months
group by company_id, customer_id, price_id, month_index
having sum(mrr_base) <> 0
