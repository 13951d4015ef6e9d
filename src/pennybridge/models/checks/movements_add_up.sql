-- movements_add_up: a customer's movement does not lead from one snapshot to the next.
--
-- scope    one customer
select company_id, customer_id, granularity, period_index, start_mrr_base, movement_base, currency_effect_base, end_mrr_base
from metrics.movements
where
    start_mrr_base + movement_base + currency_effect_base <> end_mrr_base
    or (movement in ('new', 'reactivation', 'churn') and currency_effect_base <> 0)
    or (movement = 'currency' and movement_base <> 0)
