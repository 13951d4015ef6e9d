-- intermediate.credit_cases: what each credit note means for the invoice it reduces.
--
-- grain    one row per (company_id, credit_note_id) whose invoice is known
-- scope    one customer
--
-- A full credit is a correction when another invoice covers the same product and time, goodwill when the next period is
-- invoiced all the same, and else a cancellation. Several credit notes of one invoice are full together. Anything less
-- is partial.
with totals as (

    select
        links.company_id,
        links.credit_note_id,
        links.customer_id,
        links.invoice_id,
        links.link_source,
        credit_notes.invoice_date as credit_note_date,
        invoices.total_excl_tax_ccy + sum(credit_notes.total_excl_tax_ccy) over (partition by links.company_id, links.invoice_id)
        <= greatest(0.01, 0.001 * invoices.total_excl_tax_ccy) as is_full
    from intermediate.credit_links as links
    join staging.invoices as credit_notes
        on credit_notes.company_id = links.company_id and credit_notes.invoice_id = links.credit_note_id
    join staging.invoices as invoices
        on invoices.company_id = links.company_id and invoices.invoice_id = links.invoice_id

),

fully_credited as (

    select distinct company_id, invoice_id
    from totals
    where is_full

),

neighbours as (

    select
        credited.company_id,
        credited.invoice_id,
        bool_or(
            2 * (least(other.end_date, credited.end_date) - greatest(other.start_date, credited.start_date))
            > least(other.end_date - other.start_date, credited.end_date - credited.start_date)
        ) as is_replaced,
        bool_or(
            abs(other.start_date - credited.end_date) <= credited.grace_days and other.start_date > credited.start_date
        ) as is_continued
    from fully_credited
    join intermediate.recurring_lines as credited
        on credited.company_id = fully_credited.company_id and credited.invoice_id = fully_credited.invoice_id
    join intermediate.recurring_lines as other
        on other.company_id = credited.company_id and other.customer_id = credited.customer_id
        and other.price_id = credited.price_id and other.invoice_id <> credited.invoice_id
    where
        credited.mrr_ccy > 0 and other.mrr_ccy > 0
        and not exists (
            select 1 from fully_credited as dropped
            where dropped.company_id = other.company_id and dropped.invoice_id = other.invoice_id
        )
    group by credited.company_id, credited.invoice_id

)

select
    totals.company_id,
    totals.credit_note_id,
    totals.customer_id,
    totals.invoice_id,
    totals.link_source,
    totals.credit_note_date,
    case
        when not totals.is_full then 'partial'
        when neighbours.is_replaced then 'correction'
        when neighbours.is_continued then 'goodwill'
        else 'cancellation'
    end as credit_case
from totals
left join neighbours on neighbours.company_id = totals.company_id and neighbours.invoice_id = totals.invoice_id
