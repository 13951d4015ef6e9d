-- billing.customers: whom the company bills.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
select
    company_id,
    customer_id as original_id,
    customer_name as name,
    email,
    emails,
    country,
    zip_code,
    reference as custom_axis_reference,
    customer_type,
    reg_no,
    vat_number,
    payment_conditions,
    external_reference,
    excluded,
    deleted_at
from staging.customers
