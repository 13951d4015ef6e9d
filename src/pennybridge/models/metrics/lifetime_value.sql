-- metrics.lifetime_value: what a customer is worth: revenue per customer over churn in value, of the last twelve months.
--
-- grain    one row per (company_id, month_index)
-- scope    all customers
-- amounts  base currency, at most 60 months of revenue per customer; null under three churned customers
with months as (

    select
        mrr.company_id,
        mrr.period_index as month_index,
        mrr.period_start as month_start,
        cast(sum(rates.arpa_base) over year as double precision) / nullif(count(rates.arpa_base) over year, 0) as mean_arpa,
        cast(sum(cast(rates.mrr_churn_rate as decimal(18, 12))) over year as double precision)
            / nullif(count(rates.mrr_churn_rate) over year, 0) as mean_churn,
        sum(mrr.churned_customers) over year as churned_customers
    from metrics.mrr as mrr
    join metrics.rates as rates
        on rates.company_id = mrr.company_id and rates.granularity = mrr.granularity
        and rates.period_index = mrr.period_index
    where mrr.granularity = 'month'
    window year as (
        partition by mrr.company_id order by mrr.period_index rows between 11 preceding and current row
    )

)

select
    company_id,
    month_index,
    month_start,
    cast(round(cast(mean_arpa as decimal(18, 8)), 4) as decimal(18, 4)) as mean_arpa_base,
    mean_churn as mean_mrr_churn_rate,
    cast(churned_customers as integer) as churned_customers,
    cast(case
        when churned_customers >= 3 and mean_churn > 0
            then round(cast(least(mean_arpa / mean_churn, 60 * mean_arpa) as decimal(18, 8)), 4)
    end as decimal(18, 4)) as lifetime_value_base
from months
