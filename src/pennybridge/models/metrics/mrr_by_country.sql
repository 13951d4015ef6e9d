-- metrics.mrr_by_country: MRR and its movements by the customers' country, by month, quarter and year.
--
-- grain    one row per (company_id, granularity, period_index, country); '??' where the country is not known
-- scope    all customers
-- amounts  base currency; start + movements + currency effect = end
-- checks   countries_add_up_to_mrr
with month_ends as (

    select
        months.company_id,
        months.month_index,
        coalesce(customers.country, '??') as country,
        cast(sum(months.mrr_base) as decimal(18, 4)) as end_mrr,
        count(*) filter (where months.mrr_base > 0) as customers
    from metrics.customer_months as months
    left join billing.customers as customers
        on customers.company_id = months.company_id and customers.original_id = months.customer_id
    group by months.company_id, months.month_index, coalesce(customers.country, '??')

),

ends as (

    select month_ends.*, periods.granularity, periods.period_index
    from month_ends
    join metrics.periods as periods on periods.snapshot_month = month_ends.month_index

),

kinds as (

    select
        movements.company_id,
        movements.granularity,
        movements.period_index,
        coalesce(customers.country, '??') as country,
        movements.movement,
        sum(movements.movement_base) as movement_base,
        sum(movements.currency_effect_base) as currency_effect_base
    from metrics.movements as movements
    left join billing.customers as customers
        on customers.company_id = movements.company_id and customers.original_id = movements.customer_id
    group by
        movements.company_id, movements.granularity, movements.period_index, coalesce(customers.country, '??'), movements.movement

),

movements as (

    select
        company_id,
        granularity,
        period_index,
        country,
        sum(case when movement = 'new' then movement_base else 0 end) as new_mrr,
        sum(case when movement = 'reactivation' then movement_base else 0 end) as reactivation_mrr,
        sum(case when movement = 'expansion' then movement_base else 0 end) as expansion_mrr,
        sum(case when movement = 'contraction' then movement_base else 0 end) as contraction_mrr,
        sum(case when movement = 'churn' then movement_base else 0 end) as churn_mrr,
        sum(currency_effect_base) as currency_effect,
        sum(movement_base + currency_effect_base) as net_mrr
    from kinds
    group by company_id, granularity, period_index, country

),

keys as (

    select company_id, granularity, period_index, country from ends
    union
    select company_id, granularity, period_index, country from movements

)

select
    keys.company_id,
    keys.granularity,
    keys.period_index,
    keys.country,
    periods.period_start,
    cast(coalesce(ends.end_mrr, 0) - coalesce(movements.net_mrr, 0) as decimal(18, 4)) as start_mrr_base,
    cast(coalesce(movements.new_mrr, 0) as decimal(18, 4)) as new_mrr_base,
    cast(coalesce(movements.reactivation_mrr, 0) as decimal(18, 4)) as reactivation_mrr_base,
    cast(coalesce(movements.expansion_mrr, 0) as decimal(18, 4)) as expansion_mrr_base,
    cast(coalesce(movements.contraction_mrr, 0) as decimal(18, 4)) as contraction_mrr_base,
    cast(coalesce(movements.churn_mrr, 0) as decimal(18, 4)) as churn_mrr_base,
    cast(coalesce(movements.currency_effect, 0) as decimal(18, 4)) as currency_effect_base,
    cast(coalesce(ends.end_mrr, 0) as decimal(18, 4)) as mrr_base,
    coalesce(ends.customers, 0) as customers
from keys
join metrics.periods as periods
    on periods.granularity = keys.granularity and periods.period_index = keys.period_index
left join ends
    on ends.company_id = keys.company_id and ends.granularity = keys.granularity
    and ends.period_index = keys.period_index and ends.country = keys.country
left join movements
    on movements.company_id = keys.company_id and movements.granularity = keys.granularity
    and movements.period_index = keys.period_index and movements.country = keys.country
