-- intermediate.line_amounts: what a line is worth after every discount, in its currency and in the base currency.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
-- amounts  signed as in the books
--
-- Where the document's total was dealt out, the share counts; else the line stands as it is, converted if need be.
with shares as (

    select
        company_id,
        line_id,
        max(share) filter (where amount_kind = 'excl_tax_ccy') as excl_tax_ccy,
        max(share) filter (where amount_kind = 'tax_ccy') as tax_ccy,
        max(share) filter (where amount_kind = 'excl_tax_base') as excl_tax_base,
        max(share) filter (where amount_kind = 'tax_base') as tax_base
    from intermediate.split_amounts
    group by company_id, line_id

)

select
    lines.company_id,
    lines.line_id,
    lines.invoice_id,
    lines.customer_id,
    coalesce(shares.excl_tax_ccy, lines.line_excl_tax_ccy) as amount_excl_tax_ccy,
    coalesce(shares.tax_ccy, lines.line_tax_ccy) as tax_ccy,
    case
        when rates.rate_source = 'same' then coalesce(shares.excl_tax_ccy, lines.line_excl_tax_ccy)
        else coalesce(shares.excl_tax_base, cast(round(cast(lines.line_excl_tax_ccy as decimal(38, 6)) * rates.base_rate, 2) as decimal(18, 6)))
    end as amount_excl_tax_base,
    case
        when rates.rate_source = 'same' then coalesce(shares.tax_ccy, lines.line_tax_ccy)
        else coalesce(shares.tax_base, cast(round(cast(lines.line_tax_ccy as decimal(38, 6)) * rates.base_rate, 2) as decimal(18, 6)))
    end as tax_base,
    cast(lines.line_excl_tax_ccy - coalesce(shares.excl_tax_ccy, lines.line_excl_tax_ccy) as decimal(18, 6)) as invoice_discount_ccy
from staging.invoice_lines as lines
join intermediate.invoice_rates as rates
    on rates.company_id = lines.company_id and rates.invoice_id = lines.invoice_id
left join shares on shares.company_id = lines.company_id and shares.line_id = lines.line_id
