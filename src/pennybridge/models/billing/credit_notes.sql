-- billing.credit_notes: what was taken back, as positive reductions.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
-- amounts  positive reductions in the credit note's currency
select
    invoices.company_id,
    invoices.invoice_id as original_id,
    invoices.customer_id,
    cases.invoice_id,
    coalesce(cases.link_source, 'none') as link_source,
    coalesce(cases.credit_case, 'unmatched') as credit_case,
    invoices.invoice_date as date,
    invoices.invoice_number,
    invoices.currency as currency_code,
    cast(0 - invoices.total_excl_tax_ccy as decimal(18, 6)) as amount,
    cast(0 - invoices.tax_ccy as decimal(18, 6)) as tax_amount,
    cast(coalesce(discounts.discount, 0) as decimal(18, 6)) as discount_amount,
    cast(0 - rates.total_incl_tax_base + rates.tax_base as decimal(18, 6)) as amount_base
from staging.invoices as invoices
join intermediate.invoice_rates as rates
    on rates.company_id = invoices.company_id and rates.invoice_id = invoices.invoice_id
left join intermediate.credit_cases as cases
    on cases.company_id = invoices.company_id and cases.credit_note_id = invoices.invoice_id
left join (
    select company_id, invoice_id, sum(0 - invoice_discount_ccy) as discount
    from intermediate.line_amounts
    group by company_id, invoice_id
) as discounts
    on discounts.company_id = invoices.company_id and discounts.invoice_id = invoices.invoice_id
where invoices.is_credit_note
