-- metrics.movements: what changed in a customer's MRR between two snapshots, in one word.
--
-- grain    one row per (company_id, customer_id, granularity, period_index) with a change
-- scope    one customer
-- amounts  base currency; start_mrr_base + movement_base + currency_effect_base = end_mrr_base
--
-- Quarters and years are judged on their own snapshots: totals add up over months, kinds do not.
with snapshots as (

    select
        months.company_id,
        months.customer_id,
        periods.granularity,
        periods.period_index,
        months.mrr_base,
        lag(periods.period_index) over customers as previous_index,
        lag(months.mrr_base) over customers as previous_mrr,
        lead(periods.period_index) over customers as next_index,
        max(case when months.mrr_base > 0 then periods.period_index end) over (
            partition by months.company_id, months.customer_id, periods.granularity order by periods.period_index
            rows between unbounded preceding and 1 preceding
        ) as last_active_index
    from metrics.customer_months as months
    join metrics.periods as periods on periods.snapshot_month = months.month_index
    window customers as (
        partition by months.company_id, months.customer_id, periods.granularity order by periods.period_index
    )

),

last_periods as (

    select granularity, max(period_index) as last_index
    from metrics.periods
    group by granularity

),

-- A customer is compared in every period where it has MRR, and once more in the first where it has none.
comparisons as (

    select
        company_id, customer_id, granularity, period_index, last_active_index,
        case when previous_index = period_index - 1 then previous_mrr else cast(0 as decimal(18, 4)) end as start_mrr,
        mrr_base as end_mrr
    from snapshots

    union all

    select
        snapshots.company_id, snapshots.customer_id, snapshots.granularity, snapshots.period_index + 1 as period_index,
        snapshots.period_index as last_active_index,
        snapshots.mrr_base as start_mrr,
        cast(0 as decimal(18, 4)) as end_mrr
    from snapshots
    join last_periods on last_periods.granularity = snapshots.granularity
    where snapshots.next_index is distinct from snapshots.period_index + 1 and snapshots.period_index < last_periods.last_index

),

-- Who arrives or leaves has no currency effect, even with a second currency on both sides.
effects as (

    select
        comparisons.*,
        case
            when comparisons.start_mrr > 0 and comparisons.end_mrr > 0 then coalesce(effects.currency_effect_base, 0)
            else 0
        end as currency_effect
    from comparisons
    left join intermediate.currency_effects as effects
        on effects.company_id = comparisons.company_id and effects.customer_id = comparisons.customer_id
        and effects.granularity = comparisons.granularity and effects.period_index = comparisons.period_index

),

changes as (

    select *, end_mrr - start_mrr - currency_effect as change
    from effects
    where start_mrr <> end_mrr or currency_effect <> 0

)

select
    company_id,
    customer_id,
    granularity,
    period_index,
    case
        when start_mrr <= 0 and end_mrr > 0 and last_active_index is null then 'new'
        when start_mrr <= 0 and end_mrr > 0 then 'reactivation'
        when start_mrr > 0 and end_mrr <= 0 then 'churn'
        when change > 0 then 'expansion'
        when change < 0 then 'contraction'
        else 'currency'
    end as movement,
    cast(start_mrr as decimal(18, 4)) as start_mrr_base,
    cast(change as decimal(18, 4)) as movement_base,
    cast(currency_effect as decimal(18, 4)) as currency_effect_base,
    cast(end_mrr as decimal(18, 4)) as end_mrr_base,
    case when start_mrr <= 0 and end_mrr > 0 then cast(period_index - last_active_index - 1 as integer) end as periods_inactive
from changes
