-- staging.documents: the customer invoices and credit notes that count: final and not deleted, of any date.
--
-- grain    one row per (company_id, invoice_id)
-- scope    one customer
-- amounts  signed as in the books: a credit note's are negative
--
-- Asked for one column first, DuckDB leaves the others of most rows unread.
with received as (

    select *, customer_id as customer_key
    from pennylane.customer_invoices
    where customer_id in (select landing_id from build.scope)

    union all

    select *, 0 as customer_key
    from pennylane.customer_invoices
    where customer_id is null

),

documents as (

    -- A credit note is told by its amount or its link, never by its status: a linked one becomes `cancelled`.
    select
        *,
        currency_amount < 0 or credited_invoice_id is not null or status = 'credit_note' as is_credit_note
    from received

)

select
    documents.company_id,
    cast(documents.id as text) as invoice_id,
    scope.customer_id,
    documents.invoice_number,
    documents.status,
    documents.date as invoice_date,
    greatest(coalesce(documents.deadline, documents.date + 30), documents.date) as due_date,
    documents.deadline is null or documents.deadline < documents.date as due_date_assumed,
    documents.currency,
    documents.currency_amount as total_incl_tax_ccy,
    documents.currency_amount_before_tax as total_excl_tax_ccy,
    documents.currency_tax as tax_ccy,
    documents.amount as total_incl_tax_eur,
    documents.tax as tax_eur,
    cast(case
        when documents.paid then cast(0 as decimal(18, 6))
        when documents.status = 'cancelled' then least(coalesce(documents.remaining_amount_with_tax, 0), 0)
        else coalesce(documents.remaining_amount_with_tax, documents.amount)
    end as decimal(18, 6)) as remaining_incl_tax_eur,
    coalesce(documents.discount_value, 0) <> 0 as has_discount,
    documents.is_credit_note,
    cast(documents.credited_invoice_id as text) as credited_invoice_id,
    cast(documents.billing_subscription_id as text) as subscription_id,
    documents.external_reference,
    documents.filename,
    documents.e_invoicing_status,
    documents.lines_complete is not false as lines_complete,
    cast(documents.updated_at as date) as updated_date,
    exclusions.customer_id is not null as excluded
from documents
join build.scope as scope
    on scope.company_id = documents.company_id and scope.landing_id = documents.customer_key
left join pennylane.exclusions as exclusions
    on exclusions.company_id = documents.company_id and exclusions.customer_id = documents.customer_id
where
    documents.deleted_at is null
    and not documents.draft
    and documents.date is not null
    and (
        documents.status in ('upcoming', 'late', 'paid', 'partially_paid', 'partially_cancelled', 'cancelled', 'credit_note')
        or (documents.status = 'archived' and documents.invoice_number is not null)
    )
