-- receivables.month_ends: what was owed at every month's end, by how late it was.
--
-- grain    one row per (company_id, snapshot_date)
-- scope    all customers
-- amounts  euros, tax included; open_amount = not due + overdue - unapplied
-- checks   month_ends_agree_with_aging
with owed as (

    select
        days.company_id,
        days.snapshot_date,
        days.month_index,
        amounts.open_amount_eur,
        days.snapshot_date - invoices.due_date as days_late
    from receivables.snapshot_days as days
    join receivables.open_amounts as amounts
        on amounts.company_id = days.company_id
        and amounts.valid_from <= days.snapshot_date and amounts.valid_until > days.snapshot_date
    join staging.invoices as invoices
        on invoices.company_id = amounts.company_id and invoices.invoice_id = amounts.invoice_id
    where amounts.open_amount_eur <> 0 and not invoices.excluded

),

sums as (

    select
        company_id,
        snapshot_date,
        sum(case when open_amount_eur > 0 and days_late <= 0 then open_amount_eur else 0 end) as not_due,
        sum(case when open_amount_eur > 0 and days_late between 1 and 30 then open_amount_eur else 0 end) as late_1_30,
        sum(case when open_amount_eur > 0 and days_late between 31 and 60 then open_amount_eur else 0 end) as late_31_60,
        sum(case when open_amount_eur > 0 and days_late between 61 and 90 then open_amount_eur else 0 end) as late_61_90,
        sum(case when open_amount_eur > 0 and days_late > 90 then open_amount_eur else 0 end) as late_over_90,
        sum(case when open_amount_eur < 0 then 0 - open_amount_eur else 0 end) as unapplied,
        sum(open_amount_eur) as open_amount
    from owed
    group by company_id, snapshot_date

)

select
    days.company_id,
    days.snapshot_date,
    days.month_index,
    days.month_start,
    days.is_as_of,
    cast(coalesce(sums.not_due, 0) as decimal(18, 6)) as not_due_eur,
    cast(coalesce(sums.late_1_30, 0) as decimal(18, 6)) as late_1_30_eur,
    cast(coalesce(sums.late_31_60, 0) as decimal(18, 6)) as late_31_60_eur,
    cast(coalesce(sums.late_61_90, 0) as decimal(18, 6)) as late_61_90_eur,
    cast(coalesce(sums.late_over_90, 0) as decimal(18, 6)) as late_over_90_eur,
    cast(coalesce(sums.late_1_30 + sums.late_31_60 + sums.late_61_90 + sums.late_over_90, 0) as decimal(18, 6)) as overdue_eur,
    cast(coalesce(sums.unapplied, 0) as decimal(18, 6)) as unapplied_eur,
    cast(coalesce(sums.open_amount, 0) as decimal(18, 6)) as open_amount_eur
from receivables.snapshot_days as days
left join sums on sums.company_id = days.company_id and sums.snapshot_date = days.snapshot_date
