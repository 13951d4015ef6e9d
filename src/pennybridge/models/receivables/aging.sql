-- receivables.aging: open documents by how late they are.
--
-- grain    one row per (company_id, invoice_id) whose open amount is not zero
-- scope    one customer
-- amounts  open_amount_eur, tax included; negative for credit notes and overpaid invoices, which are unapplied
-- as of    :as_of; an invoice is not late on its due date, and what is unapplied never is
-- checks   aging_adds_up_to_open_amounts, one_bucket_per_invoice
with open_documents as (

    select
        amounts.company_id,
        amounts.customer_id,
        amounts.invoice_id,
        amounts.open_amount_eur,
        invoices.invoice_number,
        invoices.invoice_date,
        invoices.due_date,
        invoices.due_date_assumed,
        invoices.is_credit_note,
        invoices.total_incl_tax_eur,
        documents.e_invoicing_status,
        cast(cast(:as_of as date) - invoices.due_date as integer) as days_late
    from receivables.open_amounts as amounts
    join staging.invoices as invoices
        on invoices.company_id = amounts.company_id and invoices.invoice_id = amounts.invoice_id
    join staging.documents as documents
        on documents.company_id = amounts.company_id and documents.invoice_id = amounts.invoice_id
    where amounts.is_current and amounts.open_amount_eur <> 0 and not invoices.excluded

)

select
    company_id,
    customer_id,
    invoice_id,
    invoice_number,
    invoice_date,
    due_date,
    due_date_assumed,
    is_credit_note,
    total_incl_tax_eur,
    open_amount_eur,
    case when open_amount_eur < 0 then 0 else greatest(days_late, 0) end as days_late,
    case
        when open_amount_eur < 0 then 'unapplied'
        when days_late <= 0 then 'not_due'
        when days_late <= 30 then '1_30'
        when days_late <= 60 then '31_60'
        when days_late <= 90 then '61_90'
        else 'over_90'
    end as aging_bucket,
    e_invoicing_status
from open_documents
