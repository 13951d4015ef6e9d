-- receivables.owed_at_month_ends: what a customer owed at every month's end, by how late it was.
--
-- grain    one row per (company_id, customer_id, snapshot_date) with an open document
-- scope    one customer
-- amounts  euros, tax included; open_amount = not due + overdue - unapplied
-- as of    :as_of; the month of that day is seen on that day
with spans as (

    select
        amounts.company_id,
        amounts.customer_id,
        amounts.open_amount_eur,
        invoices.due_date,
        cast(extract(year from amounts.valid_from) * 12 + extract(month from amounts.valid_from) as integer) as first_month,
        case
            when amounts.valid_until > cast(:as_of as date)
                then cast(extract(year from cast(:as_of as date)) * 12 + extract(month from cast(:as_of as date)) as integer)
            else cast(extract(year from amounts.valid_until) * 12 + extract(month from amounts.valid_until) as integer) - 1
        end as last_month
    from receivables.open_amounts as amounts
    join staging.invoices as invoices
        on invoices.company_id = amounts.company_id and invoices.invoice_id = amounts.invoice_id
    where amounts.open_amount_eur <> 0 and not invoices.excluded

),

owed as (

    select
        spans.company_id,
        spans.customer_id,
        periods.snapshot_date,
        spans.open_amount_eur,
        periods.snapshot_date - spans.due_date as days_late
    from spans
    join metrics.periods as periods
        on periods.granularity = 'month' and periods.period_index between spans.first_month and spans.last_month

)

select
    company_id,
    customer_id,
    snapshot_date,
    cast(sum(case when open_amount_eur > 0 and days_late <= 0 then open_amount_eur else 0 end) as decimal(18, 6)) as not_due_eur,
    cast(sum(case when open_amount_eur > 0 and days_late between 1 and 30 then open_amount_eur else 0 end) as decimal(18, 6)) as late_1_30_eur,
    cast(sum(case when open_amount_eur > 0 and days_late between 31 and 60 then open_amount_eur else 0 end) as decimal(18, 6)) as late_31_60_eur,
    cast(sum(case when open_amount_eur > 0 and days_late between 61 and 90 then open_amount_eur else 0 end) as decimal(18, 6)) as late_61_90_eur,
    cast(sum(case when open_amount_eur > 0 and days_late > 90 then open_amount_eur else 0 end) as decimal(18, 6)) as late_over_90_eur,
    cast(sum(case when open_amount_eur < 0 then 0 - open_amount_eur else 0 end) as decimal(18, 6)) as unapplied_eur,
    cast(sum(open_amount_eur) as decimal(18, 6)) as open_amount_eur
from owed
group by company_id, customer_id, snapshot_date
