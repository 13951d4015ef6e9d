-- billing.credit_note_lines: the lines of credit notes, as positive reductions.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
-- amounts  positive reductions, after discounts, tax excluded unless named tax
select
    company_id,
    original_id,
    invoice_id as credit_note_id,
    customer_id,
    price_id,
    description,
    quantity,
    currency_code,
    cast(0 - amount_excluding_tax_after_discount as decimal(18, 6)) as amount,
    cast(0 - tax_amount as decimal(18, 6)) as tax_amount,
    cast(0 - invoice_discount_amount as decimal(18, 6)) as discount_amount,
    cast(0 - amount_excluding_tax_after_discount_base as decimal(18, 6)) as amount_base,
    period_start,
    period_end
from billing.invoice_lines
where is_credit_note
