-- intermediate.cadences: how often a customer is billed for the same thing, found from the invoice dates alone.
--
-- grain    one row per (company_id, customer_id, price_id, currency) billed at least twice
-- scope    one customer
--
-- Lines of a day are one event, events less than 10 days apart too. Where there are three or more, those under half the
-- median are add-ons and left out. A cadence is accepted when 60 % of the intervals are it (a missed invoice counts
-- half) and 60 % of the amounts lie within 35 % of their median; two intervals are needed, one for half-years and longer.
with days as (

    select
        company_id, customer_id, price_id, currency, invoice_date,
        cast(sum(line_excl_tax_ccy) as decimal(38, 6)) as amount
    from intermediate.line_signals
    where not is_credit_note and one_off_word is null and usage_word is null
    group by company_id, customer_id, price_id, currency, invoice_date
    having sum(line_excl_tax_ccy) > 0

),

chained as (

    select
        *,
        case
            when invoice_date - lag(invoice_date) over keys < 10 then 0
            else 1
        end as begins
    from days
    window keys as (partition by company_id, customer_id, price_id, currency order by invoice_date)

),

numbered as (

    select
        *,
        sum(begins) over (
            partition by company_id, customer_id, price_id, currency order by invoice_date
            rows between unbounded preceding and current row
        ) as event
    from chained

),

events as (

    select
        company_id, customer_id, price_id, currency, event,
        min(invoice_date) as event_date,
        cast(max(amount) as decimal(38, 6)) as amount
    from numbered
    group by company_id, customer_id, price_id, currency, event

),

medians as (

    select
        company_id, customer_id, price_id, currency,
        count(*) as events,
        percentile_disc(0.5) within group (order by amount) as median_amount
    from events
    group by company_id, customer_id, price_id, currency
    having count(*) >= 2

),

kept as (

    select
        events.*,
        medians.median_amount,
        lag(events.event_date) over (
            partition by events.company_id, events.customer_id, events.price_id, events.currency order by events.event_date
        ) as previous_date
    from events
    join medians
        on medians.company_id = events.company_id and medians.customer_id = events.customer_id
        and medians.price_id = events.price_id and medians.currency = events.currency
    where medians.events < 3 or events.amount >= 0.5 * medians.median_amount

),

intervals as (

    select
        *,
        cast(round(cast(event_date - previous_date as double precision) / 30.4375) as integer) as months
    from kept

),

-- Only an interval that was met can be the cadence.
candidates as (

    select distinct company_id, customer_id, price_id, currency, months as cadence_months
    from intervals
    where months in (1, 2, 3, 6, 12, 24)

),

scored as (

    select
        intervals.company_id, intervals.customer_id, intervals.price_id, intervals.currency, candidates.cadence_months,
        count(intervals.months) as intervals,
        count(*) filter (where intervals.months = candidates.cadence_months) as hits,
        count(*) filter (where intervals.months in (2 * candidates.cadence_months, 3 * candidates.cadence_months)) as missed,
        count(*) as events,
        count(*) filter (where abs(intervals.amount - intervals.median_amount) <= 0.35 * intervals.median_amount) as steady,
        count(*) filter (where extract(day from intervals.event_date) <= 3) as early,
        count(*) filter (where extract(day from intervals.event_date + 3) <= 3) as late
    from intervals
    join candidates
        on candidates.company_id = intervals.company_id and candidates.customer_id = intervals.customer_id
        and candidates.price_id = intervals.price_id and candidates.currency = intervals.currency
    group by
        intervals.company_id, intervals.customer_id, intervals.price_id, intervals.currency, candidates.cadence_months

),

accepted as (

    select
        *,
        row_number() over (
            partition by company_id, customer_id, price_id, currency order by 2 * hits + missed desc, cadence_months
        ) as choice
    from scored
    where
        (2 * hits + missed) * 100 >= intervals * 2 * 60
        and steady * 100 >= events * 60
        and (intervals >= 2 or cadence_months >= 6)

)

select
    company_id,
    customer_id,
    price_id,
    currency,
    cadence_months,
    cast(hits as integer) as hits,
    cast(intervals as integer) as intervals,
    (early + late) * 100 >= events * 80 as is_month_start,
    intervals < 2 as is_tentative
from accepted
where choice = 1
