-- receivables.payment_delays: how late each customer pays, weighted by amount.
--
-- grain    one row per (company_id, customer_id) that paid something whose day is known, or is late
-- scope    one customer
-- units    days; early is negative. Rating: A up to 30 days late, B up to 60, C up to 90, D beyond
-- as of    :as_of; open overdue invoices count as late as they are that day in the second delay and the rating
with paid as (

    select
        settlements.company_id,
        settlements.customer_id,
        settlements.amount_eur,
        settlements.settlement_date - invoices.due_date as days_late,
        settlements.settlement_date - invoices.invoice_date as days_to_pay,
        settlements.date_source <> 'last transaction' as is_payment,
        false as is_open
    from receivables.settlements as settlements
    join staging.invoices as invoices
        on invoices.company_id = settlements.company_id and invoices.invoice_id = settlements.invoice_id
    where
        settlements.settlement_kind in ('transaction', 'unexplained') and settlements.date_source <> 'assumed'
        and settlements.amount_eur > 0 and settlements.settlement_date <= cast(:as_of as date)
        and not invoices.excluded

    union all

    select
        company_id,
        customer_id,
        open_amount_eur as amount_eur,
        days_late,
        cast(null as integer) as days_to_pay,
        false as is_payment,
        true as is_open
    from receivables.aging
    where aging_bucket not in ('not_due', 'unapplied')

),

sums as (

    select
        company_id,
        customer_id,
        sum(case when is_open then 0 else amount_eur end) as paid_eur,
        sum(case when is_open then 0 else cast(amount_eur as decimal(38, 6)) * days_late end) as paid_days,
        sum(case when is_open then 0 else cast(amount_eur as decimal(38, 6)) * days_to_pay end) as paid_days_to_pay,
        sum(amount_eur) as all_eur,
        sum(cast(amount_eur as decimal(38, 6)) * days_late) as all_days,
        count(*) filter (where is_payment) as payments
    from paid
    group by company_id, customer_id

),

delays as (

    select
        *,
        cast(paid_days as double precision) / nullif(cast(paid_eur as double precision), 0) as payment_delay,
        cast(paid_days_to_pay as double precision) / nullif(cast(paid_eur as double precision), 0) as to_pay,
        cast(all_days as double precision) / nullif(cast(all_eur as double precision), 0) as delay_with_open
    from sums

)

select
    company_id,
    customer_id,
    payments,
    cast(paid_eur as decimal(18, 6)) as paid_amount_eur,
    payment_delay as payment_delay_days,
    delay_with_open as payment_delay_with_open_days,
    to_pay as days_to_pay,
    case
        when delay_with_open <= 30 then 'A'
        when delay_with_open <= 60 then 'B'
        when delay_with_open <= 90 then 'C'
        else 'D'
    end as payment_rating
from delays
where delay_with_open is not null
