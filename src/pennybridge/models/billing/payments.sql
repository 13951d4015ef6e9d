-- billing.payments: what Pennylane lists as paid on each document, by the as-of date.
--
-- grain    one row per (company_id, invoice_id, payment_kind, original_id)
-- scope    one customer
-- amounts  as listed; a transaction that settles several documents appears whole on each
-- as of    :as_of; only what is dated by then
--
-- Payments and transactions show the same money twice: never add them. What an invoice has been paid stands in
-- billing.invoices; what a transaction settled of it in receivables.settlements.
select
    company_id,
    payment_id as original_id,
    invoice_id,
    customer_id,
    payment_kind,
    payment_date as date,
    label,
    currency as currency_code,
    listed_amount_ccy as amount,
    listed_amount_eur as amount_eur,
    payment_status as status
from staging.payments
where payment_date <= cast(:as_of as date)
