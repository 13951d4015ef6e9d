-- intermediate.line_amounts: what a line is worth after every discount, in its currency and in the base currency.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
-- amounts  signed as in the books
--
-- Where the document's total was dealt out, the share counts; else the line stands as it is, converted if need be.
select
    lines.company_id,
    lines.line_id,
    lines.invoice_id,
    lines.customer_id,
    coalesce(discounted.share, lines.line_excl_tax_ccy) as amount_excl_tax_ccy,
    coalesce(discounted_tax.share, lines.line_tax_ccy) as tax_ccy,
    case
        when rates.rate_source = 'same' then coalesce(discounted.share, lines.line_excl_tax_ccy)
        else coalesce(converted.share, cast(round(cast(lines.line_excl_tax_ccy as decimal(38, 6)) * rates.base_rate, 2) as decimal(18, 6)))
    end as amount_excl_tax_base,
    case
        when rates.rate_source = 'same' then coalesce(discounted_tax.share, lines.line_tax_ccy)
        else coalesce(converted_tax.share, cast(round(cast(lines.line_tax_ccy as decimal(38, 6)) * rates.base_rate, 2) as decimal(18, 6)))
    end as tax_base,
    cast(lines.line_excl_tax_ccy - coalesce(discounted.share, lines.line_excl_tax_ccy) as decimal(18, 6)) as invoice_discount_ccy
from staging.invoice_lines as lines
join intermediate.invoice_rates as rates
    on rates.company_id = lines.company_id and rates.invoice_id = lines.invoice_id
left join intermediate.split_amounts as discounted
    on discounted.company_id = lines.company_id and discounted.line_id = lines.line_id
    and discounted.amount_kind = 'excl_tax_ccy'
left join intermediate.split_amounts as discounted_tax
    on discounted_tax.company_id = lines.company_id and discounted_tax.line_id = lines.line_id
    and discounted_tax.amount_kind = 'tax_ccy'
left join intermediate.split_amounts as converted
    on converted.company_id = lines.company_id and converted.line_id = lines.line_id
    and converted.amount_kind = 'excl_tax_base'
left join intermediate.split_amounts as converted_tax
    on converted_tax.company_id = lines.company_id and converted_tax.line_id = lines.line_id
    and converted_tax.amount_kind = 'tax_base'
