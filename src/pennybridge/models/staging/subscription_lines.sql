-- staging.subscription_lines: what each billing subscription bills at every occurrence.
--
-- grain    one row per (company_id, subscription_line_id)
-- scope    one customer
select
    lines.company_id,
    cast(lines.id as text) as subscription_line_id,
    subscriptions.subscription_id,
    subscriptions.customer_id,
    cast(lines.product_id as text) as product_id,
    lines.label,
    coalesce(lines.label, '') || chr(10) || coalesce(lines.description, '') as line_text,
    lines.currency_amount_before_tax as line_excl_tax_ccy,
    subscriptions.currency
from staging.subscriptions as subscriptions
join pennylane.billing_subscription_lines as lines
    on lines.company_id = subscriptions.company_id
    and lines.billing_subscription_id = cast(subscriptions.subscription_id as bigint)
where lines.deleted_at is null
