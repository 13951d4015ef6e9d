-- metrics.product_movements: what changed in a customer's MRR for one product between two months, and why.
--
-- grain    one row per (company_id, customer_id, price_id, granularity, period_index) with a change
-- scope    one customer
-- amounts  base currency; start_mrr_base + movement_base + currency_effect_base = end_mrr_base, and where the cause is
--          quantity_and_price, volume_base + price_base = movement_base
--
-- The gross view: a switch from one product to another shows as churn of one and a sale of the other, both of a change
-- of product mix. Never mix it with the movements of customers.
with snapshots as (

    select
        months.*,
        periods.granularity,
        periods.period_index,
        lag(periods.period_index) over products as previous_index,
        lag(months.mrr_base) over products as previous_mrr, lag(months.mrr_ccy) over products as previous_ccy,
        lag(months.currency) over products as previous_currency, lag(months.unit) over products as previous_unit,
        lag(months.quantity) over products as previous_quantity, lag(months.billed_months) over products as previous_billed_months,
        lead(periods.period_index) over products as next_index
    from metrics.price_months as months
    join metrics.periods as periods on periods.snapshot_month = months.month_index
    window products as (
        partition by months.company_id, months.customer_id, months.price_id, periods.granularity
        order by periods.period_index
    )

),

comparisons as (

    select
        company_id, customer_id, price_id, granularity, period_index, unit,
        case when previous_index = period_index - 1 then previous_mrr else cast(0 as decimal(18, 4)) end as start_mrr,
        mrr_base as end_mrr,
        previous_index is not null as was_sold_before,
        case when previous_index = period_index - 1 then previous_quantity end as start_quantity, quantity as end_quantity,
        case
            when previous_quantity is null or quantity is null or quantity > 10000 * previous_quantity then 'quantity_unknown'
            when unit is null or previous_unit is null or unit <> previous_unit then 'units_mixed'
            when quantity <> previous_quantity and billed_months <> previous_billed_months
                and case when billed_months > previous_billed_months then quantity else previous_quantity end
                % greatest(billed_months, previous_billed_months) = 0 then 'billing_rhythm_changed'
            else 'quantity_and_price'
        end as sale_cause,
        -- Over divisor: what there was before at the rate of now, in units of 0.0001, as long as the currency stays.
        case when previous_index = period_index - 1 and currency = previous_currency and previous_mrr > 0 and mrr_base > 0
            and previous_ccy > 0 and mrr_ccy > 0 and (previous_mrr <> previous_ccy or mrr_base <> mrr_ccy)
            then cast(previous_ccy * 10000 as decimal(38, 0)) * cast(mrr_base * 10000 as decimal(38, 0))
        end as revalued,
        cast(mrr_ccy * 10000 as decimal(38, 0)) as divisor
    from snapshots

    union all

    select
        company_id, customer_id, price_id, granularity, period_index + 1 as period_index, unit,
        mrr_base as start_mrr,
        cast(0 as decimal(18, 4)) as end_mrr,
        true as was_sold_before,
        quantity as start_quantity, null as end_quantity, null as sale_cause, null as revalued, null as divisor
    from snapshots
    where
        next_index is distinct from period_index + 1
        and period_index < (select max(periods.period_index) from metrics.periods as periods where periods.granularity = snapshots.granularity)

),

effects as (

    select *,
        case when revalued is not null then cast(((2 * revalued + divisor) - (2 * revalued + divisor) % (2 * divisor)) / (2 * divisor) as bigint) * 0.0001 - start_mrr else 0
        end as currency_effect
    from comparisons
    where start_mrr <> end_mrr

),

kinds as (

    select *,
        end_mrr - start_mrr - currency_effect as change,
        case
            when start_mrr <= 0 and end_mrr > 0 then case when was_sold_before then 'reactivation' else 'new' end
            when start_mrr > 0 and end_mrr <= 0 then 'churn'
            when end_mrr > start_mrr + currency_effect then 'expansion'
            when end_mrr < start_mrr + currency_effect then 'contraction'
            else 'currency'
        end as movement
    from effects

),

causes as (

    -- Volume, over parts, is what there was before times what the quantity grew by.
    select *,
        case when movement = 'currency' then movement when start_mrr <= 0 then 'quantity_unknown' else sale_cause end as cause,
        case when start_quantity <> end_quantity
            then cast((start_mrr + currency_effect) * 10000 as decimal(38, 0)) * cast((end_quantity - start_quantity) * 1000000 as decimal(38, 0))
        end as volume,
        cast(start_quantity * 1000000 as decimal(38, 0)) as parts
    from kinds
    where movement in ('expansion', 'contraction', 'currency')

    union all

    -- Who arrives or leaves does so with every product.
    select
        kinds.*,
        case
            when lives.movement = 'new' then 'new_customer'
            when lives.movement = 'reactivation' then 'returning_customer'
            when lives.movement = 'churn' then 'lost_customer'
            when bool_or(kinds.movement = 'churn') over customers and bool_or(kinds.movement <> 'churn') over customers then 'product_mix'
            when kinds.movement = 'churn' then 'dropped_product'
            else 'cross_sell'
        end as cause,
        null as volume, null as parts
    from kinds
    left join metrics.movements as lives
        on lives.company_id = kinds.company_id and lives.customer_id = kinds.customer_id
        and lives.granularity = kinds.granularity and lives.period_index = kinds.period_index
        and lives.movement in ('new', 'reactivation', 'churn')
    where kinds.movement in ('new', 'reactivation', 'churn')
    window customers as (partition by kinds.company_id, kinds.customer_id, kinds.granularity, kinds.period_index)

),

volumes as (

    select *, case when cause = 'quantity_and_price' and volume is not null then
        cast(sign(volume) * ((2 * abs(volume) + parts) - (2 * abs(volume) + parts) % (2 * parts)) / (2 * parts) as bigint) * 0.0001 else 0 end as volume_effect
    from causes

)

select
    company_id, customer_id, price_id, granularity, period_index, movement, cause,
    cast(start_mrr as decimal(18, 4)) as start_mrr_base,
    cast(change as decimal(18, 4)) as movement_base,
    cast(volume_effect as decimal(18, 4)) as volume_base,
    cast(case when cause = 'quantity_and_price' then change - volume_effect else 0 end as decimal(18, 4)) as price_base,
    cast(currency_effect as decimal(18, 4)) as currency_effect_base,
    end_mrr as end_mrr_base,
    cast(start_quantity as decimal(18, 6)) as start_quantity,
    cast(end_quantity as decimal(18, 6)) as end_quantity,
    unit
from volumes
