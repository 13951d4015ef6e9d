-- billing.prices: what every invoice line points at: a product's price, or one made from the line's label.
--
-- grain    one row per (company_id, original_id, currency_code)
-- scope    all customers
-- amounts  tax excluded, in the currency; of a price that is not in the catalog, the median line
-- checks   every_line_has_a_price
--
-- On real companies most lines name no product: their label without its dates makes the price.
with sold as (

    select
        company_id,
        price_id,
        currency_code as currency,
        max(product_id) as product_id,
        min(sale_name) as sale_name,
        percentile_disc(0.5) within group (order by amount_excluding_tax_after_discount) as median_line_ccy,
        count(*) as lines
    from billing.invoice_lines
    group by company_id, price_id, currency_code

),

keys as (

    select company_id, price_id, currency from sold
    union
    select company_id, product_id as price_id, currency from staging.products

)

select
    keys.company_id,
    keys.price_id as original_id,
    keys.currency as currency_code,
    coalesce(sold.product_id, products.product_id) as product_id,
    coalesce(products.product_name, nullif(sold.sale_name, ''), 'without a label') as name,
    cast(case
        when products.currency = keys.currency then products.price_excl_tax_ccy
        else sold.median_line_ccy
    end as decimal(18, 6)) as amount,
    products.unit,
    products.vat_rate,
    products.reference,
    products.archived_at,
    products.product_id is null as is_from_label,
    coalesce(sold.lines, 0) as lines
from keys
left join sold
    on sold.company_id = keys.company_id and sold.price_id = keys.price_id and sold.currency = keys.currency
left join staging.products as products
    on products.company_id = keys.company_id and products.product_id = keys.price_id
