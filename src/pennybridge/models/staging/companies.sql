-- staging.companies: the companies whose books are here, with the currency their reports speak.
--
-- grain    one row per (company_id)
-- scope    all customers
select
    company_id,
    name as company_name,
    base_currency
from pennylane.companies
