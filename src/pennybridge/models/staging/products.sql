-- staging.products: the product catalog, in our names.
--
-- grain    one row per (company_id, product_id)
-- scope    all customers
select
    company_id,
    cast(id as text) as product_id,
    label as product_name,
    price_before_tax as price_excl_tax_ccy,
    currency,
    unit,
    vat_rate,
    reference,
    archived_at,
    deleted_at
from pennylane.products
