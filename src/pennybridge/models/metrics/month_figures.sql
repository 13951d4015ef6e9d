-- metrics.month_figures: what is published of each month that ended: MRR and its movements, customers, revenue, receivables.
--
-- grain    one row per (company_id, figure, month_index)
-- scope    all customers
-- amounts  base currency; open_amount and overdue_amount in euros, tax included; customers are counted
with kinds as (

    select figure
    from (values
        ('mrr'), ('customers'), ('new_mrr'), ('reactivation_mrr'), ('expansion_mrr'), ('contraction_mrr'), ('churn_mrr'),
        ('currency_effect')
    ) as kinds (figure)

),

revenue as (

    select company_id, month_index, sum(revenue_base) as value
    from metrics.revenue
    group by company_id, month_index

),

figures as (

    select
        mrr.company_id,
        kinds.figure,
        mrr.period_index as month_index,
        case kinds.figure
            when 'mrr' then mrr.mrr_base
            when 'customers' then cast(mrr.customers as decimal(18, 4))
            when 'new_mrr' then mrr.new_mrr_base
            when 'reactivation_mrr' then mrr.reactivation_mrr_base
            when 'expansion_mrr' then mrr.expansion_mrr_base
            when 'contraction_mrr' then mrr.contraction_mrr_base
            when 'churn_mrr' then mrr.churn_mrr_base
            when 'currency_effect' then mrr.currency_effect_base
        end as value,
        mrr.is_provisional
    from metrics.mrr as mrr
    cross join kinds
    where mrr.granularity = 'month'

    union all

    select company_id, 'revenue' as figure, month_index, value, false as is_provisional
    from revenue

    union all

    select company_id, 'open_amount' as figure, month_index, open_amount_eur as value, false as is_provisional
    from receivables.month_ends

    union all

    select company_id, 'overdue_amount' as figure, month_index, overdue_eur as value, false as is_provisional
    from receivables.month_ends

)

select
    figures.company_id,
    figures.figure,
    figures.month_index,
    periods.period_end,
    cast(figures.value as decimal(18, 4)) as value,
    figures.is_provisional
from figures
join metrics.periods as periods
    on periods.granularity = 'month' and periods.period_index = figures.month_index and periods.is_complete
