-- intermediate.standing_lines: recurring lines that credit notes leave standing, up to where one terminates them.
--
-- grain    one row per (company_id, line_id)
-- scope    one customer
with terminations as (

    select company_id, lowered_line_id, min(tail_start) as tail_start
    from intermediate.partial_credits
    where credit_case = 'early_termination'
    group by company_id, lowered_line_id

)

select
    lines.company_id,
    lines.line_id,
    lines.invoice_id,
    lines.customer_id,
    lines.price_id,
    lines.currency,
    lines.subscription_id,
    lines.invoice_date,
    lines.start_date,
    lines.grace_days,
    lines.mrr_ccy,
    lines.mrr_base,
    lines.unit,
    lines.quantity,
    lines.billed_months,
    lines.recurrence_rule,
    least(lines.end_date, coalesce(terminations.tail_start, lines.end_date)) as end_date,
    terminations.tail_start is not null as is_terminated
from intermediate.recurring_lines as lines
left join terminations
    on terminations.company_id = lines.company_id and terminations.lowered_line_id = lines.line_id
where not exists (
    select 1 from intermediate.dropped_lines as dropped
    where dropped.company_id = lines.company_id and dropped.line_id = lines.line_id
)
