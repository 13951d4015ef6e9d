-- billing.subscriptions: what is sold again and again: the lines of billing subscriptions, and those found in invoices.
--
-- grain    one row per (company_id, original_id)
-- scope    one customer
-- amounts  monthly_amount: tax excluded, in the currency, four decimals
-- as of    :as_of; decides what has ended
with lines as (

    select
        subscriptions.*,
        lines.subscription_line_id,
        lines.line_excl_tax_ccy,
        coalesce(lines.product_id, 'label-' || md5(readings.stem)) as price_id,
        cast(subscriptions.rule_interval * case when subscriptions.rule_type = 'monthly' then 1 else 12 end as decimal(38, 0)) as months,
        2 * cast(round(cast(lines.line_excl_tax_ccy as decimal(38, 6)) * 10000) as decimal(38, 0))
        * cast(case when subscriptions.rule_type = 'weekly' then 52 else subscriptions.occurrences end as decimal(9, 0)) as units
    from staging.subscription_lines as lines
    join staging.subscriptions as subscriptions
        on subscriptions.company_id = lines.company_id and subscriptions.subscription_id = lines.subscription_id
    join intermediate.label_readings as readings on readings.line_text = lines.line_text

),

found as (

    select
        company_id, customer_id, price_id, currency,
        min(start_date) as start_date,
        max(end_date) as end_date,
        bool_or(is_held) as is_held,
        sum(case when end_date > cast(:as_of as date) then mrr_ccy else 0 end) as current_mrr_ccy
    from metrics.segments as segments
    where not exists (
        select 1 from lines
        where
            lines.company_id = segments.company_id and lines.customer_id = segments.customer_id
            and lines.price_id = segments.price_id and lines.currency = segments.currency
    )
    group by company_id, customer_id, price_id, currency

)

select
    company_id,
    'line-' || subscription_line_id as original_id,
    subscription_id as subscription_set_id,
    customer_id,
    price_id,
    currency as currency_code,
    cast(cast((units + months - (units + months) % (2 * months)) / (2 * months) as bigint) * 0.0001 as decimal(18, 4)) as monthly_amount,
    start_date as subscription_start_date,
    stopped_date as canceled_at,
    finish_date as effective_cancellation_date,
    activated_date as deal_closed_date,
    status,
    'billing_subscription' as source
from lines

union all

select
    company_id,
    'found-' || customer_id || '-' || price_id || '-' || currency as original_id,
    cast(null as text) as subscription_set_id,
    customer_id,
    price_id,
    currency as currency_code,
    cast(current_mrr_ccy as decimal(18, 4)) as monthly_amount,
    start_date as subscription_start_date,
    cast(null as date) as canceled_at,
    case when end_date <= cast(:as_of as date) then end_date end as effective_cancellation_date,
    cast(null as date) as deal_closed_date,
    case when end_date > cast(:as_of as date) then 'in_progress' else 'finished' end as status,
    'detected' as source
from found
