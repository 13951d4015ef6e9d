-- staging.payments: what Pennylane lists as paid on a document: payments made through it, and matched bank transactions.
--
-- grain    one row per (company_id, invoice_id, payment_kind, payment_id)
-- scope    one customer
-- amounts  as listed; a transaction may settle several documents and appears whole on each
--
-- The two kinds show the same money twice, so they are never added together. Asked for one column first, DuckDB leaves
-- the others of most rows unread.
with listed as (

    select
        company_id,
        customer_invoice_id,
        'transaction' as payment_kind,
        id,
        label,
        date as payment_date,
        currency,
        currency_amount as listed_amount_ccy,
        amount as listed_amount_eur,
        'matched' as payment_status
    from pennylane.matched_transactions
    where deleted_at is null and customer_invoice_id in (select cast(invoice_id as bigint) from staging.documents)

    union all

    -- Payments carry no date of their own (documented); the day they were recorded stands in.
    select
        company_id,
        customer_invoice_id,
        'payment' as payment_kind,
        id,
        label,
        cast(created_at at time zone 'Europe/Paris' as date) as payment_date,
        currency,
        currency_amount as listed_amount_ccy,
        cast(null as decimal(18, 6)) as listed_amount_eur,
        status as payment_status
    from pennylane.payments
    where deleted_at is null and customer_invoice_id in (select cast(invoice_id as bigint) from staging.documents)

)

select
    invoices.company_id,
    invoices.invoice_id,
    invoices.customer_id,
    listed.payment_kind,
    cast(listed.id as text) as payment_id,
    listed.label,
    listed.payment_date,
    listed.currency,
    listed.listed_amount_ccy,
    listed.listed_amount_eur,
    listed.payment_status
from staging.documents as invoices
join listed
    on listed.company_id = invoices.company_id and listed.customer_invoice_id = cast(invoices.invoice_id as bigint)
