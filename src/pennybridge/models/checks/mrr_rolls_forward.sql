-- mrr_rolls_forward: start, movements and currency effect do not add up to the end, or a start is not the end before.
--
-- scope    all customers
select
    mrr.company_id,
    mrr.granularity,
    mrr.period_index,
    mrr.start_mrr_base,
    mrr.mrr_base,
    previous.mrr_base as previous_mrr_base
from metrics.mrr as mrr
left join metrics.mrr as previous
    on previous.company_id = mrr.company_id and previous.granularity = mrr.granularity
    and previous.period_index = mrr.period_index - 1
where
    mrr.start_mrr_base + mrr.new_mrr_base + mrr.reactivation_mrr_base + mrr.expansion_mrr_base
    + mrr.contraction_mrr_base + mrr.churn_mrr_base + mrr.currency_effect_base <> mrr.mrr_base
    or mrr.start_mrr_base <> coalesce(previous.mrr_base, 0)
    or mrr.start_customers + mrr.new_customers + mrr.reactivated_customers - mrr.churned_customers <> mrr.customers
