-- staging.invoice_lines: the lines of the documents that count, in our names.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
-- amounts  before the discount of the invoice, after the discount of the line
--
-- Asked for one column first, DuckDB leaves the others of most rows unread.
select
    lines.company_id,
    cast(lines.id as text) as line_id,
    invoices.invoice_id,
    invoices.customer_id,
    invoices.invoice_date,
    invoices.currency,
    invoices.is_credit_note,
    invoices.excluded,
    invoices.subscription_id,
    cast(lines.product_id as text) as product_id,
    lines.label,
    lines.description,
    coalesce(lines.label, '') || chr(10) || coalesce(lines.description, '') as line_text,
    lines.quantity,
    lines.unit,
    lines.vat_rate,
    lines.currency_amount_before_tax as line_excl_tax_ccy,
    lines.currency_tax as line_tax_ccy,
    lines.imputation_start_date,
    lines.imputation_end_date
from staging.invoices as invoices
join pennylane.customer_invoice_lines as lines
    on lines.company_id = invoices.company_id and lines.customer_invoice_id = cast(invoices.invoice_id as bigint)
where
    lines.deleted_at is null
    and lines.customer_invoice_id in (select cast(invoice_id as bigint) from staging.invoices)
