-- metrics.restatements: month-end figures that are no longer what was first published.
--
-- grain    one row per (company_id, figure, month_index)
-- scope    all customers
-- amounts  as in metrics.month_figures; a figure that is gone altogether is zero now; less than a cent is no change
with compared as (

    select
        published.*,
        periods.period_end,
        cast(coalesce(figures.value, 0) as decimal(18, 4)) as current_value
    from metrics.published_figures as published
    join metrics.periods as periods
        on periods.granularity = 'month' and periods.period_index = published.month_index and periods.is_complete
    left join metrics.month_figures as figures
        on figures.company_id = published.company_id and figures.figure = published.figure
        and figures.month_index = published.month_index

)

select
    company_id,
    figure,
    month_index,
    period_end,
    value as published_value,
    current_value,
    cast(current_value - value as decimal(18, 4)) as difference,
    is_provisional as was_provisional,
    published_as_of
from compared
where abs(current_value - value) >= 0.01
