-- lines_add_up_to_invoices: the lines of an invoice whose own lines agree with it no longer do so after discounts and rates.
--
-- scope    one customer
with sums as (

    select
        lines.company_id,
        lines.invoice_id,
        count(*) as lines,
        sum(lines.amount_excluding_tax_after_discount) as lines_ccy,
        sum(lines.amount_excluding_tax_after_discount_base) as lines_base,
        sum(lines.amount_excluding_tax_after_discount + lines.invoice_discount_amount) as lines_before_discount
    from billing.invoice_lines as lines
    group by lines.company_id, lines.invoice_id

)

select
    invoices.company_id,
    invoices.original_id,
    invoices.total_excl_tax_ccy,
    sums.lines_ccy,
    invoices.total_excl_tax_base,
    sums.lines_base
from billing.invoices as invoices
join sums on sums.company_id = invoices.company_id and sums.invoice_id = invoices.original_id
join staging.invoices as documents
    on documents.company_id = invoices.company_id and documents.invoice_id = invoices.original_id
where
    documents.lines_complete
    and ((documents.has_discount and sums.lines_before_discount <> 0)
        or abs(sums.lines_before_discount - invoices.total_excl_tax_ccy) <= 0.01 * sums.lines)
    and (
        abs(sums.lines_ccy - invoices.total_excl_tax_ccy) > 0.01 * sums.lines
        or abs(sums.lines_base - invoices.total_excl_tax_base) > 0.01 * sums.lines
    )
