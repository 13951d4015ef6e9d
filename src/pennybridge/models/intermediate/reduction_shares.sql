-- intermediate.reduction_shares: which lines a credit note or a discount line lowers, and by how much.
--
-- grain    one row per (company_id, line_id, lowered_line_id); line_id is the line that lowers
-- scope    one customer
-- amounts  positive reductions, in proportion to the lowered lines, four decimals
--
-- A reduction falls on the lines of the same product in its invoice, or on all of them when there is none. What a credit
-- note's label ends with is its product too: "Early termination - Business plan" lowers "Business plan".
with reductions as (

    select
        amounts.company_id,
        amounts.customer_id,
        amounts.line_id,
        amounts.invoice_id as source_invoice_id,
        links.invoice_id as lowered_invoice_id,
        signals.price_id,
        signals.stem,
        'credit_note' as reduction_kind,
        -amounts.amount_excl_tax_ccy as ccy,
        -amounts.amount_excl_tax_base as base
    from intermediate.credit_links as links
    join intermediate.line_amounts as amounts
        on amounts.company_id = links.company_id and amounts.invoice_id = links.credit_note_id
    join intermediate.line_signals as signals
        on signals.company_id = amounts.company_id and signals.line_id = amounts.line_id

    union all

    select
        amounts.company_id,
        amounts.customer_id,
        amounts.line_id,
        amounts.invoice_id as source_invoice_id,
        amounts.invoice_id as lowered_invoice_id,
        case when recurrence.recurrence_rule = 'lowers_same_product' then signals.price_id end as price_id,
        cast(null as text) as stem,
        'discount' as reduction_kind,
        -amounts.amount_excl_tax_ccy as ccy,
        -amounts.amount_excl_tax_base as base
    from intermediate.line_recurrence as recurrence
    join intermediate.line_amounts as amounts
        on amounts.company_id = recurrence.company_id and amounts.line_id = recurrence.line_id
    join intermediate.line_signals as signals
        on signals.company_id = recurrence.company_id and signals.line_id = recurrence.line_id
    where recurrence.recurrence_rule in ('lowers_same_product', 'lowers_invoice') and not signals.is_credit_note

),

targets as (

    select
        reductions.company_id,
        reductions.customer_id,
        reductions.line_id,
        reductions.source_invoice_id,
        reductions.lowered_invoice_id,
        reductions.reduction_kind,
        reductions.ccy,
        reductions.base,
        lowered.line_id as lowered_line_id,
        lowered.line_excl_tax_ccy as weight,
        coalesce(
            lowered.price_id = reductions.price_id
            or (lowered.stem <> '' and right(reductions.stem, length(lowered.stem)) = lowered.stem),
            false
        ) as is_same_price
    from reductions
    join intermediate.line_signals as lowered
        on lowered.company_id = reductions.company_id and lowered.invoice_id = reductions.lowered_invoice_id
        and lowered.line_excl_tax_ccy > 0

),

judged as (

    select *, bool_or(is_same_price) over (partition by company_id, line_id) as has_same_price
    from targets

),

weighted as (

    select
        *,
        cast(round(cast(weight as decimal(38, 6)) * 100) as decimal(38, 0)) as part,
        cast(sum(cast(round(cast(weight as decimal(38, 6)) * 100) as decimal(38, 0))) over (partition by company_id, line_id) as decimal(38, 0)) as parts,
        cast(round(cast(ccy as decimal(38, 6)) * 10000) as decimal(38, 0)) as ccy_units,
        cast(round(cast(base as decimal(38, 6)) * 10000) as decimal(38, 0)) as base_units
    from judged
    where is_same_price or not has_same_price

)

select
    company_id,
    customer_id,
    line_id,
    source_invoice_id,
    lowered_line_id,
    lowered_invoice_id,
    reduction_kind,
    cast(cast((ccy_units * part - (ccy_units * part) % parts) / parts as bigint) * 0.0001 as decimal(18, 4)) as reduction_ccy,
    cast(cast((base_units * part - (base_units * part) % parts) / parts as bigint) * 0.0001 as decimal(18, 4)) as reduction_base
from weighted
where parts > 0
