-- intermediate.split_amounts: totals of documents dealt out to their lines, to the cent.
--
-- grain    one row per (company_id, invoice_id, line_id, amount_kind)
-- scope    one customer
-- amounts  the line's share of the document's total, in cents' multiples; shares add up exactly
--
-- A discount of the invoice leaves the lines summing to more than it, and conversion leaves odd cents: either way the
-- document's own total is the truth. Cents left over go to the largest remainders, as money.split_amount does.
with dealt as materialized (

    select
        lines.company_id, lines.invoice_id, lines.customer_id, lines.line_id,
        lines.line_excl_tax_ccy, lines.line_tax_ccy,
        invoices.total_excl_tax_ccy, invoices.tax_ccy, invoices.has_discount,
        rates.total_incl_tax_base, rates.tax_base, rates.rate_source <> 'same' as is_converted
    from staging.invoices as invoices
    join intermediate.invoice_rates as rates
        on rates.company_id = invoices.company_id and rates.invoice_id = invoices.invoice_id
    join staging.invoice_lines as lines
        on lines.company_id = invoices.company_id and lines.invoice_id = invoices.invoice_id
    where invoices.lines_complete and (invoices.has_discount or rates.rate_source <> 'same')

),

requests as (

    select
        company_id, invoice_id, customer_id, line_id, 'excl_tax_ccy' as amount_kind,
        line_excl_tax_ccy as weight, total_excl_tax_ccy as total
    from dealt
    where has_discount

    union all

    select
        company_id, invoice_id, customer_id, line_id, 'tax_ccy' as amount_kind,
        line_tax_ccy as weight, tax_ccy as total
    from dealt
    where has_discount

    union all

    select
        company_id, invoice_id, customer_id, line_id, 'excl_tax_base' as amount_kind,
        line_excl_tax_ccy as weight, total_incl_tax_base - tax_base as total
    from dealt
    where is_converted

    union all

    select
        company_id, invoice_id, customer_id, line_id, 'tax_base' as amount_kind,
        line_tax_ccy as weight, tax_base as total
    from dealt
    where is_converted

),

in_cents as (

    select
        company_id, invoice_id, customer_id, line_id, amount_kind,
        cast(round(cast(weight as decimal(38, 6)) * 100) as decimal(38, 0)) as weight,
        cast(round(cast(total as decimal(38, 6)) * 100) as decimal(38, 0)) as total,
        cast(sum(cast(round(cast(weight as decimal(38, 6)) * 100) as decimal(38, 0)))
            over (partition by company_id, invoice_id, amount_kind) as decimal(38, 0)) as weights
    from requests

),

-- The remainder is taken towards minus infinity, so that cents left over are always positive.
remainders as (

    select
        *,
        weight * total * sign(weights) as product,
        ((weight * total * sign(weights)) % abs(weights) + abs(weights)) % abs(weights) as remainder
    from in_cents
    where weights <> 0

),

floors as (

    select
        *,
        cast((product - remainder) / abs(weights) as bigint) as floor_cents
    from remainders

),

ranked as (

    select
        *,
        cast(total as bigint) - sum(floor_cents) over (partition by company_id, invoice_id, amount_kind) as left_over,
        row_number() over (
            partition by company_id, invoice_id, amount_kind order by remainder desc, length(line_id), line_id
        ) as turn
    from floors

)

select
    company_id,
    invoice_id,
    customer_id,
    line_id,
    amount_kind,
    cast(cast(floor_cents + case when turn <= left_over then 1 else 0 end as decimal(18, 2)) * 0.01 as decimal(18, 6)) as share
from ranked
