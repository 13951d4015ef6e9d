-- receivables.settlements: what lowered the open amount of each document, and when.
--
-- grain    one row per (company_id, invoice_id, settlement_kind, settlement_id)
-- scope    one customer
-- amounts  euros; open amount on a day = the document's total less the settlements dated by then
--
-- Bank transactions first, then credit notes, then what the books call settled without saying how: dated by the last
-- transaction, the last payment recorded, or else the due date, which is said in date_source.
with explained as (

    select
        company_id, customer_id, invoice_id, 'transaction' as settlement_kind, payment_id as settlement_id,
        payment_date as settlement_date, share_eur as amount_eur
    from intermediate.transaction_shares
    where share_eur > 0

    union all

    select
        company_id, customer_id, invoice_id, 'credit_note' as settlement_kind, credit_note_id as settlement_id,
        application_date as settlement_date, applied_eur as amount_eur
    from intermediate.credit_applications
    where applied_eur > 0

),

applied as (

    select
        company_id, customer_id, credit_note_id as invoice_id, 'applied' as settlement_kind,
        invoice_id as settlement_id, application_date as settlement_date, applied_eur as amount_eur
    from intermediate.credit_applications
    where applied_eur > 0

),

-- The shares of documents with a negative total lower them towards zero, so they turn their sign.
signed as (

    select
        rows.company_id, rows.customer_id, rows.invoice_id, rows.settlement_kind, rows.settlement_id, rows.settlement_date,
        rows.amount_eur * case when documents.total_incl_tax_eur < 0 then -1 else 1 end as amount_eur
    from (select * from explained union all select * from applied) as rows
    join staging.documents as documents
        on documents.company_id = rows.company_id and documents.invoice_id = rows.invoice_id

),

sums as (

    select
        company_id,
        invoice_id,
        sum(amount_eur) as amount_eur,
        max(case when settlement_kind = 'transaction' then settlement_date end) as last_transaction_date
    from signed
    group by company_id, invoice_id

),

recorded as (

    select company_id, invoice_id, max(payment_date) as last_payment_date
    from staging.payments
    where payment_kind = 'payment' and payment_status in ('emitted', 'found', 'submitted', 'confirmed', 'paid_out')
    group by company_id, invoice_id

),

unexplained as (

    select
        documents.company_id,
        documents.customer_id,
        documents.invoice_id,
        documents.due_date,
        documents.invoice_date,
        documents.updated_date,
        documents.total_incl_tax_eur,
        documents.total_incl_tax_eur - documents.remaining_incl_tax_eur - coalesce(sums.amount_eur, 0) as amount_eur,
        sums.last_transaction_date,
        recorded.last_payment_date
    from staging.documents as documents
    left join sums on sums.company_id = documents.company_id and sums.invoice_id = documents.invoice_id
    left join recorded on recorded.company_id = documents.company_id and recorded.invoice_id = documents.invoice_id

)

select
    company_id,
    customer_id,
    invoice_id,
    settlement_kind,
    settlement_id,
    settlement_date,
    cast(amount_eur as decimal(18, 6)) as amount_eur,
    'dated' as date_source
from signed

union all

select
    company_id,
    customer_id,
    invoice_id,
    'unexplained' as settlement_kind,
    '' as settlement_id,
    coalesce(
        last_transaction_date,
        last_payment_date,
        greatest(invoice_date, least(due_date, coalesce(updated_date, due_date)))
    ) as settlement_date,
    cast(amount_eur as decimal(18, 6)) as amount_eur,
    case
        when last_transaction_date is not null then 'last transaction'
        when last_payment_date is not null then 'recorded payment'
        else 'assumed'
    end as date_source
from unexplained
where amount_eur <> 0 and (total_incl_tax_eur >= 0 or amount_eur < 0)
