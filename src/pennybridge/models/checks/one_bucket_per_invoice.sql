-- one_bucket_per_invoice: an open document stands in more than one aging bucket.
--
-- scope    one customer
select company_id, invoice_id, count(*) as rows
from receivables.aging
group by company_id, invoice_id
having count(*) > 1
