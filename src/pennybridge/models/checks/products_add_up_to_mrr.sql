-- products_add_up_to_mrr: MRR by product does not add up to MRR, or does not roll forward.
--
-- scope    all customers
with totals as (

    select
        company_id,
        granularity,
        period_index,
        sum(start_mrr_base) as start_mrr,
        sum(start_mrr_base + new_mrr_base + reactivation_mrr_base + expansion_mrr_base + contraction_mrr_base + churn_mrr_base
            + currency_effect_base) as reached_mrr,
        sum(mrr_base) as end_mrr
    from metrics.mrr_by_product
    group by company_id, granularity, period_index

)

select mrr.company_id, mrr.granularity, mrr.period_index, mrr.start_mrr_base, mrr.mrr_base, totals.end_mrr
from metrics.mrr as mrr
left join totals
    on totals.company_id = mrr.company_id and totals.granularity = mrr.granularity
    and totals.period_index = mrr.period_index
where
    coalesce(totals.end_mrr, 0) <> mrr.mrr_base
    or coalesce(totals.start_mrr, 0) <> mrr.start_mrr_base
    or coalesce(totals.reached_mrr, 0) <> mrr.mrr_base
