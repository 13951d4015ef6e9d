"""A batch with something of everything, and the proof that it is at Pennylane once."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import msgspec

from pennybridge.emulator.files import one_page_pdf
from pennybridge.invoicing.drafts import Attachment, CategoryWeight, Customer, Draft
from pennybridge.invoicing.references import file_digest
from tests.invoicing.desk import Desk
from tests.invoicing.drafting import a_draft, a_line, an_import

NAMES = ("Atelier Martin", "Boréal", "Cap Horizon")


def customer(number: int) -> Customer:
    address = a_draft().customer.billing_address
    return Customer(name=NAMES[number % len(NAMES)], billing_address=address)


def a_batch(size: int = 5) -> list[Draft]:
    """Drafts and final invoices of three new customers, the last a credit note of the first final one."""
    drafts = [
        a_draft(
            reference=f"B-{number}",
            customer=customer(number),
            is_final=number % 2 == 0,
            date=dt.date(2026, 3, 1 + number % 28),
            lines=tuple(a_line(unit_price=Decimal(100 + number)) for _ in range(1 + number % 3)),
            categories=(CategoryWeight(group="Activité", label="Conseil"),) if number % 2 == 0 else (),
        )
        for number in range(size)
    ]
    note = a_draft(
        reference="B-CREDIT",
        customer=customer(0),
        is_final=True,
        date=dt.date(2026, 3, 28),
        credits="B-0",
        lines=(a_line(quantity=Decimal(-1), unit_price=Decimal(40)),),
    )
    return [*drafts, note]


def an_import_batch(folder: Path, size: int = 2) -> list[Draft]:
    """Imports, each with a PDF of its own."""
    drafts = []
    for number in range(size):
        path = folder / f"import-{number}.pdf"
        if not path.exists():
            path.write_bytes(one_page_pdf(f"Invoice {number}"))
        attachment = Attachment(str(path), file_digest(path), path.stat().st_size)
        draft = an_import(reference=f"I-{number}", number=f"OLD-{number}", attachment=attachment)
        drafts.append(msgspec.structs.replace(draft, customer=customer(number)))
    return drafts


def assert_once(desk: Desk, drafts: list[Draft]) -> None:
    """Each draft is one invoice with the right content, the journal says so, and nothing else is there."""
    invoices = desk.invoices
    assert set(invoices) == {draft.reference for draft in drafts}
    names = [one["name"] for one in desk.records("customers")]
    assert sorted(names) == sorted(set(names))
    known = desk.journal().known()
    for draft in drafts:
        invoice = invoices[draft.reference]
        lines = desk.emulator.books.select("customer_invoice_lines", parent_id=invoice["id"])
        meant = sum((line.unit_price or 0) * (line.quantity or 0) for line in draft.lines) * Decimal("1.2")
        assert Decimal(invoice["currency_amount"]) == meant
        assert len(lines) == len(draft.lines)
        assert invoice["date"] == str(draft.date)
        assert invoice["draft"] is (draft.is_final is False)
        submission = known[draft.reference]
        assert (submission.state, submission.invoice_id) == ("verified", invoice["id"])
        assert submission.claimed_by is None
