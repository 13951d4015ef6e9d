-- billing.documents_left_out: the customer invoices that no figure counts, and why.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
-- amounts  as in the books
-- as of    :as_of; documents of later days wait here
with received as (

    select *, customer_id as customer_key
    from pennylane.customer_invoices
    where customer_id in (select landing_id from build.scope)

    union all

    select *, 0 as customer_key
    from pennylane.customer_invoices
    where customer_id is null

)

select
    documents.company_id,
    cast(documents.id as text) as original_id,
    scope.customer_id,
    documents.invoice_number,
    documents.status,
    documents.date,
    documents.amount as total_incl_tax_eur,
    case
        when documents.deleted_at is not null then 'deleted'
        when documents.draft then 'draft'
        when documents.date is null then 'no date'
        when documents.date > cast(:as_of as date) then 'after the as-of date'
        else 'status ' || documents.status
    end as reason
from received as documents
join build.scope as scope
    on scope.company_id = documents.company_id and scope.landing_id = documents.customer_key
left join staging.invoices as counted
    on counted.company_id = documents.company_id and counted.invoice_id = cast(documents.id as text)
where counted.company_id is null
