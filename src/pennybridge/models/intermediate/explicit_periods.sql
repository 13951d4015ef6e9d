-- intermediate.explicit_periods: the service period that a person wrote on a line, as imputation dates or in its label.
--
-- grain    one row per (company_id, line_id) with such a period
-- scope    one customer
-- days     from start_date up to, and without, end_date; a single day of imputation says when, not how long
with judged as (

    select
        *,
        coalesce(
            imputation_end > imputation_start_date + 1
            and imputation_end - imputation_start_date <= 1830
            and abs(imputation_start_date - invoice_date) <= 1096,
            false
        ) as has_imputation,
        coalesce(label_end > label_start and period_kind <> 'bare_month', false) as has_label
    from intermediate.line_signals

)

select
    company_id,
    line_id,
    customer_id,
    case when has_imputation then imputation_start_date else label_start end as start_date,
    case when has_imputation then imputation_end else label_end end as end_date,
    case when has_imputation then 'imputation_dates' else 'label_' || period_kind end as period_source,
    case when has_imputation then cast(1 as decimal(3, 2)) else period_confidence end as period_confidence,
    case when has_imputation then 'imputation dates' else label_evidence end as period_evidence,
    coalesce(
        has_imputation and has_label
        and (abs(label_start - imputation_start_date) > 3 or abs(label_end - imputation_end) > 3),
        false
    ) as label_disagrees
from judged
where has_imputation or has_label
