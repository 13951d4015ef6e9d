-- month_ends_agree_with_aging: what was owed on the as-of date differs between the series and the aging.
--
-- scope    all customers
with owed as (

    select
        company_id,
        sum(open_amount_eur) as open_amount,
        sum(overdue_eur) as overdue
    from receivables.aging_by_customer
    group by company_id

)

select ends.company_id, ends.snapshot_date, ends.open_amount_eur, owed.open_amount, ends.overdue_eur, owed.overdue
from receivables.month_ends as ends
left join owed on owed.company_id = ends.company_id
where
    ends.is_as_of
    and (ends.open_amount_eur <> coalesce(owed.open_amount, 0) or ends.overdue_eur <> coalesce(owed.overdue, 0))
