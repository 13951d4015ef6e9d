-- intermediate.line_signals: all that is known of a line before judging it: its dates, its label, its subscription.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
--
-- A label's period without a year goes to the year that brings its start nearest the invoice.
with readings as (

    select
        lines.*,
        readings.stem,
        case when readings.is_yearless then readings.start_date
            + cast(round(cast(lines.invoice_date - readings.start_date as double precision) / 365.2425) as integer)
            * interval '1 year'
        else readings.start_date end as label_start,
        case when readings.is_yearless then readings.end_date
            + cast(round(cast(lines.invoice_date - readings.start_date as double precision) / 365.2425) as integer)
            * interval '1 year'
        else readings.end_date end as label_end,
        readings.period_kind,
        readings.period_confidence,
        readings.evidence as label_evidence,
        readings.cadence_months as label_cadence_months,
        readings.recurring_word,
        readings.one_off_word,
        readings.usage_word,
        readings.discount_word
    from staging.invoice_lines as lines
    join intermediate.label_readings as readings on readings.line_text = lines.line_text

)

select
    readings.company_id,
    readings.line_id,
    readings.invoice_id,
    readings.customer_id,
    readings.invoice_date,
    readings.currency,
    readings.is_credit_note,
    readings.excluded,
    readings.line_excl_tax_ccy < 0 as is_negative,
    readings.line_excl_tax_ccy,
    readings.quantity,
    readings.unit,
    coalesce(readings.product_id, 'label-' || md5(readings.stem)) as price_id,
    readings.product_id,
    readings.stem,
    readings.label,
    readings.subscription_id,
    subscriptions.rule_type,
    subscriptions.rule_interval,
    subscriptions.occurrences,
    readings.imputation_start_date,
    case
        when imputation_ends.is_exclusive then readings.imputation_end_date
        else readings.imputation_end_date + 1
    end as imputation_end,
    cast(readings.label_start as date) as label_start,
    cast(readings.label_end as date) as label_end,
    readings.period_kind,
    readings.period_confidence,
    readings.label_evidence,
    readings.label_cadence_months,
    readings.recurring_word,
    readings.one_off_word,
    readings.usage_word,
    readings.discount_word
from readings
left join staging.subscriptions as subscriptions
    on subscriptions.company_id = readings.company_id and subscriptions.subscription_id = readings.subscription_id
left join intermediate.imputation_ends as imputation_ends on imputation_ends.company_id = readings.company_id
