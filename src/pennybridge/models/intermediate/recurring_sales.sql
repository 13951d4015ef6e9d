-- intermediate.recurring_sales: what each customer was sold for a period, as a subscription or by a recurring word.
--
-- grain    one row per (company_id, customer_id, price_id)
-- scope    one customer
-- kept     between builds, for intermediate.recurring_products
select distinct
    signals.company_id,
    signals.customer_id,
    signals.price_id
from intermediate.line_signals as signals
left join intermediate.explicit_periods as periods
    on periods.company_id = signals.company_id and periods.line_id = signals.line_id
where
    not signals.is_credit_note
    and signals.one_off_word is null
    and (
        signals.subscription_id is not null
        or (signals.recurring_word is not null and periods.end_date - periods.start_date >= 25)
    )
