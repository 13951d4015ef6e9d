-- unknown_lines_make_no_mrr: a line that is not recurring makes MRR.
--
-- scope    one customer
select segments.company_id, segments.line_id, lines.recurrence, lines.recurrence_rule
from metrics.segments as segments
join billing.invoice_lines as lines
    on lines.company_id = segments.company_id and lines.original_id = segments.line_id
where lines.recurrence <> 'recurring' and not lines.is_credit_note and segments.mrr_base > 0
