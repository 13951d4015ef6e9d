-- intermediate.recurring_lines: invoice lines that make MRR, each with its period, months and monthly amounts.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
-- amounts  MRR, four decimals, halves away from zero; excluded customers are left out
--
-- Whole numbers divide exactly in both engines: amounts are taken in millionths, months as a fraction.
-- A quantity is what runs side by side: 12 of the unit month over a year are one, 5 seats are 5 whatever the period. It is
-- unknown where the line says none, or takes something back.
with lines as (

    select
        signals.company_id,
        signals.line_id,
        signals.invoice_id,
        signals.customer_id,
        signals.invoice_date,
        signals.currency,
        signals.price_id,
        coalesce(signals.subscription_id, '') as subscription_id,
        recurrence.recurrence_rule,
        months.start_date,
        months.end_date,
        months.months,
        months.months_divisor,
        amounts.amount_excl_tax_ccy,
        amounts.amount_excl_tax_base,
        coalesce(signals.unit, '') as unit,
        case
            when signals.quantity > 0 and amounts.amount_excl_tax_ccy > 0 and signals.quantity < 1000000000
                then cast(round(cast(signals.quantity as decimal(38, 6)) * 1000000) as decimal(38, 0))
        end as quantity,
        cast(round(cast(amounts.amount_excl_tax_ccy as decimal(38, 6)) * 1000000) as decimal(38, 0)) * cast(months.months_divisor as decimal(9, 0)) as ccy,
        cast(round(cast(amounts.amount_excl_tax_base as decimal(38, 6)) * 1000000) as decimal(38, 0)) * cast(months.months_divisor as decimal(9, 0)) as base,
        cast(months.months * 100 as decimal(38, 0)) as divisor
    from intermediate.line_signals as signals
    join intermediate.line_recurrence as recurrence
        on recurrence.company_id = signals.company_id and recurrence.line_id = signals.line_id
    join intermediate.line_months as months
        on months.company_id = signals.company_id and months.line_id = signals.line_id
    join intermediate.line_amounts as amounts
        on amounts.company_id = signals.company_id and amounts.line_id = signals.line_id
    where
        recurrence.recurrence = 'recurring'
        and not signals.is_credit_note
        and not signals.excluded
        and months.months > 0

)

select
    company_id,
    line_id,
    invoice_id,
    customer_id,
    invoice_date,
    currency,
    price_id,
    subscription_id,
    recurrence_rule,
    start_date,
    end_date,
    months,
    months_divisor,
    case
        when months * 2 <= months_divisor * 3 then 15
        when months <= months_divisor * 4 then 30
        else 60
    end as grace_days,
    amount_excl_tax_ccy,
    amount_excl_tax_base,
    unit,
    cast(case
        when unit <> 'month' then cast(quantity as bigint)
        else cast((2 * quantity * months_divisor + months - (2 * quantity * months_divisor + months) % (2 * months)) / (2 * months) as bigint)
    end * 0.000001 as decimal(18, 6)) as quantity,
    case when months % months_divisor = 0 then cast(months / months_divisor as integer) else 1 end as billed_months,
    cast(cast(sign(ccy) * ((2 * abs(ccy) + divisor - (2 * abs(ccy) + divisor) % (2 * divisor)) / (2 * divisor)) as bigint)
        * 0.0001 as decimal(18, 4)) as mrr_ccy,
    cast(cast(sign(base) * ((2 * abs(base) + divisor - (2 * abs(base) + divisor) % (2 * divisor)) / (2 * divisor)) as bigint)
        * 0.0001 as decimal(18, 4)) as mrr_base
from lines
