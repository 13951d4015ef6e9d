"""What Pennylane itself says of documents, in SQL on the landing tables: no models are needed for it.

The rules are those of the models `staging.documents` and `receivables.aging`.
"""

IS_CREDIT_NOTE = (
    "(invoices.currency_amount < 0 or invoices.credited_invoice_id is not null "
    "or invoices.status = 'credit_note')"
)
COUNTS = """(
    invoices.deleted_at is null and not coalesce(invoices.draft, false) and invoices.date is not null
    and (
        invoices.status in (
            'upcoming', 'late', 'paid', 'partially_paid', 'partially_cancelled', 'cancelled', 'credit_note'
        )
        or (invoices.status = 'archived' and invoices.invoice_number is not null)
    )
)"""
"""Whether a document is final and stands: what figures count."""

DUE_DATE = "greatest(coalesce(invoices.deadline, invoices.date + 30), invoices.date)"
"""Thirty days are assumed where a document says none."""

OPEN_AMOUNT_EUR = f"""cast(case
    when exclusions.customer_id is not null or not {COUNTS} or invoices.paid then 0
    when invoices.status = 'cancelled' then least(coalesce(invoices.remaining_amount_with_tax, 0), 0)
    else coalesce(invoices.remaining_amount_with_tax, invoices.amount)
end as decimal(18, 6))"""
"""Euros, tax included; negative for credit notes; zero for excluded customers, whom syncs leave out."""

IS_OVERDUE = f"{OPEN_AMOUNT_EUR} > 0 and {DUE_DATE} < :today"

EXCLUSIONS = """
    left join pennylane.exclusions
        on exclusions.company_id = invoices.company_id and exclusions.customer_id = invoices.customer_id
"""
"""What the snippets above need beside `pennylane.customer_invoices as invoices`."""
