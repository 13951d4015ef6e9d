-- intermediate.line_rules: the first rule that knows whether a line comes again, from the line itself.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
--
-- Overrides first, then the product's setting, the subscription, the words, the dates, the cadence. What no rule knows
-- stays unknown and out of MRR.
with known as (

    select
        signals.*,
        periods.end_date - periods.start_date as explicit_days,
        cadences.cadence_months as found_cadence,
        cadences.is_tentative,
        cadences.hits,
        cadences.intervals,
        recurring_products.price_id is not null as is_recurring_product,
        line_override.recurrence as line_override,
        pair_override.recurrence as pair_override,
        product_override.recurrence as product_override,
        subscription_lines.subscription_id is not null as is_in_subscription
    from intermediate.line_signals as signals
    left join intermediate.explicit_periods as periods
        on periods.company_id = signals.company_id and periods.line_id = signals.line_id
    left join intermediate.cadences as cadences
        on cadences.company_id = signals.company_id and cadences.customer_id = signals.customer_id
        and cadences.price_id = signals.price_id and cadences.currency = signals.currency
    left join intermediate.recurring_products as recurring_products
        on recurring_products.company_id = signals.company_id and recurring_products.price_id = signals.price_id
    left join metrics.overrides as line_override
        on line_override.override_level = 'line' and line_override.company_id = signals.company_id
        and line_override.line_id = signals.line_id
    left join metrics.overrides as pair_override
        on pair_override.override_level = 'customer_product' and pair_override.company_id = signals.company_id
        and pair_override.customer_id = signals.customer_id and pair_override.price_id = signals.price_id
    left join metrics.overrides as product_override
        on product_override.override_level = 'product' and product_override.company_id = signals.company_id
        and product_override.price_id = signals.price_id
    left join intermediate.subscription_prices as subscription_lines
        on subscription_lines.company_id = signals.company_id
        and subscription_lines.subscription_id = signals.subscription_id and subscription_lines.price_id = signals.price_id

),

ruled as (

    select
        *,
        case
            when line_override is not null then 'override_line'
            when pair_override is not null then 'override_customer_product'
            when product_override is not null then 'override_product'
            when subscription_id is not null and (is_in_subscription or (one_off_word is null and usage_word is null))
                then 'subscription'
            when one_off_word is not null and recurring_word is not null then 'conflict'
            when one_off_word is not null then 'one_off_word'
            when usage_word is not null then 'usage_word'
            when explicit_days >= 25 and recurring_word is not null then 'dates_and_word'
            when explicit_days >= 25 and found_cadence is not null then 'dates_and_cadence'
            when explicit_days >= 25 and is_recurring_product then 'dates_and_product'
            when period_kind = 'bare_month' and recurring_word is not null then 'month_and_word'
            when found_cadence is not null and not is_negative then 'cadence'
            when label_cadence_months is not null and not is_negative then 'cadence_word'
            else 'none'
        end as rule
    from known

)

select
    company_id,
    line_id,
    invoice_id,
    customer_id,
    price_id,
    subscription_id,
    is_credit_note,
    is_negative,
    explicit_days,
    is_recurring_product,
    label_cadence_months,
    recurring_word,
    one_off_word,
    usage_word,
    discount_word,
    found_cadence,
    is_tentative,
    hits,
    intervals,
    rule,
    case
        when rule = 'override_line' then line_override
        when rule = 'override_customer_product' then pair_override
        when rule = 'override_product' then product_override
        when rule = 'one_off_word' then 'one_off'
        when rule = 'usage_word' then 'usage'
        when rule in ('conflict', 'none') then 'unknown'
        else 'recurring'
    end as recurrence
from ruled
