-- metrics.rates: churn, quick ratio and revenue per customer of a period.
--
-- grain    one row per (company_id, granularity, period_index)
-- scope    all customers
-- units    rates are shares of one, not percent; a denominator of zero gives null
with periods as (

    select
        *,
        cast(start_mrr_base as double precision) as start_mrr,
        cast(churn_mrr_base as double precision) as churn_mrr,
        cast(contraction_mrr_base as double precision) as contraction_mrr,
        cast(expansion_mrr_base as double precision) as expansion_mrr,
        cast(reactivation_mrr_base as double precision) as reactivation_mrr,
        cast(new_mrr_base as double precision) as new_mrr,
        cast(mrr_base as double precision) as end_mrr
    from metrics.mrr

)

select
    company_id,
    granularity,
    period_index,
    period_start,
    cast(churned_customers as double precision) / nullif(start_customers, 0) as customer_churn_rate,
    0 - churn_mrr / nullif(start_mrr, 0) as mrr_churn_rate,
    0 - (churn_mrr + contraction_mrr) / nullif(start_mrr, 0) as gross_mrr_churn_rate,
    0 - (churn_mrr + contraction_mrr + expansion_mrr + reactivation_mrr) / nullif(start_mrr, 0) as net_mrr_churn_rate,
    (new_mrr + expansion_mrr) / nullif(0 - churn_mrr - contraction_mrr, 0) as quick_ratio,
    cast(round(cast(end_mrr / nullif(customers, 0) as decimal(18, 8)), 4) as decimal(18, 4)) as arpa_base,
    cast(new_mrr_base + reactivation_mrr_base + expansion_mrr_base + contraction_mrr_base + churn_mrr_base
        as decimal(18, 4)) as net_new_mrr_base
from periods
