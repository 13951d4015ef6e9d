-- receivables.open_amounts: what remained to be paid of each document, day by day.
--
-- grain    one row per (company_id, invoice_id, valid_from); the amount holds until valid_until, that day excluded
-- scope    one customer
-- amounts  euros, tax included; credit notes negative
-- as of    :as_of; nothing dated later counts, and is_current marks the row of that day
-- checks   aging_adds_up_to_open_amounts
with events as (

    select company_id, customer_id, invoice_id, invoice_date as event_date, total_incl_tax_eur as amount_eur
    from staging.invoices

    union all

    select
        settlements.company_id, settlements.customer_id, settlements.invoice_id,
        greatest(settlements.settlement_date, invoices.invoice_date) as event_date,
        0 - settlements.amount_eur as amount_eur
    from receivables.settlements as settlements
    join staging.invoices as invoices
        on invoices.company_id = settlements.company_id and invoices.invoice_id = settlements.invoice_id
    where settlements.settlement_date <= cast(:as_of as date)

),

days as (

    select company_id, customer_id, invoice_id, event_date, sum(amount_eur) as amount_eur
    from events
    group by company_id, customer_id, invoice_id, event_date

),

running as (

    select
        *,
        sum(amount_eur) over (
            partition by company_id, invoice_id order by event_date rows between unbounded preceding and current row
        ) as open_amount_eur,
        lead(event_date) over (partition by company_id, invoice_id order by event_date) as next_date
    from days

)

select
    company_id,
    customer_id,
    invoice_id,
    event_date as valid_from,
    coalesce(next_date, date '9999-12-31') as valid_until,
    cast(open_amount_eur as decimal(18, 6)) as open_amount_eur,
    next_date is null as is_current
from running
