-- billing.invoices: the customer invoices and credit notes that count, as of the as-of date.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
-- amounts  signed as in the books; _ccy in the document's currency, _base in the company's, open and paid in euros
-- as of    :as_of; open and paid amounts are rebuilt from what is dated by that day
-- checks   billing_equals_pennylane, lines_add_up_to_invoices
select
    invoices.company_id,
    invoices.invoice_id as original_id,
    invoices.customer_id,
    invoices.invoice_number,
    documents.status,
    invoices.invoice_date as date,
    invoices.due_date,
    invoices.due_date_assumed,
    invoices.is_credit_note,
    invoices.credited_invoice_id,
    invoices.subscription_id,
    invoices.currency as currency_code,
    invoices.total_incl_tax_ccy,
    invoices.total_excl_tax_ccy,
    invoices.tax_ccy,
    invoices.total_incl_tax_eur,
    cast(invoices.total_incl_tax_eur - invoices.tax_eur as decimal(18, 6)) as total_excl_tax_eur,
    invoices.tax_eur,
    rates.base_currency,
    rates.base_rate,
    rates.rate_source,
    rates.total_incl_tax_base,
    cast(rates.total_incl_tax_base - rates.tax_base as decimal(18, 6)) as total_excl_tax_base,
    rates.tax_base,
    cast(invoices.total_incl_tax_eur - coalesce(amounts.open_amount_eur, 0) as decimal(18, 6)) as paid_amount_eur,
    cast(coalesce(amounts.open_amount_eur, 0) as decimal(18, 6)) as open_amount_eur,
    documents.external_reference,
    documents.filename as pdf_reference,
    invoices.lines_complete,
    invoices.excluded
from staging.invoices as invoices
join staging.documents as documents
    on documents.company_id = invoices.company_id and documents.invoice_id = invoices.invoice_id
join intermediate.invoice_rates as rates
    on rates.company_id = invoices.company_id and rates.invoice_id = invoices.invoice_id
left join receivables.open_amounts as amounts
    on amounts.company_id = invoices.company_id and amounts.invoice_id = invoices.invoice_id and amounts.is_current
