-- metrics.to_classify: what no rule could call recurring or not, and what recurs without a known period, by amount.
--
-- grain    one row per (company_id, customer_id, price_id, problem)
-- scope    one customer
-- amounts  base currency, tax excluded; none of it is in MRR
select
    company_id,
    customer_id,
    price_id,
    case
        when recurrence = 'recurring' then 'no period'
        when recurrence_rule = 'conflict' then 'conflicting words'
        else 'no rule'
    end as problem,
    min(sale_name) as sale_name,
    count(*) as lines,
    cast(sum(amount_excluding_tax_after_discount_base) as decimal(18, 6)) as amount_base,
    min(invoice_date) as first_invoice_date,
    max(invoice_date) as last_invoice_date,
    max(original_id) as example_line_id
from billing.invoice_lines
where
    not is_credit_note and not excluded
    and (
        recurrence = 'unknown'
        or (recurrence = 'recurring' and period_start is null and recurrence_rule not like 'lowers%')
    )
group by
    company_id, customer_id, price_id,
    case
        when recurrence = 'recurring' then 'no period'
        when recurrence_rule = 'conflict' then 'conflicting words'
        else 'no rule'
    end
