-- receivables.month_ends: what was owed at every month's end, by how late it was.
--
-- grain    one row per (company_id, snapshot_date)
-- scope    all customers
-- amounts  euros, tax included; open_amount = not due + overdue - unapplied
-- checks   month_ends_agree_with_aging
with sums as (

    select
        company_id,
        snapshot_date,
        sum(not_due_eur) as not_due,
        sum(late_1_30_eur) as late_1_30,
        sum(late_31_60_eur) as late_31_60,
        sum(late_61_90_eur) as late_61_90,
        sum(late_over_90_eur) as late_over_90,
        sum(unapplied_eur) as unapplied,
        sum(open_amount_eur) as open_amount
    from receivables.owed_at_month_ends
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
