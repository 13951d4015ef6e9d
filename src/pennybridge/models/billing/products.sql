-- billing.products: what the company sells by its own catalog.
--
-- grain    one row per (company_id, original_id)
-- scope    all customers
select
    company_id,
    product_id as original_id,
    product_name as name,
    unit,
    vat_rate,
    reference,
    archived_at,
    deleted_at
from staging.products
