-- staging.invoices: the customer invoices and credit notes that the books held on the as-of date.
--
-- grain    one row per (company_id, invoice_id)
-- scope    one customer
-- amounts  signed as in the books: a credit note's are negative
-- as of    :as_of; a document of that day counts
select *
from staging.documents
where invoice_date <= cast(:as_of as date)
