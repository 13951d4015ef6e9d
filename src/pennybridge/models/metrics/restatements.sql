-- metrics.restatements: month-end figures that are no longer what was first published.
--
-- grain    one row per (company_id, figure, month_index)
-- scope    all customers
-- amounts  base currency for money, customers for counts
with current_figures as (

    select company_id, 'mrr' as figure, period_index as month_index, period_end, mrr_base as value
    from metrics.mrr
    where granularity = 'month' and is_complete

    union all

    select company_id, 'customers' as figure, period_index as month_index, period_end, cast(customers as decimal(18, 4)) as value
    from metrics.mrr
    where granularity = 'month' and is_complete

    union all

    select company_id, 'open_amount' as figure, month_index, snapshot_date as period_end, cast(open_amount_eur as decimal(18, 4)) as value
    from receivables.month_ends

)

select
    published.company_id,
    published.figure,
    published.month_index,
    current_figures.period_end,
    published.value as published_value,
    current_figures.value as current_value,
    cast(current_figures.value - published.value as decimal(18, 4)) as difference,
    published.is_provisional as was_provisional,
    published.published_as_of
from metrics.published_figures as published
join current_figures
    on current_figures.company_id = published.company_id and current_figures.figure = published.figure
    and current_figures.month_index = published.month_index
where current_figures.value <> published.value
