-- metrics.mrr: monthly recurring revenue and its movements, by month, quarter and year.
--
-- grain    one row per (company_id, granularity, period_index)
-- scope    all customers
-- amounts  base currency, four decimals; start + movements + currency effect = end
-- checks   mrr_rolls_forward, movements_add_up
--
-- A period is provisional while some of its MRR waits for a renewal that is not overdue yet.
with month_ends as (

    select
        company_id,
        month_index,
        cast(sum(mrr_base) as decimal(18, 4)) as mrr,
        cast(sum(held_mrr_base) as decimal(18, 4)) as held_mrr,
        count(*) filter (where mrr_base > 0) as customers
    from metrics.customer_months
    group by company_id, month_index

),

ends as (

    select month_ends.*, periods.granularity, periods.period_index
    from month_ends
    join metrics.periods as periods on periods.snapshot_month = month_ends.month_index

),

kinds as (

    select
        company_id,
        granularity,
        period_index,
        movement,
        sum(movement_base) as movement_base,
        sum(currency_effect_base) as currency_effect_base,
        count(*) as customers
    from metrics.movements
    group by company_id, granularity, period_index, movement

),

movements as (

    select
        company_id,
        granularity,
        period_index,
        sum(case when movement = 'new' then movement_base else 0 end) as new_mrr,
        sum(case when movement = 'reactivation' then movement_base else 0 end) as reactivation_mrr,
        sum(case when movement = 'expansion' then movement_base else 0 end) as expansion_mrr,
        sum(case when movement = 'contraction' then movement_base else 0 end) as contraction_mrr,
        sum(case when movement = 'churn' then movement_base else 0 end) as churn_mrr,
        sum(currency_effect_base) as currency_effect,
        sum(case when movement = 'new' then customers else 0 end) as new_customers,
        sum(case when movement = 'reactivation' then customers else 0 end) as reactivated_customers,
        sum(case when movement = 'expansion' then customers else 0 end) as expanded_customers,
        sum(case when movement = 'contraction' then customers else 0 end) as contracted_customers,
        sum(case when movement = 'churn' then customers else 0 end) as churned_customers
    from kinds
    group by company_id, granularity, period_index

)

select
    periods.company_id,
    periods.granularity,
    periods.period_index,
    periods.period_start,
    periods.period_end,
    periods.snapshot_date,
    periods.is_complete,
    coalesce(ends.held_mrr, 0) <> 0 as is_provisional,
    cast(coalesce(starts.mrr, 0) as decimal(18, 4)) as start_mrr_base,
    cast(coalesce(movements.new_mrr, 0) as decimal(18, 4)) as new_mrr_base,
    cast(coalesce(movements.reactivation_mrr, 0) as decimal(18, 4)) as reactivation_mrr_base,
    cast(coalesce(movements.expansion_mrr, 0) as decimal(18, 4)) as expansion_mrr_base,
    cast(coalesce(movements.contraction_mrr, 0) as decimal(18, 4)) as contraction_mrr_base,
    cast(coalesce(movements.churn_mrr, 0) as decimal(18, 4)) as churn_mrr_base,
    cast(coalesce(movements.currency_effect, 0) as decimal(18, 4)) as currency_effect_base,
    cast(coalesce(ends.mrr, 0) as decimal(18, 4)) as mrr_base,
    cast(coalesce(ends.mrr, 0) * 12 as decimal(18, 4)) as arr_base,
    cast(coalesce(ends.held_mrr, 0) as decimal(18, 4)) as held_mrr_base,
    coalesce(starts.customers, 0) as start_customers,
    cast(coalesce(movements.new_customers, 0) as bigint) as new_customers,
    cast(coalesce(movements.reactivated_customers, 0) as bigint) as reactivated_customers,
    cast(coalesce(movements.expanded_customers, 0) as bigint) as expanded_customers,
    cast(coalesce(movements.contracted_customers, 0) as bigint) as contracted_customers,
    cast(coalesce(movements.churned_customers, 0) as bigint) as churned_customers,
    coalesce(ends.customers, 0) as customers
from metrics.company_periods as periods
left join ends
    on ends.company_id = periods.company_id and ends.granularity = periods.granularity
    and ends.period_index = periods.period_index
left join ends as starts
    on starts.company_id = periods.company_id and starts.granularity = periods.granularity
    and starts.period_index = periods.period_index - 1
left join movements
    on movements.company_id = periods.company_id and movements.granularity = periods.granularity
    and movements.period_index = periods.period_index
