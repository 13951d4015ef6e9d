-- nothing_counted_twice: an invoice that a credit note took back whole, or a credit note taken for a sale, makes MRR.
--
-- scope    one customer
select segments.company_id, segments.line_id, segments.invoice_id, segments.segment_rule
from metrics.segments as segments
join intermediate.dropped_lines as dropped
    on dropped.company_id = segments.company_id and dropped.line_id = segments.line_id

union all

select segments.company_id, segments.line_id, segments.invoice_id, segments.segment_rule
from metrics.segments as segments
join staging.invoices as invoices
    on invoices.company_id = segments.company_id and invoices.invoice_id = segments.invoice_id
where invoices.is_credit_note and segments.segment_rule not in ('dated_credit', 'discount_over_period')
