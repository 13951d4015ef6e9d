-- intermediate.credit_links: the invoice that each credit note reduces, as Pennylane links it or as we match it.
--
-- grain    one row per (company_id, credit_note_id) whose invoice is known
-- scope    one customer
--
-- An unlinked credit note goes to the nearest earlier invoice of the customer with the same amount and a product in
-- common, each invoice taking one credit note at most. What finds no invoice stays out of MRR and in the receivables.
with linked as (

    select
        credit_notes.company_id,
        credit_notes.invoice_id as credit_note_id,
        credit_notes.customer_id,
        invoices.invoice_id,
        'linked' as link_source
    from staging.invoices as credit_notes
    join staging.invoices as invoices
        on invoices.company_id = credit_notes.company_id and invoices.invoice_id = credit_notes.credited_invoice_id
        and invoices.customer_id = credit_notes.customer_id
    where credit_notes.is_credit_note and not invoices.is_credit_note

),

same_amount as (

    select
        credit_notes.company_id,
        credit_notes.invoice_id as credit_note_id,
        credit_notes.customer_id,
        invoices.invoice_id,
        credit_notes.invoice_date - invoices.invoice_date as days_apart
    from staging.invoices as credit_notes
    join staging.invoices as invoices
        on invoices.company_id = credit_notes.company_id and invoices.customer_id = credit_notes.customer_id
        and invoices.currency = credit_notes.currency
        and round(invoices.total_excl_tax_ccy, 2) = 0 - round(credit_notes.total_excl_tax_ccy, 2)
    left join linked on linked.company_id = invoices.company_id and linked.invoice_id = invoices.invoice_id
    where
        credit_notes.is_credit_note and credit_notes.credited_invoice_id is null
        and credit_notes.total_excl_tax_ccy < 0 and not invoices.is_credit_note
        and invoices.invoice_date <= credit_notes.invoice_date and linked.invoice_id is null

),

candidates as (

    select distinct
        same_amount.company_id,
        same_amount.credit_note_id,
        same_amount.customer_id,
        same_amount.invoice_id,
        same_amount.days_apart
    from same_amount
    join intermediate.line_signals as credited
        on credited.company_id = same_amount.company_id and credited.invoice_id = same_amount.credit_note_id
    join intermediate.line_signals as invoiced
        on invoiced.company_id = same_amount.company_id and invoiced.invoice_id = same_amount.invoice_id
        and invoiced.price_id = credited.price_id

),

nearest as (

    select
        *,
        row_number() over (
            partition by company_id, credit_note_id order by days_apart, length(invoice_id) desc, invoice_id desc
        ) as invoice_choice
    from candidates

),

matched as (

    select
        *,
        row_number() over (
            partition by company_id, invoice_id order by days_apart, length(credit_note_id), credit_note_id
        ) as credit_note_choice
    from nearest
    where invoice_choice = 1

)

select company_id, credit_note_id, customer_id, invoice_id, link_source from linked

union all

select company_id, credit_note_id, customer_id, invoice_id, 'matched' as link_source
from matched
where credit_note_choice = 1
