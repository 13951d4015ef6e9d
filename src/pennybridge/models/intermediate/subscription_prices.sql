-- intermediate.subscription_prices: what each billing subscription bills, by the price its invoice lines will point at.
--
-- grain    one row per (company_id, subscription_id, price_id)
-- scope    one customer
select
    lines.company_id,
    lines.subscription_id,
    lines.customer_id,
    coalesce(lines.product_id, 'label-' || md5(readings.stem)) as price_id,
    min(lines.subscription_line_id) as subscription_line_id
from staging.subscription_lines as lines
join intermediate.label_readings as readings on readings.line_text = lines.line_text
group by lines.company_id, lines.subscription_id, lines.customer_id, coalesce(lines.product_id, 'label-' || md5(readings.stem))
