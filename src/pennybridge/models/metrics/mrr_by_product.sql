-- metrics.mrr_by_product: MRR and its gross movements by product, by month, quarter and year.
--
-- grain    one row per (company_id, granularity, period_index, price_id)
-- scope    all customers
-- amounts  base currency; start + movements + currency effect = end
-- checks   products_add_up_to_mrr
with month_ends as (

    select
        company_id,
        month_index,
        price_id,
        cast(sum(mrr_base) as decimal(18, 4)) as end_mrr,
        count(*) as customers
    from metrics.price_months
    group by company_id, month_index, price_id

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
        price_id,
        movement,
        sum(movement_base) as movement_base,
        sum(currency_effect_base) as currency_effect_base
    from metrics.product_movements
    group by company_id, granularity, period_index, price_id, movement

),

movements as (

    select
        company_id,
        granularity,
        period_index,
        price_id,
        sum(case when movement = 'new' then movement_base else 0 end) as new_mrr,
        sum(case when movement = 'reactivation' then movement_base else 0 end) as reactivation_mrr,
        sum(case when movement = 'expansion' then movement_base else 0 end) as expansion_mrr,
        sum(case when movement = 'contraction' then movement_base else 0 end) as contraction_mrr,
        sum(case when movement = 'churn' then movement_base else 0 end) as churn_mrr,
        sum(currency_effect_base) as currency_effect,
        sum(movement_base + currency_effect_base) as net_mrr
    from kinds
    group by company_id, granularity, period_index, price_id

),

keys as (

    select company_id, granularity, period_index, price_id from ends
    union
    select company_id, granularity, period_index, price_id from movements

)

select
    keys.company_id,
    keys.granularity,
    keys.period_index,
    keys.price_id,
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
    and ends.period_index = keys.period_index and ends.price_id = keys.price_id
left join movements
    on movements.company_id = keys.company_id and movements.granularity = keys.granularity
    and movements.period_index = keys.period_index and movements.price_id = keys.price_id
