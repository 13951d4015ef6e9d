-- billing_equals_pennylane: the totals of the billing model are not those of the books.
--
-- scope    all customers
with ours as (

    select company_id, count(*) as documents, sum(total_incl_tax_eur) as total
    from billing.invoices
    group by company_id

),

theirs as (

    select company_id, count(*) as documents, sum(amount) as total
    from pennylane.customer_invoices
    where deleted_at is null and not draft and date <= cast(:as_of as date)
        and (
            status in ('upcoming', 'late', 'paid', 'partially_paid', 'partially_cancelled', 'cancelled', 'credit_note')
            or (status = 'archived' and invoice_number is not null)
        )
    group by company_id

)

select theirs.company_id, theirs.documents, ours.documents as our_documents, theirs.total, ours.total as our_total
from theirs
left join ours on ours.company_id = theirs.company_id
where theirs.documents <> coalesce(ours.documents, 0) or theirs.total <> coalesce(ours.total, 0)
