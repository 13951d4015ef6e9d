-- intermediate.continuity: how long each recurring line really runs, small gaps and overlaps neutralised.
--
-- grain    one row per (company_id, line_id) of the standing lines
-- scope    one customer
-- as of    :as_of; a line that ended lately is held until its renewal is overdue by more than the grace
with lags as (

    select
        company_id, customer_id, price_id, currency, subscription_id,
        max(end_date) as last_end_date,
        cast(percentile_disc(0.5) within group (order by invoice_date - start_date) as integer) as lag_days
    from intermediate.standing_lines as standing
    where mrr_ccy > 0
    group by company_id, customer_id, price_id, currency, subscription_id

),

-- What a subscription billed once and left out since will not come with its next occurrence either.
latest as (

    select company_id, customer_id, subscription_id, max(start_date) as last_start_date
    from intermediate.standing_lines as standing
    where mrr_ccy > 0
    group by company_id, customer_id, subscription_id

),

dropped_keys as (

    select company_id, customer_id, price_id, currency, subscription_id, max(start_date) as dropped_start
    from intermediate.dropped_lines as dropped
    group by company_id, customer_id, price_id, currency, subscription_id

),

judged as (

    select
        standing.*,
        sequels.sequel_start,
        standing.end_date + greatest(lags.lag_days, 0) + standing.grace_days as held_until,
        standing.mrr_ccy > 0
        and not standing.is_terminated
        and sequels.sequel_start is null
        and standing.end_date = lags.last_end_date
        and standing.end_date <= cast(:as_of as date)
        and coalesce(dropped_keys.dropped_start <= standing.start_date, true)
        and coalesce(subscriptions.status not in ('stopped', 'finished') or subscriptions.stopped_date > cast(:as_of as date), true)
            as may_be_held,
        coalesce(subscriptions.status = 'in_progress' and subscriptions.next_occurrence_date >= cast(:as_of as date), false)
        and latest.last_start_date < standing.end_date as is_subscribed
    from intermediate.standing_lines as standing
    left join intermediate.sequels as sequels
        on sequels.company_id = standing.company_id and sequels.line_id = standing.line_id
    left join lags
        on lags.company_id = standing.company_id and lags.customer_id = standing.customer_id
        and lags.price_id = standing.price_id and lags.currency = standing.currency
        and lags.subscription_id = standing.subscription_id
    left join dropped_keys
        on dropped_keys.company_id = standing.company_id and dropped_keys.customer_id = standing.customer_id
        and dropped_keys.price_id = standing.price_id and dropped_keys.currency = standing.currency
        and dropped_keys.subscription_id = standing.subscription_id
    left join staging.subscriptions as subscriptions
        on subscriptions.company_id = standing.company_id and subscriptions.subscription_id = standing.subscription_id
    left join latest
        on latest.company_id = standing.company_id and latest.customer_id = standing.customer_id
        and latest.subscription_id = standing.subscription_id

)

select
    company_id,
    line_id,
    customer_id,
    start_date,
    end_date as covered_until,
    case
        when sequel_start is not null then sequel_start
        when may_be_held and (is_subscribed or held_until >= cast(:as_of as date)) then cast(:as_of as date) + 1
        else end_date
    end as end_date,
    may_be_held and (is_subscribed or held_until >= cast(:as_of as date)) as is_held,
    case when may_be_held then held_until end as held_until,
    is_terminated
from judged
