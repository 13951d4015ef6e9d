-- movements_add_up: a movement does not lead from one snapshot to the next, or its parts do not add up to it.
--
-- scope    one customer
select company_id, customer_id, null as price_id, granularity, period_index, start_mrr_base, movement_base, currency_effect_base, end_mrr_base
from metrics.movements
where
    start_mrr_base + movement_base + currency_effect_base <> end_mrr_base
    or (movement in ('new', 'reactivation', 'churn') and currency_effect_base <> 0)
    or (movement = 'currency' and movement_base <> 0)

union all

select company_id, customer_id, price_id, granularity, period_index, start_mrr_base, movement_base, currency_effect_base, end_mrr_base
from metrics.product_movements
where
    start_mrr_base + movement_base + currency_effect_base <> end_mrr_base
    or volume_base + price_base <> case when cause = 'quantity_and_price' then movement_base else 0 end
    or (movement in ('new', 'reactivation', 'churn') and currency_effect_base <> 0)
    or (cause = 'quantity_and_price' and start_quantity = end_quantity and volume_base <> 0)
