-- intermediate.recurring_products: what at least three customers of a company were sold for a period, as a subscription.
--
-- grain    one row per (company_id, price_id)
-- scope    all customers
select
    signals.company_id,
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
group by signals.company_id, signals.price_id
having count(distinct signals.customer_id) >= 3
