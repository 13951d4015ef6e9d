-- intermediate.line_periods: the service period of a line, by the first source that knows it.
--
-- grain    one row per (company_id, line_id) whose period is known
-- scope    one customer
-- days     from start_date up to, and without, end_date
--
-- Found periods begin on the invoice date, or on the first of the month for sales always billed around it, and lie
-- before the invoice where the written periods of the same sale do.
with known as (

    select
        signals.*,
        recurrence.recurrence,
        recurrence.recurrence_rule,
        periods.start_date as explicit_start,
        periods.end_date as explicit_end,
        periods.period_source as explicit_source,
        periods.period_confidence as explicit_confidence,
        periods.period_evidence as explicit_evidence,
        coalesce(periods.label_disagrees, false) as label_disagrees,
        coalesce(line_override.period_start, pair_override.period_start) as override_start,
        coalesce(line_override.period_end, pair_override.period_end) + 1 as override_end,
        coalesce(line_override.cadence_months, pair_override.cadence_months, product_override.cadence_months) as set_cadence,
        cadences.cadence_months as found_cadence,
        coalesce(cadences.is_month_start, false) as is_month_start,
        coalesce(lags.lag_days > 20, false) as is_in_arrears
    from intermediate.line_signals as signals
    join intermediate.line_recurrence as recurrence
        on recurrence.company_id = signals.company_id and recurrence.line_id = signals.line_id
    left join intermediate.explicit_periods as periods
        on periods.company_id = signals.company_id and periods.line_id = signals.line_id
    left join intermediate.cadences as cadences
        on cadences.company_id = signals.company_id and cadences.customer_id = signals.customer_id
        and cadences.price_id = signals.price_id and cadences.currency = signals.currency
    left join intermediate.billing_lags as lags
        on lags.company_id = signals.company_id and lags.customer_id = signals.customer_id
        and lags.price_id = signals.price_id and lags.currency = signals.currency
    left join metrics.overrides as line_override
        on line_override.override_level = 'line' and line_override.company_id = signals.company_id
        and line_override.line_id = signals.line_id
    left join metrics.overrides as pair_override
        on pair_override.override_level = 'customer_product' and pair_override.company_id = signals.company_id
        and pair_override.customer_id = signals.customer_id and pair_override.price_id = signals.price_id
    left join metrics.overrides as product_override
        on product_override.override_level = 'product' and product_override.company_id = signals.company_id
        and product_override.price_id = signals.price_id

),

sourced as (

    select
        *,
        case
            when override_start is not null and override_end is not null then 'override'
            when explicit_start is not null then explicit_source
            when recurrence <> 'recurring' or recurrence_rule like 'lowers%' then null
            when rule_type in ('weekly', 'monthly', 'yearly') then 'subscription'
            when set_cadence is not null then 'product_cadence'
            when found_cadence is not null then 'found_cadence'
            when period_kind = 'bare_month' then 'label_bare_month'
            when label_cadence_months is not null then 'label_cadence'
        end as period_source,
        case
            when rule_type = 'monthly' then rule_interval
            when rule_type = 'yearly' then 12 * rule_interval
            else coalesce(set_cadence, found_cadence, label_cadence_months)
        end as months,
        -- The first of the month for what is always billed around it: the last days of a month speak for the next.
        case
            when is_month_start then cast(date_trunc('month', invoice_date + 3) as date)
            else invoice_date
        end as found_start
    from known

),

placed as (

    select
        *,
        case
            when period_source = 'override' then override_start
            when period_source in ('product_cadence', 'found_cadence', 'label_cadence') then
                case
                    when is_in_arrears then cast(found_start - months * interval '1 month' as date)
                    else found_start
                end
            when period_source = 'subscription' then invoice_date
            when period_source = 'label_bare_month' then label_start
            else explicit_start
        end as start_date
    from sourced
    where period_source is not null

)

select
    company_id,
    line_id,
    customer_id,
    start_date,
    case
        when period_source = 'override' then override_end
        when period_source = 'label_bare_month' then label_end
        when period_source = 'subscription' and rule_type = 'weekly' then start_date + 7 * rule_interval
        when period_source = 'subscription' and occurrences > 1
            then start_date + cast(floor(cast(30 * months as double precision) / occurrences) as integer)
        when period_source in ('subscription', 'product_cadence', 'found_cadence', 'label_cadence')
            then cast(start_date + months * interval '1 month' as date)
        else explicit_end
    end as end_date,
    -- Two days a month, or weeks, make months that no calendar shows.
    cast(case
        when period_source = 'subscription' and rule_type = 'weekly' then 12 * rule_interval
        when period_source = 'subscription' and occurrences > 1 then months
    end as integer) as rule_months,
    cast(case
        when period_source = 'subscription' and rule_type = 'weekly' then 52
        when period_source = 'subscription' and occurrences > 1 then occurrences
    end as integer) as rule_months_divisor,
    period_source,
    case
        when period_source = 'override' then cast(1 as decimal(3, 2))
        when period_source = 'subscription' then cast(0.95 as decimal(3, 2))
        when period_source = 'product_cadence' then cast(0.80 as decimal(3, 2))
        when period_source in ('found_cadence', 'label_cadence') then cast(0.60 as decimal(3, 2))
        when period_source = 'label_bare_month' then cast(0.50 as decimal(3, 2))
        else explicit_confidence
    end as period_confidence,
    case
        when period_source = 'label_bare_month' then label_evidence
        when period_source = 'subscription' then 'billing subscription ' || subscription_id
        when period_source in ('product_cadence', 'found_cadence', 'label_cadence')
            then 'every ' || cast(months as text) || ' months'
        else explicit_evidence
    end as period_evidence,
    label_disagrees
from placed
