-- receivables.days_sales_outstanding: count-back DSO: how many days of the latest sales the open amounts stand for.
--
-- grain    one row per (company_id, month_index)
-- scope    all customers
-- units    days; null where all the sales there are do not use the open amounts up, and is_beyond_history says so
--
-- Each month's sales are taken off the open amounts, newest first, adding the month's real days; the last month counts
-- pro rata. A month that sold less than nothing is carried into the month before it, and its days are added.
with walks as (

    select
        ends.company_id,
        ends.month_index,
        ends.open_amount_eur as receivables,
        sales.month_index as sales_month,
        sales.days,
        sales.sales_incl_tax_eur as sales,
        coalesce(sum(case when sales.sales_incl_tax_eur > 0 then 1 else 0 end) over (
            partition by ends.company_id, ends.month_index order by sales.month_index desc
            rows between unbounded preceding and 1 preceding
        ), 0) as step
    from receivables.month_ends as ends
    join receivables.monthly_sales as sales
        on sales.company_id = ends.company_id and sales.month_index <= ends.month_index
    where ends.open_amount_eur > 0

),

steps as (

    select
        company_id,
        month_index,
        receivables,
        step,
        sum(sales) as sales,
        sum(days) as days,
        sum(case when sales > 0 then days else 0 end) as selling_days
    from walks
    group by company_id, month_index, receivables, step

),

running as (

    select
        *,
        coalesce(sum(sales) over before, 0) as sales_before,
        coalesce(sum(days) over before, 0) as days_before
    from steps
    window before as (
        partition by company_id, month_index order by step rows between unbounded preceding and 1 preceding
    )

),

reached as (

    select
        company_id,
        month_index,
        min(step) as step
    from running
    where sales > 0 and sales_before + sales >= receivables
    group by company_id, month_index

),

results as (

    select
        running.company_id,
        running.month_index,
        cast(running.days_before + running.days - running.selling_days as double precision)
        + cast(running.selling_days as double precision) * cast(running.receivables - running.sales_before as double precision)
            / cast(running.sales as double precision) as dso_days
    from running
    join reached
        on reached.company_id = running.company_id and reached.month_index = running.month_index
        and reached.step = running.step

),

history as (

    select company_id, month_index, sum(days) as all_days
    from steps
    group by company_id, month_index

)

select
    ends.company_id,
    ends.month_index,
    case when ends.open_amount_eur <= 0 then cast(0 as double precision) else results.dso_days end as dso_countback_days,
    ends.open_amount_eur > 0 and results.dso_days is null as is_beyond_history,
    cast(coalesce(history.all_days, 0) as integer) as history_days
from receivables.month_ends as ends
left join results on results.company_id = ends.company_id and results.month_index = ends.month_index
left join history on history.company_id = ends.company_id and history.month_index = ends.month_index
