-- billing.invoice_lines: the lines of invoices and credit notes, with their price, period, recurrence and the rules behind.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
-- amounts  signed as in the books, after line and invoice discounts, tax excluded unless named tax
-- days     period_end is the last day covered
-- checks   lines_add_up_to_invoices, every_line_has_a_price
select
    lines.company_id,
    lines.line_id as original_id,
    lines.invoice_id,
    lines.customer_id,
    signals.price_id,
    signals.stem as sale_name,
    lines.product_id,
    lines.invoice_date,
    lines.is_credit_note,
    lines.label as description,
    lines.description as details,
    lines.quantity,
    lines.unit,
    lines.vat_rate,
    lines.currency as currency_code,
    cast(amounts.amount_excl_tax_ccy as decimal(18, 6)) as amount_excluding_tax_after_discount,
    cast(amounts.tax_ccy as decimal(18, 6)) as tax_amount,
    cast(amounts.invoice_discount_ccy as decimal(18, 6)) as invoice_discount_amount,
    cast(amounts.amount_excl_tax_base as decimal(18, 6)) as amount_excluding_tax_after_discount_base,
    cast(amounts.tax_base as decimal(18, 6)) as tax_amount_base,
    periods.start_date as period_start,
    periods.end_date - 1 as period_end,
    periods.months,
    periods.months_divisor,
    periods.period_source,
    periods.period_confidence,
    periods.period_evidence,
    coalesce(periods.label_disagrees, false) as label_disagrees,
    recurrence.recurrence,
    recurrence.recurrence_rule,
    recurrence.recurrence_confidence,
    recurrence.recurrence_evidence,
    lines.excluded
from staging.invoice_lines as lines
join intermediate.line_signals as signals
    on signals.company_id = lines.company_id and signals.line_id = lines.line_id
join intermediate.line_amounts as amounts
    on amounts.company_id = lines.company_id and amounts.line_id = lines.line_id
join intermediate.line_recurrence as recurrence
    on recurrence.company_id = lines.company_id and recurrence.line_id = lines.line_id
left join intermediate.line_months as periods
    on periods.company_id = lines.company_id and periods.line_id = lines.line_id
