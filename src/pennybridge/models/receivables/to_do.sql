-- receivables.to_do: what to do about each customer that owes, with the reason; it proposes, nothing is sent.
--
-- grain    one row per (company_id, customer_id) with something to do or to wait for
-- scope    one customer
-- amounts  euros, tax included; score ranks: each overdue amount by its age, and how the customer usually pays
-- as of    :as_of
--
-- Every overdue invoice calls for an action by its age, unless it is disputed or being paid; the customer's is the one
-- that most money calls for, so that an old remainder of a few euros does not make a doubtful customer. A direct debit
-- takes some days; one that is recorded for a month and still under way will not come.
with under_way as (

    select distinct company_id, invoice_id
    from billing.payments
    where
        payment_kind = 'payment'
        and status in (
            'pending', 'prepared', 'pending_customer_approval', 'pending_submission', 'submitted', 'resubmission_requested'
        )
        and date between cast(:as_of as date) - 30 and cast(:as_of as date)

),

owed as (

    select
        aging.company_id,
        aging.customer_id,
        aging.open_amount_eur,
        aging.days_late,
        aging.due_date,
        aging.aging_bucket = 'not_due' and aging.due_date <= cast(:as_of as date) + 5 as is_soon,
        coalesce(aging.e_invoicing_status in ('in_dispute', 'refused', 'rejected'), false) as is_disputed,
        aging.days_late > 0 and under_way.invoice_id is not null as is_under_way
    from receivables.aging as aging
    left join under_way on under_way.company_id = aging.company_id and under_way.invoice_id = aging.invoice_id
    where aging.open_amount_eur > 0

),

called_for as (

    select
        company_id,
        customer_id,
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
    from owed
    where days_late > 0 and not is_disputed and not is_under_way

),

actions as (

    select
        company_id,
        customer_id,
        action,
        max(days_late) as most_days_late,
        max(max(days_late)) over (partition by company_id, customer_id) as oldest_days_late,
        sum(sum(weight)) over (partition by company_id, customer_id) as weight,
        row_number() over (partition by company_id, customer_id order by sum(weight) desc, max(days_late) desc) as place
    from called_for
    group by company_id, customer_id, action

),

signs as (

    select
        company_id,
        customer_id,
        min(case when is_soon then due_date end) as next_due_date,
        sum(case when is_soon then open_amount_eur end) as soon_due_eur,
        count(*) filter (where is_disputed) as disputed,
        count(*) filter (where is_under_way) as debited
    from owed
    group by company_id, customer_id

),

situations as (

    select
        aging.company_id,
        aging.customer_id,
        aging.overdue_eur,
        aging.unapplied_eur,
        aging.days_late,
        coalesce(delays.payment_rating, 'A') as payment_rating,
        actions.most_days_late,
        actions.oldest_days_late,
        coalesce(actions.weight, 0) as weight,
        signs.next_due_date,
        signs.soon_due_eur,
        coalesce(signs.disputed, 0) as disputed,
        case
            when actions.action is null and signs.disputed + signs.debited > 0 then 'wait'
            when aging.overdue_eur > 0 and aging.unapplied_eur >= aging.overdue_eur then 'apply_credit'
            when actions.action is not null then actions.action
            when signs.soon_due_eur > 0 and delays.payment_rating in ('C', 'D') then 'announce_due_date'
        end as action
    from receivables.aging_by_customer as aging
    left join actions
        on actions.company_id = aging.company_id and actions.customer_id = aging.customer_id and actions.place = 1
    left join signs on signs.company_id = aging.company_id and signs.customer_id = aging.customer_id
    left join receivables.payment_delays as delays
        on delays.company_id = aging.company_id and delays.customer_id = aging.customer_id

)

select
    company_id,
    customer_id,
    action,
    case
        when action = 'wait' and disputed > 0 then 'an invoice is disputed or refused'
        when action = 'wait' then 'a payment of an overdue invoice is under way'
        when action = 'apply_credit' then 'unapplied credit covers what is overdue'
        when action = 'announce_due_date' then 'usually pays late, and an invoice falls due within five days'
        when most_days_late < oldest_days_late
            then 'the largest part is at most ' || cast(most_days_late as text) || ' days late, the oldest invoice '
                || cast(oldest_days_late as text)
        else 'oldest overdue invoice is ' || cast(oldest_days_late as text) || ' days late'
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
from situations
where action is not null
