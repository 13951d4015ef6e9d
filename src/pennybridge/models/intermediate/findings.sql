-- intermediate.findings: what a person should know about the books before trusting a figure, document by document.
--
-- grain    one row per (company_id, customer_id, topic, item, reference)
-- scope    one customer
-- amounts  base currency, tax excluded, except open documents left out, which are in euros
--
-- Of customers who were left out only documents that never count are told.
with line_sums as (

    select
        company_id,
        invoice_id,
        count(*) as lines,
        sum(amount_excluding_tax_after_discount) as lines_ccy
    from billing.invoice_lines
    group by company_id, invoice_id

),

invoiced as (

    select
        *,
        lag(invoice_id) over sales as previous_invoice_id,
        lag(covered_until) over sales as previous_until
    from metrics.segments
    where mrr_ccy > 0 and segment_id = line_id
    window sales as (
        partition by company_id, customer_id, price_id, currency, mrr_ccy order by start_date, length(invoice_id), invoice_id, segment_id
    )

),

documents as (

    select
        invoices.*,
        rates.base_rate,
        cast(rates.total_incl_tax_base - rates.tax_base as decimal(18, 6)) as total_excl_tax_base
    from staging.invoices as invoices
    join intermediate.invoice_rates as rates
        on rates.company_id = invoices.company_id and rates.invoice_id = invoices.invoice_id
    where not invoices.excluded

)

select
    company_id, customer_id, 'recurrence' as topic, recurrence || ': ' || recurrence_rule as item,
    original_id as reference, amount_excluding_tax_after_discount_base as amount_base
from billing.invoice_lines
where not is_credit_note and not excluded

union all

select
    company_id, customer_id, 'period' as topic, coalesce(period_source, 'none') as item,
    original_id as reference, amount_excluding_tax_after_discount_base as amount_base
from billing.invoice_lines
where not is_credit_note and not excluded and recurrence = 'recurring'

union all

select
    company_id, customer_id, 'inconsistent' as topic, 'label and imputation dates disagree' as item,
    original_id as reference, amount_excluding_tax_after_discount_base as amount_base
from billing.invoice_lines
where label_disagrees and not excluded

union all

select
    documents.company_id, documents.customer_id, 'inconsistent' as topic,
    case
        when not documents.lines_complete then 'lines are missing'
        when sums.lines is null then 'no lines'
        else 'lines do not add up to the invoice'
    end as item,
    documents.invoice_id as reference, documents.total_excl_tax_base as amount_base
from documents
left join line_sums as sums
    on sums.company_id = documents.company_id and sums.invoice_id = documents.invoice_id
where
    not documents.lines_complete
    or abs(documents.total_excl_tax_ccy - coalesce(sums.lines_ccy, 0)) > 0.01 * coalesce(sums.lines, 0)

union all

select
    company_id, customer_id, 'inconsistent' as topic, 'no exchange rate' as item,
    invoice_id as reference, cast(0 as decimal(18, 6)) as amount_base
from documents
where base_rate is null

union all

select
    company_id, customer_id, 'inconsistent' as topic,
    case when due_date = invoice_date then 'due before its own date' else 'no due date: 30 days assumed' end as item,
    invoice_id as reference, total_excl_tax_base as amount_base
from documents
where due_date_assumed

union all

select
    documents.company_id, documents.customer_id, 'inconsistent' as topic, 'cancelled, and no credit note says so' as item,
    documents.invoice_id as reference, documents.total_excl_tax_base as amount_base
from documents
left join billing.credit_notes as credit_notes
    on credit_notes.company_id = documents.company_id and credit_notes.invoice_id = documents.invoice_id
where documents.is_cancelled and not documents.is_credit_note and credit_notes.invoice_id is null

union all

-- Two seats may look the same; two invoices for them, over most of the same days, are worth a look.
select
    company_id, customer_id, 'inconsistent' as topic, 'same sale and period invoiced twice' as item,
    segment_id as reference, mrr_base as amount_base
from invoiced
where previous_invoice_id <> invoice_id and 2 * (previous_until - start_date) > covered_until - start_date

union all

select
    documents.company_id, documents.customer_id, 'credit_note' as topic, credit_notes.credit_case || ': ' || credit_notes.link_source as item,
    documents.invoice_id as reference, credit_notes.amount_base
from billing.credit_notes as credit_notes
join documents on documents.company_id = credit_notes.company_id and documents.invoice_id = credit_notes.original_id

union all

select
    company_id, customer_id, 'left_out' as topic, reason as item,
    original_id as reference, total_incl_tax_eur as amount_base
from billing.documents_left_out
