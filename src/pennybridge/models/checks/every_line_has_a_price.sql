-- every_line_has_a_price: an invoice line points at a price that is not there.
--
-- scope    one customer
select lines.company_id, lines.original_id, lines.price_id, lines.currency_code
from billing.invoice_lines as lines
left join billing.prices as prices
    on prices.company_id = lines.company_id and prices.original_id = lines.price_id
    and prices.currency_code = lines.currency_code
where prices.original_id is null
