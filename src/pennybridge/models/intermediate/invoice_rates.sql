-- intermediate.invoice_rates: what a document is worth in its company's base currency, and by which rate.
--
-- grain    one row per (company_id, invoice_id)
-- scope    one customer
-- amounts  base currency
--
-- Euros come from the books: the ratio of the document's two totals, which ties to the ledger whatever the direction
-- of Pennylane's `exchange_rate`. Another base takes the ECB fixing of the invoice date, or the last one before it.
with sources as (

    select
        invoices.*,
        companies.base_currency,
        case
            when invoices.currency = companies.base_currency then 'same'
            when invoices.currency <> 'EUR' and (invoices.total_incl_tax_ccy = 0 or invoices.total_incl_tax_eur = 0) then 'ecb'
            when companies.base_currency = 'EUR' then 'booked'
            when invoices.currency = 'EUR' then 'ecb'
            else 'booked and ecb'
        end as rate_source
    from staging.invoices as invoices
    join staging.companies as companies on companies.company_id = invoices.company_id

),

rates as (

    select
        sources.*,
        case
            when sources.currency = 'EUR' then cast(1 as double precision)
            when sources.rate_source = 'ecb' then 1 / cast(document_fixing.currency_per_eur as double precision)
            else cast(sources.total_incl_tax_eur as double precision) / nullif(cast(sources.total_incl_tax_ccy as double precision), 0)
        end as eur_rate,
        case
            when sources.base_currency = 'EUR' then cast(1 as double precision)
            else cast(base_fixing.currency_per_eur as double precision)
        end as base_per_eur
    from sources
    left join intermediate.ecb_rates as document_fixing
        on document_fixing.currency = sources.currency and document_fixing.rate_date = sources.invoice_date
    left join intermediate.ecb_rates as base_fixing
        on base_fixing.currency = sources.base_currency and base_fixing.rate_date = sources.invoice_date

),

base_rates as (

    select
        *,
        case
            when rate_source = 'same' then cast(1 as decimal(18, 10))
            else cast(eur_rate * base_per_eur as decimal(18, 10))
        end as base_rate
    from rates

)

select
    company_id,
    invoice_id,
    customer_id,
    base_currency,
    rate_source,
    base_rate,
    case
        when rate_source = 'same' then total_incl_tax_ccy
        when rate_source = 'booked' then total_incl_tax_eur
        else cast(round(cast(total_incl_tax_ccy as decimal(38, 6)) * base_rate, 2) as decimal(18, 6))
    end as total_incl_tax_base,
    case
        when rate_source = 'same' then tax_ccy
        when rate_source = 'booked' then tax_eur
        else cast(round(cast(tax_ccy as decimal(38, 6)) * base_rate, 2) as decimal(18, 6))
    end as tax_base
from base_rates
