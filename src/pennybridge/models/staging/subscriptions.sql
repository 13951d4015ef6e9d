-- staging.subscriptions: the billing subscriptions, in our names, with the months that one occurrence covers.
--
-- grain    one row per (company_id, subscription_id)
-- scope    one customer
with subscriptions as (

    -- "1, 15" names two days a month: the list's length multiplies the occurrences.
    select
        *,
        coalesce(rule_interval, 1) as every,
        case when rule_type = 'yearly' then coalesce(rule_month_of_year, rule_day_of_month) else rule_day_of_month end as days
    from pennylane.billing_subscriptions

)

select
    subscriptions.company_id,
    cast(subscriptions.id as text) as subscription_id,
    scope.customer_id,
    subscriptions.label as subscription_name,
    subscriptions.status,
    subscriptions.start as start_date,
    subscriptions.finish as finish_date,
    subscriptions.next_occurrence as next_occurrence_date,
    cast(subscriptions.activated_at at time zone 'Europe/Paris' as date) as activated_date,
    cast(subscriptions.stopped_at at time zone 'Europe/Paris' as date) as stopped_date,
    subscriptions.rule_type,
    subscriptions.every as rule_interval,
    cast(case
        when subscriptions.rule_type in ('monthly', 'yearly') and subscriptions.days is not null
            then 1 + length(subscriptions.days) - length(replace(subscriptions.days, ',', ''))
        else 1
    end as integer) as occurrences,
    subscriptions.currency
from subscriptions
join build.scope as scope
    on scope.company_id = subscriptions.company_id and scope.landing_id = subscriptions.customer_id
where subscriptions.deleted_at is null and subscriptions.status <> 'draft'
