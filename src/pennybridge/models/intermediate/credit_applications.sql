-- intermediate.credit_applications: how much of each linked credit note took off the open amount of its invoice.
--
-- grain    one row per (company_id, credit_note_id)
-- scope    one customer
-- amounts  euros, positive; what bank transactions do not explain of what is settled, oldest credit note first
with paid as (

    select company_id, invoice_id, sum(share_eur) as paid_eur
    from intermediate.transaction_shares
    group by company_id, invoice_id

),

rooms as (

    select
        invoices.company_id,
        invoices.customer_id,
        invoices.invoice_id,
        credit_notes.invoice_id as credit_note_id,
        greatest(credit_notes.invoice_date, invoices.invoice_date) as application_date,
        0 - credit_notes.total_incl_tax_eur as credit_eur,
        greatest(invoices.total_incl_tax_eur - invoices.remaining_incl_tax_eur - coalesce(paid.paid_eur, 0), 0) as room_eur
    from staging.documents as credit_notes
    join staging.documents as invoices
        on invoices.company_id = credit_notes.company_id and invoices.invoice_id = credit_notes.credited_invoice_id
        and invoices.customer_id = credit_notes.customer_id
    left join paid on paid.company_id = invoices.company_id and paid.invoice_id = invoices.invoice_id
    where credit_notes.is_credit_note and not invoices.is_credit_note

),

filled as (

    select
        *,
        coalesce(sum(credit_eur) over (
            partition by company_id, invoice_id order by application_date, length(credit_note_id), credit_note_id
            rows between unbounded preceding and 1 preceding
        ), 0) as credited_before_eur
    from rooms

)

select
    company_id,
    customer_id,
    invoice_id,
    credit_note_id,
    application_date,
    cast(greatest(least(credit_eur, room_eur - credited_before_eur), 0) as decimal(18, 6)) as applied_eur
from filled
