-- staging.invoices: what the documents of the books on the as-of date say that no payment changes.
--
-- grain    one row per (company_id, invoice_id)
-- scope    one customer
-- amounts  signed as in the books: a credit note's are negative
-- as of    :as_of; a document of that day counts
-- kept     a build that finds the rows as they were leaves alone what is made from lines: a payment moves no MRR
--
-- What payments do change, such as the status, is asked of staging.documents.
select
    company_id,
    invoice_id,
    customer_id,
    invoice_number,
    invoice_date,
    due_date,
    due_date_assumed,
    currency,
    total_incl_tax_ccy,
    total_excl_tax_ccy,
    tax_ccy,
    total_incl_tax_eur,
    tax_eur,
    has_discount,
    is_credit_note,
    status = 'cancelled' as is_cancelled,
    credited_invoice_id,
    subscription_id,
    lines_complete,
    excluded
from staging.documents
where invoice_date <= cast(:as_of as date)
