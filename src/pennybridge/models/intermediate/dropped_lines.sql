-- intermediate.dropped_lines: recurring lines that a full credit note takes back as if they had never been.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
select
    lines.company_id,
    lines.line_id,
    lines.customer_id,
    lines.price_id,
    lines.currency,
    lines.subscription_id,
    lines.start_date,
    cases.credit_note_id,
    cases.credit_case
from intermediate.credit_cases as cases
join intermediate.recurring_lines as lines
    on lines.company_id = cases.company_id and lines.invoice_id = cases.invoice_id
where cases.credit_case in ('correction', 'cancellation')
