-- receivables.to_do: what to do about each customer that owes, with the reason; it proposes, nothing is sent.
--
-- grain    one row per (company_id, customer_id) with something to do or to wait for
-- scope    one customer
-- amounts  euros, tax included; score ranks: overdue amount by age and by how the customer usually pays
-- as of    :as_of
with soon as (

    select
        company_id,
        customer_id,
        min(due_date) as next_due_date,
        cast(sum(open_amount_eur) as decimal(18, 6)) as soon_due_eur
    from receivables.aging
    where aging_bucket = 'not_due' and due_date <= cast(:as_of as date) + 5
    group by company_id, customer_id

),

disputes as (

    select company_id, customer_id, count(*) as disputed
    from receivables.aging
    where e_invoicing_status in ('in_dispute', 'refused', 'rejected') and open_amount_eur > 0
    group by company_id, customer_id

),

-- A direct debit takes some days; one that is recorded for a month and still under way will not come.
debits as (

    select aging.company_id, aging.customer_id, count(*) as debited
    from receivables.aging as aging
    join billing.payments as payments
        on payments.company_id = aging.company_id and payments.invoice_id = aging.invoice_id
        and payments.payment_kind = 'payment'
    where
        aging.open_amount_eur > 0 and aging.days_late > 0
        and payments.status in (
            'pending', 'prepared', 'pending_customer_approval', 'pending_submission', 'submitted', 'resubmission_requested'
        )
        and payments.date between cast(:as_of as date) - 30 and cast(:as_of as date)
    group by aging.company_id, aging.customer_id

),

situations as (

    select
        aging.company_id,
        aging.customer_id,
        aging.overdue_eur,
        aging.unapplied_eur,
        aging.days_late,
        coalesce(delays.payment_rating, 'A') as payment_rating,
        soon.next_due_date,
        soon.soon_due_eur,
        coalesce(disputes.disputed, 0) as disputed,
        coalesce(debits.debited, 0) as debited
    from receivables.aging_by_customer as aging
    left join receivables.payment_delays as delays
        on delays.company_id = aging.company_id and delays.customer_id = aging.customer_id
    left join soon on soon.company_id = aging.company_id and soon.customer_id = aging.customer_id
    left join disputes on disputes.company_id = aging.company_id and disputes.customer_id = aging.customer_id
    left join debits on debits.company_id = aging.company_id and debits.customer_id = aging.customer_id

),

decided as (

    select
        *,
        case
            when disputed > 0 or debited > 0 then 'wait'
            when overdue_eur > 0 and unapplied_eur >= overdue_eur then 'apply_credit'
            when days_late >= 90 then 'propose_doubtful'
            when days_late >= 60 then 'escalate'
            when days_late >= 45 then 'formal_notice'
            when days_late >= 30 then 'firm_reminder'
            when days_late >= 15 then 'call'
            when days_late >= 1 then 'friendly_reminder'
            when soon_due_eur > 0 and payment_rating in ('C', 'D') then 'announce_due_date'
        end as action
    from situations

)

select
    company_id,
    customer_id,
    action,
    case
        when disputed > 0 then 'an invoice is disputed or refused'
        when debited > 0 then 'a payment of an overdue invoice is under way'
        when action = 'apply_credit' then 'unapplied credit covers what is overdue'
        when action = 'announce_due_date' then 'usually pays late, and an invoice falls due within five days'
        else 'oldest overdue invoice is ' || cast(days_late as text) || ' days late'
    end as reason,
    overdue_eur,
    unapplied_eur,
    days_late,
    payment_rating,
    next_due_date,
    cast(case
        when action = 'wait' then 0
        when action = 'announce_due_date' then cast(soon_due_eur as decimal(38, 6)) * 0.1
        else cast(overdue_eur as decimal(38, 6))
            * case when days_late > 90 then 2.0 when days_late > 60 then 1.7 when days_late > 30 then 1.4 else 1.0 end
            * case payment_rating when 'D' then 1.5 when 'C' then 1.3 when 'B' then 1.1 else 1.0 end
    end as decimal(18, 2)) as score
from decided
where action is not null
