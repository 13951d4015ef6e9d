-- metrics.product_movements: what changed in a customer's MRR for one product between two months.
--
-- grain    one row per (company_id, customer_id, price_id, granularity, period_index) with a change
-- scope    one customer
-- amounts  base currency, currency effect included; start_mrr_base + movement_base = end_mrr_base
--
-- The gross view: a switch from one product to another shows as churn of one and a sale of the other. Never mix it with
-- the movements of customers.
with snapshots as (

    select
        months.company_id,
        months.customer_id,
        months.price_id,
        periods.granularity,
        periods.period_index,
        months.mrr_base,
        lag(periods.period_index) over products as previous_index,
        lag(months.mrr_base) over products as previous_mrr,
        lead(periods.period_index) over products as next_index
    from metrics.price_months as months
    join metrics.periods as periods on periods.snapshot_month = months.month_index
    window products as (
        partition by months.company_id, months.customer_id, months.price_id, periods.granularity
        order by periods.period_index
    )

),

last_periods as (

    select granularity, max(period_index) as last_index
    from metrics.periods
    group by granularity

),

comparisons as (

    select
        company_id, customer_id, price_id, granularity, period_index,
        case when previous_index = period_index - 1 then previous_mrr else cast(0 as decimal(18, 4)) end as start_mrr,
        mrr_base as end_mrr,
        previous_index is not null as was_sold_before
    from snapshots

    union all

    select
        snapshots.company_id, snapshots.customer_id, snapshots.price_id, snapshots.granularity,
        snapshots.period_index + 1 as period_index,
        snapshots.mrr_base as start_mrr,
        cast(0 as decimal(18, 4)) as end_mrr,
        true as was_sold_before
    from snapshots
    join last_periods on last_periods.granularity = snapshots.granularity
    where
        snapshots.next_index is distinct from snapshots.period_index + 1
        and snapshots.period_index < last_periods.last_index

)

select
    company_id,
    customer_id,
    price_id,
    granularity,
    period_index,
    case
        when start_mrr <= 0 and end_mrr > 0 then case when was_sold_before then 'reactivation' else 'new' end
        when start_mrr > 0 and end_mrr <= 0 then 'churn'
        when end_mrr > start_mrr then 'expansion'
        else 'contraction'
    end as movement,
    cast(start_mrr as decimal(18, 4)) as start_mrr_base,
    cast(end_mrr - start_mrr as decimal(18, 4)) as movement_base,
    end_mrr as end_mrr_base
from comparisons
where start_mrr <> end_mrr
