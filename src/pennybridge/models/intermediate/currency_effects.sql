-- intermediate.currency_effects: how much of a customer's change in MRR is only the rate between two snapshots.
--
-- grain    one row per (company_id, customer_id, granularity, period_index) with such an effect
-- scope    one customer
-- amounts  base currency, four decimals
--
-- Per currency: what the customer had before, at the rate it has now, less what that was worth then. A customer that
-- arrives, leaves or changes currency has no effect.
with snapshots as (

    select
        months.company_id,
        months.customer_id,
        months.currency,
        periods.granularity,
        periods.period_index,
        months.mrr_ccy,
        months.mrr_base,
        lag(periods.period_index) over customers as previous_index,
        lag(months.mrr_ccy) over customers as previous_ccy,
        lag(months.mrr_base) over customers as previous_base
    from intermediate.currency_months as months
    join metrics.periods as periods on periods.snapshot_month = months.month_index
    join staging.companies as companies on companies.company_id = months.company_id
    where months.currency <> companies.base_currency
    window customers as (
        partition by months.company_id, months.customer_id, months.currency, periods.granularity
        order by periods.period_index
    )

),

units as (

    select
        *,
        cast(cast(previous_ccy as decimal(38, 4)) * 10000 as decimal(38, 0)) * cast(cast(mrr_base as decimal(38, 4)) * 10000 as decimal(38, 0)) as product,
        cast(cast(mrr_ccy as decimal(38, 4)) * 10000 as decimal(38, 0)) as divisor
    from snapshots
    where previous_index = period_index - 1 and mrr_ccy > 0 and previous_ccy > 0

),

effects as (

    select
        *,
        cast(cast(((2 * product + divisor) - (2 * product + divisor) % (2 * divisor)) / (2 * divisor) as bigint)
            as decimal(18, 0)) * 0.0001 - previous_base as currency_effect
    from units

)

select
    company_id,
    customer_id,
    granularity,
    period_index,
    cast(sum(currency_effect) as decimal(18, 4)) as currency_effect_base
from effects
group by company_id, customer_id, granularity, period_index
having sum(currency_effect) <> 0
