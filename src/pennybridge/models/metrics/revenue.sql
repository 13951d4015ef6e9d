-- metrics.revenue: what was invoiced in a month, credit notes deducted, by customer and product.
--
-- grain    one row per (company_id, customer_id, price_id, recurrence, month_index)
-- scope    one customer
-- amounts  base currency, tax excluded, after every discount, by invoice date
select
    company_id,
    customer_id,
    price_id,
    recurrence,
    cast(extract(year from invoice_date) * 12 + extract(month from invoice_date) as integer) as month_index,
    cast(date_trunc('month', invoice_date) as date) as month_start,
    cast(sum(amount_excluding_tax_after_discount_base) as decimal(18, 4)) as revenue_base,
    cast(sum(case when is_credit_note then 0 else amount_excluding_tax_after_discount_base end) as decimal(18, 4)) as invoiced_base,
    cast(sum(case when is_credit_note then amount_excluding_tax_after_discount_base else 0 end) as decimal(18, 4)) as credited_base,
    count(*) as lines,
    count(*) filter (where not is_credit_note) as invoiced_lines
from billing.invoice_lines
where not excluded
group by
    company_id, customer_id, price_id, recurrence,
    cast(extract(year from invoice_date) * 12 + extract(month from invoice_date) as integer),
    cast(date_trunc('month', invoice_date) as date)
