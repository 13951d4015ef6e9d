-- receivables.indicators: DSO, best possible DSO, days delinquent and collection effectiveness at every month's end.
--
-- grain    one row per (company_id, snapshot_date)
-- scope    all customers
-- units    days and shares of one; a denominator of zero or less gives null
--
-- The simple DSO takes the sales, tax included and net of credit notes, of the three months that end there. Days
-- delinquent come from the simple DSO only: best possible DSO shares its sales and days. Collection effectiveness is what
-- was collected over that and what is overdue; money that is not applied to an invoice yet is collected all the same.
with ends as (

    select
        ends.*,
        sales.sales_incl_tax_eur,
        sum(sales.sales_incl_tax_eur) over quarter as quarter_sales,
        sum(sales.days) over quarter as quarter_days,
        lag(ends.open_amount_eur) over (partition by ends.company_id order by ends.month_index) as opening_eur
    from receivables.month_ends as ends
    join receivables.monthly_sales as sales
        on sales.company_id = ends.company_id and sales.month_index = ends.month_index
    window quarter as (
        partition by ends.company_id order by ends.month_index rows between 2 preceding and current row
    )

),

figures as (

    select
        *,
        case when quarter_sales > 0
            then cast(open_amount_eur as double precision) / cast(quarter_sales as double precision)
                * cast(quarter_days as double precision)
        end as dso,
        case when quarter_sales > 0
            then cast(not_due_eur as double precision) / cast(quarter_sales as double precision)
                * cast(quarter_days as double precision)
        end as best_dso,
        greatest(coalesce(opening_eur, 0) + sales_incl_tax_eur - open_amount_eur, 0) as collected_eur
    from ends

)

select
    figures.company_id,
    figures.snapshot_date,
    figures.month_index,
    figures.month_start,
    figures.is_as_of,
    figures.open_amount_eur,
    figures.not_due_eur,
    figures.overdue_eur,
    figures.unapplied_eur,
    figures.sales_incl_tax_eur,
    cast(figures.quarter_sales as decimal(18, 6)) as quarter_sales_incl_tax_eur,
    cast(figures.quarter_days as integer) as quarter_days,
    countback.dso_countback_days,
    countback.is_beyond_history,
    countback.history_days,
    figures.dso as dso_simple_days,
    figures.best_dso as best_possible_dso_days,
    figures.dso - figures.best_dso as average_days_delinquent,
    cast(figures.collected_eur as double precision)
        / nullif(cast(figures.collected_eur + figures.overdue_eur as double precision), 0) as collection_effectiveness
from figures
join receivables.days_sales_outstanding as countback
    on countback.company_id = figures.company_id and countback.month_index = figures.month_index
