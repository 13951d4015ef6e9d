-- intermediate.billing_lags: how long after a period begins its invoice is dated, per continuing sale.
--
-- grain    one row per (company_id, customer_id, price_id, currency) with periods that a person wrote
-- scope    one customer
-- days     negative when billed before the period begins; over 20 is billing in arrears
select
    signals.company_id,
    signals.customer_id,
    signals.price_id,
    signals.currency,
    cast(percentile_disc(0.5) within group (order by signals.invoice_date - periods.start_date) as integer) as lag_days
from intermediate.line_signals as signals
join intermediate.explicit_periods as periods
    on periods.company_id = signals.company_id and periods.line_id = signals.line_id
where not signals.is_credit_note
group by signals.company_id, signals.customer_id, signals.price_id, signals.currency
