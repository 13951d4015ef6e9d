-- metrics.customer_findings: the findings of one customer's books, counted.
--
-- grain    one row per (company_id, customer_id, topic, item)
-- scope    one customer
-- amounts  base currency, tax excluded; euros, tax included, for documents left out
select
    company_id,
    customer_id,
    topic,
    item,
    count(*) as findings,
    cast(sum(amount_base) as decimal(18, 6)) as amount_base
from intermediate.findings
group by company_id, customer_id, topic, item
