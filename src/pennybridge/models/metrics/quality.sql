-- metrics.quality: how far the figures can be trusted: what was classified by which rule, and what is inconsistent.
--
-- grain    one row per (company_id, topic, item)
-- scope    all customers
-- amounts  base currency, tax excluded; euros, tax included, for documents left out. share is of the topic's amount;
--          what is inconsistent makes no whole: one document may be so in several ways
with items as (

    select
        company_id,
        topic,
        item,
        sum(findings) as findings,
        count(*) as customers,
        sum(amount_base) as amount
    from metrics.customer_findings
    group by company_id, topic, item

),

totals as (

    select *, sum(amount) over (partition by company_id, topic) as topic_amount
    from items

)

select
    company_id,
    topic,
    item,
    cast(findings as bigint) as findings,
    customers,
    cast(amount as decimal(18, 6)) as amount_base,
    case when topic <> 'inconsistent' then cast(amount as double precision) / nullif(cast(topic_amount as double precision), 0) end as share
from totals
