-- receivables.owed_at_month_ends: what a customer owed at every month's end, by how late it was.
--
-- grain    one row per (company_id, customer_id, snapshot_date) with an open document
-- scope    one customer
-- amounts  euros, tax included; open_amount = not due + overdue - unapplied
with owed as (

    select
        amounts.company_id,
        amounts.customer_id,
        periods.snapshot_date,
        amounts.open_amount_eur,
        periods.snapshot_date - invoices.due_date as days_late
    from receivables.open_amounts as amounts
    join metrics.periods as periods
        on periods.granularity = 'month'
        and amounts.valid_from <= periods.snapshot_date and amounts.valid_until > periods.snapshot_date
    join staging.invoices as invoices
        on invoices.company_id = amounts.company_id and invoices.invoice_id = amounts.invoice_id
    where amounts.open_amount_eur <> 0 and not invoices.excluded

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
