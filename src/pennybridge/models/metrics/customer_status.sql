-- metrics.customer_status: where each customer stands on the as-of date: recurring revenue and what is owed.
--
-- grain    one row per (company_id, customer_id)
-- scope    one customer
-- amounts  MRR in the base currency, four decimals; owed amounts in euros
-- as of    :as_of
--
-- MRR is at risk when an invoice of the customer is more than 90 days late: it was issued, so it counts all the same.
with recurring as (

    select
        company_id,
        customer_id,
        min(first_month_index) as first_month_index,
        max(case when mrr_base > 0 then month_index end) as last_month_index,
        cast(sum(case
            when month_index = extract(year from cast(:as_of as date)) * 12 + extract(month from cast(:as_of as date)) then mrr_base
            else 0
        end) as decimal(18, 4)) as mrr_base,
        cast(sum(case
            when month_index = extract(year from cast(:as_of as date)) * 12 + extract(month from cast(:as_of as date)) then held_mrr_base
            else 0
        end) as decimal(18, 4)) as held_mrr_base
    from metrics.customer_months
    group by company_id, customer_id

),

billed as (

    select
        company_id,
        customer_id,
        count(*) filter (where not is_credit_note) as invoices,
        min(date) as first_invoice_date,
        max(date) as last_invoice_date
    from billing.invoices
    group by company_id, customer_id

)

select
    billed.company_id,
    billed.customer_id,
    customers.name,
    customers.country,
    coalesce(customers.excluded, false) as excluded,
    billed.invoices,
    billed.first_invoice_date,
    billed.last_invoice_date,
    recurring.first_month_index,
    recurring.last_month_index,
    cast(coalesce(recurring.mrr_base, 0) as decimal(18, 4)) as mrr_base,
    cast(coalesce(recurring.held_mrr_base, 0) as decimal(18, 4)) as held_mrr_base,
    cast(case when aging.late_over_90_eur > 0 then coalesce(recurring.mrr_base, 0) else 0 end as decimal(18, 4)) as mrr_at_risk_base,
    cast(coalesce(aging.open_amount_eur, 0) as decimal(18, 6)) as open_amount_eur,
    cast(coalesce(aging.overdue_eur, 0) as decimal(18, 6)) as overdue_eur,
    cast(coalesce(aging.unapplied_eur, 0) as decimal(18, 6)) as unapplied_eur,
    delays.payment_delay_days,
    delays.payment_rating
from billed
left join billing.customers as customers
    on customers.company_id = billed.company_id and customers.original_id = billed.customer_id
left join recurring
    on recurring.company_id = billed.company_id and recurring.customer_id = billed.customer_id
left join receivables.aging_by_customer as aging
    on aging.company_id = billed.company_id and aging.customer_id = billed.customer_id
left join receivables.payment_delays as delays
    on delays.company_id = billed.company_id and delays.customer_id = billed.customer_id
