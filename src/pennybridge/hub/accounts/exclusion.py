"""Leaving a customer out of syncs and figures, and taking it in again: what that changes, then the change."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pennybridge.hub.accounts import landed
from pennybridge.hub.accounts.books import Books
from pennybridge.hub.accounts.customer import standing_of


@dataclass(frozen=True)
class ExclusionEffect:
    """What leaves the figures with a customer, or would; the documents themselves stay."""

    documents: int
    """Customer invoices and credit notes that figures count."""
    drafts: int
    first_invoice_date: date | None
    last_invoice_date: date | None
    billed_eur: Decimal
    """The sum of the documents, tax included."""
    open_amount_eur: Decimal
    overdue_eur: Decimal
    mrr: Decimal | None
    """In the base currency; None before a build."""


_EFFECT = f"""
    select
        count(*) filter (where {landed.COUNTS}),
        count(*) filter (where invoices.draft and invoices.deleted_at is null),
        min(case when {landed.COUNTS} then invoices.date end),
        max(case when {landed.COUNTS} then invoices.date end),
        cast(coalesce(sum(case when {landed.COUNTS} then invoices.amount end), 0) as decimal(18, 2))
    from pennylane.customer_invoices as invoices
    where invoices.company_id = :company_id and invoices.customer_id = :customer_id
"""  # noqa: S608 — text of ours


def exclusion_effect(books: Books, customer_id: int) -> ExclusionEffect:
    """What excluding a customer takes out of the figures."""
    documents, drafts, first, last, billed = books.rows(_EFFECT, customer_id=customer_id)[0]
    standing = standing_of(books, customer_id)
    return ExclusionEffect(
        documents=documents,
        drafts=drafts,
        first_invoice_date=first,
        last_invoice_date=last,
        billed_eur=billed,
        open_amount_eur=standing.open_amount_eur,
        overdue_eur=standing.overdue_eur,
        mrr=standing.mrr,
    )
