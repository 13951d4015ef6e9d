-- staging.customers: whom the companies bill, in our names; deleted ones stay and are marked.
--
-- grain    one row per (company_id, customer_id)
-- scope    one customer
select
    customers.company_id,
    cast(customers.id as text) as customer_id,
    customers.name as customer_name,
    customers.customer_type,
    customers.emails,
    nullif(split_part(customers.emails, ', ', 1), '') as email,
    coalesce(customers.billing_country, customers.delivery_country) as country,
    coalesce(customers.billing_postal_code, customers.delivery_postal_code) as zip_code,
    customers.reference,
    customers.external_reference,
    customers.reg_no,
    customers.vat_number,
    customers.payment_conditions,
    exclusions.customer_id is not null as excluded,
    customers.deleted_at
from pennylane.customers as customers
join build.scope as scope
    on scope.company_id = customers.company_id and scope.landing_id = customers.id
left join pennylane.exclusions as exclusions
    on exclusions.company_id = customers.company_id and exclusions.customer_id = customers.id
