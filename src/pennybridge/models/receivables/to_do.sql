-- receivables.to_do: what to do about each customer that owes, with the reason; it proposes, nothing is sent.
--
-- grain    one row per (company_id, customer_id) with something to do or to wait for
-- scope    one customer
-- amounts  euros, tax included; score ranks: each overdue amount by its age, and how the customer usually pays
-- as of    :as_of
--
-- Every overdue invoice calls for an action by its age; the customer's is the one that most money calls for, so that an
-- old remainder of a few euros does not make a doubtful customer.
with called_for as (

    select
        company_id,
        customer_id,
        open_amount_eur,
        days_late,
        case
            when days_late >= 90 then 'propose_doubtful'
            when days_late >= 60 then 'escalate'
            when days_late >= 45 then 'formal_notice'
            when days_late >= 30 then 'firm_reminder'
            when days_late >= 15 then 'call'
            else 'friendly_reminder'
        end as action,
        cast(open_amount_eur as decimal(38, 6))
        * case when days_late > 90 then 2.0 when days_late > 60 then 1.7 when days_late > 30 then 1.4 else 1.0 end as weight
    from receivables.aging
    where aging_bucket not in ('not_due', 'unapplied')

),

actions as (

    select
        company_id,
        customer_id,
        action,
        max(days_late) as days_late,
        row_number() over (partition by company_id, customer_id order by sum(weight) desc, max(days_late) desc) as place,
        sum(sum(weight)) over (partition by company_id, customer_id) as weight
    from called_for
    group by company_id, customer_id, action

),

signs as (

    select
        company_id,
        customer_id,
        min(case when is_soon then due_date end) as next_due_date,
        sum(case when is_soon then open_amount_eur end) as soon_due_eur,
        count(*) filter (where e_invoicing_status in ('in_dispute', 'refused', 'rejected')) as disputed
    from (select *, aging_bucket = 'not_due' and due_date <= cast(:as_of as date) + 5 as is_soon from receivables.aging) as owed
    where open_amount_eur > 0
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
        actions.action,
        actions.days_late as most_days_late,
        coalesce(actions.weight, 0) as weight,
        coalesce(delays.payment_rating, 'A') as payment_rating,
        signs.next_due_date,
        signs.soon_due_eur,
        coalesce(signs.disputed, 0) as disputed,
        coalesce(debits.debited, 0) as debited
    from receivables.aging_by_customer as aging
    left join actions
        on actions.company_id = aging.company_id and actions.customer_id = aging.customer_id and actions.place = 1
    left join receivables.payment_delays as delays
        on delays.company_id = aging.company_id and delays.customer_id = aging.customer_id
    left join signs on signs.company_id = aging.company_id and signs.customer_id = aging.customer_id
    left join debits on debits.company_id = aging.company_id and debits.customer_id = aging.customer_id

),

decided as (

    select
        company_id, customer_id, overdue_eur, unapplied_eur, days_late, most_days_late, weight, payment_rating,
        next_due_date, soon_due_eur, disputed, debited,
        case
            when disputed > 0 or debited > 0 then 'wait'
            when overdue_eur > 0 and unapplied_eur >= overdue_eur then 'apply_credit'
            when action is not null then action
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
        when most_days_late < days_late
            then 'the largest part is at most ' || cast(most_days_late as text) || ' days late, the oldest invoice ' || cast(days_late as text)
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
        else weight * case payment_rating when 'D' then 1.5 when 'C' then 1.3 when 'B' then 1.1 else 1.0 end
    end as decimal(18, 2)) as score
from decided
where action is not null
