-- receivables.aging_by_customer: what each customer owes, by how late it is.
--
-- grain    one row per (company_id, customer_id) with an open document
-- scope    one customer
-- amounts  euros, tax included; open_amount = not due + overdue - unapplied
-- checks   aging_adds_up_to_open_amounts
select
    company_id,
    customer_id,
    cast(sum(case when aging_bucket = 'not_due' then open_amount_eur else 0 end) as decimal(18, 6)) as not_due_eur,
    cast(sum(case when aging_bucket = '1_30' then open_amount_eur else 0 end) as decimal(18, 6)) as late_1_30_eur,
    cast(sum(case when aging_bucket = '31_60' then open_amount_eur else 0 end) as decimal(18, 6)) as late_31_60_eur,
    cast(sum(case when aging_bucket = '61_90' then open_amount_eur else 0 end) as decimal(18, 6)) as late_61_90_eur,
    cast(sum(case when aging_bucket = 'over_90' then open_amount_eur else 0 end) as decimal(18, 6)) as late_over_90_eur,
    cast(sum(case when aging_bucket not in ('not_due', 'unapplied') then open_amount_eur else 0 end) as decimal(18, 6)) as overdue_eur,
    cast(sum(case when aging_bucket = 'unapplied' then 0 - open_amount_eur else 0 end) as decimal(18, 6)) as unapplied_eur,
    cast(sum(open_amount_eur) as decimal(18, 6)) as open_amount_eur,
    max(case when aging_bucket not in ('not_due', 'unapplied') then days_late else 0 end) as days_late,
    count(*) as documents
from receivables.aging
group by company_id, customer_id
