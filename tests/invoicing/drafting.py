"""Drafts to vary: each test names only what it is about."""

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

from pennybridge.invoicing.drafts import Address, Attachment, Customer, Draft, DraftLine
from pennybridge.invoicing.problems import Source

SOURCE = Source("invoices.csv", 2)


def a_line(**given: Any) -> DraftLine:
    """One line of 100 before tax."""
    line = DraftLine(
        source=SOURCE,
        label="Consulting",
        unit_price=Decimal("100.00"),
        quantity=Decimal(1),
        unit="day",
        vat_code="FR_200",
    )
    return msgspec.structs.replace(line, **given)


def a_draft(**given: Any) -> Draft:
    """A draft that nothing is wrong with."""
    draft = Draft(
        source=SOURCE,
        reference="SHOP-1",
        is_final=False,
        date=dt.date(2026, 3, 1),
        due_date=dt.date(2026, 3, 31),
        customer=Customer(
            name="Atelier Martin",
            billing_address=Address(
                address="12 rue des Lilas", postal_code="69003", city="Lyon", country="FR"
            ),
        ),
        lines=(a_line(),),
    )
    return msgspec.structs.replace(draft, **given)


def an_import(**given: Any) -> Draft:
    """An import that nothing is wrong with."""
    attachment = Attachment("invoice.pdf", "0" * 64, 1000)
    line = a_line(tax_ccy=Decimal("20.00"), amount_incl_tax_ccy=Decimal("120.00"))
    draft = a_draft(way="import", is_final=None, number="F-2026-1", attachment=attachment, lines=(line,))
    return msgspec.structs.replace(draft, **given)
