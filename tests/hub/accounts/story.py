"""A company whose accounts take every turn: paid, late, credited, in dollars, drafted, deleted, hostile."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

from pennybridge.api.client import Client
from pennybridge.clock import Clock
from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from pennybridge.models.build import build
from pennybridge.store import Database
from pennybridge.sync.run import sync
from tests.conftest import START

BEGIN = datetime(2026, 6, 1, 9, tzinfo=UTC)
AS_OF = START.date()
HOSTILE = '<script>alert("x")</script> & Fils'
FORMULA = "=HYPERLINK(0)"
CROWD = 55
"""Customers without documents, enough for a second page."""


@dataclass(frozen=True)
class Story:
    """What the tests speak of."""

    company_id: int
    horizon: int
    """Owes 120.00 since 1 July and 60.00 of a credited invoice, paid 240.00, has MRR of 100.00 a month."""
    hostile: int
    formula: int
    liberty: int
    """Pays in dollars."""
    gone: Kept
    """Deleted between the two syncs."""
    late_invoice: int
    paid_invoice: int
    credited_invoice: int
    credit_note: int
    dollar_invoice: int
    draft: int


def tell(emulator: Emulator) -> Story:
    """Five months of business, ending at `START`."""
    company = emulator.add_company("Atelier Numérique")
    horizon = emulator.add_customer(
        "Café Horizon", reg_no="732829320", vat_number="FR44732829320", external_reference="CRM-42",
        emails=["compta@horizon.example"],
    )  # fmt: skip
    emulator.add_contact(horizon, "camille@horizon.example")
    hostile = emulator.add_customer(HOSTILE)
    formula = emulator.add_customer(FORMULA)
    liberty = emulator.add_customer("Liberty Ltd")
    gone = emulator.add_customer("Partie")
    for number in range(CROWD):
        emulator.add_customer(f"Client {number:02}")
    late = emulator.add_customer_invoice("120.00", customer=horizon, payment_conditions="30_days")
    emulator.add_customer_invoice("36.00", customer=hostile, label=HOSTILE)
    dollar = emulator.add_customer_invoice(
        "1200.00", customer=liberty, currency="USD", exchange_rate=Decimal("0.9")
    )
    paid = emulator.add_customer_invoice("240.00", customer=horizon)
    emulator.move_clock(days=20)
    emulator.pay(paid)
    emulator.set_clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    subscription = {"label": "Abonnement octobre 2026", "unit_price": Decimal(100)}
    period = (date(2026, 10, 1), date(2026, 10, 31))
    following = (date(2026, 11, 1), date(2026, 11, 30))
    paid_subscription = emulator.add_customer_invoice(
        customer=horizon, lines=[subscription | {"period": period}]
    )
    emulator.pay(paid_subscription)
    credited = emulator.add_customer_invoice("180.00", customer=horizon, payment_conditions="15_days")
    note = emulator.credit(credited, "120.00")
    emulator.set_clock(datetime(2026, 11, 1, 9, tzinfo=UTC))
    emulator.add_customer_invoice(
        customer=horizon,
        lines=[subscription | {"label": "Abonnement novembre 2026", "period": following}],
        payment_conditions="30_days",
    )
    draft = emulator.add_customer_invoice("60.00", customer=hostile, draft=True)
    emulator.set_clock(START)
    return Story(
        company_id=company.id,
        horizon=horizon.id,
        hostile=hostile.id,
        formula=formula.id,
        liberty=liberty.id,
        gone=gone,
        late_invoice=late.id,
        paid_invoice=paid.id,
        credited_invoice=credited.id,
        credit_note=note.id,
        dollar_invoice=dollar.id,
        draft=draft.id,
    )


def sync_and_build(emulator: Emulator, database: Database, story: Story) -> None:
    """The tables as two syncs and a build leave them."""
    clock: Clock = lambda: emulator.now  # noqa: E731 — the emulator's own
    with Client(emulator.token(1), base_url=emulator.base_url, clock=clock) as client:
        run = partial(
            sync, company_id=story.company_id, client=client, database=database, scopes=client.me().scopes,
            clock=clock, name="Atelier Numérique", request_budget=None,
        )  # fmt: skip
        reports = [run()]
        emulator.delete(story.gone)
        reports.append(run())
    assert not [each.problem for report in reports for each in report.resources.values() if each.problem]
    build(database, as_of=AS_OF)
