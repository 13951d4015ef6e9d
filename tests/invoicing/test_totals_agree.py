"""What the checks accept, the emulator accepts; what they refuse for money reasons, it refuses with 422.

The two were written apart from each other.
"""

import itertools
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice, read_record
from pennybridge.emulator.files import one_page_pdf
from pennybridge.emulator.server import Emulator
from pennybridge.errors import RejectedError
from pennybridge.invoicing.bodies import Found, create_body, import_body
from pennybridge.invoicing.check import check_draft
from pennybridge.invoicing.drafts import Discount, Draft, DraftLine, Totals
from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.totals import draft_totals
from pennybridge.invoicing.verify import differences
from tests.invoicing.drafting import a_draft, a_line, an_import
from tests.sync.conftest import NoLimit

NUMBERS = itertools.count(1)


class Books:
    """A company with one customer, open to requests."""

    def __init__(self, emulator: Emulator, client: Client) -> None:
        self.client = client
        emulator.add_company("Maison Lumière")
        self.customer_id = emulator.add_customer("Atelier Martin").id

    def post(self, draft: Draft) -> CustomerInvoice | int:
        """Send a draft whatever the checks say: the invoice, or the status of the refusal."""
        found = Found(customer_id=self.customer_id)
        try:
            if draft.way == "create":
                answer = self.client.post("/customer_invoices", create_body(draft, found))
            else:
                with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
                    Path(file.name).write_bytes(one_page_pdf(f"Invoice {next(NUMBERS)}"))
                    file_id = self.client.upload(Path(file.name)).json()["id"]
                body = import_body(draft, msgspec.structs.replace(found, file_attachment_id=file_id))
                answer = self.client.post("/customer_invoices/import", body)
        except RejectedError as error:
            return error.status or 0
        return read_record(CustomerInvoice, answer.body)


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    limiter = NoLimit()
    with (
        Emulator() as emulator,
        Client(emulator.token(), base_url=emulator.base_url, limiter=limiter) as client,  # type: ignore[arg-type]
    ):
        yield Books(emulator, client)


cents = st.decimals("-2000", "2000", places=2)
prices = st.one_of(cents, st.decimals("0", "100", places=6), st.just(Decimal("0.0000001")))
quantities = st.one_of(st.decimals("-20", "20", places=3), st.integers(0, 5).map(Decimal))
codes = st.sampled_from(["FR_200", "FR_100", "FR_55", "FR_21", "exempt", "FR_85"])
discounts = st.one_of(
    st.none(),
    st.builds(Discount, st.just("relative"), st.decimals("0", "101", places=2)),
    st.builds(Discount, st.just("absolute"), st.decimals("-1", "50", places=2)),
)


@st.composite
def created(draw: st.DrawFn) -> Draft:
    lines = tuple(
        a_line(
            unit_price=draw(prices), quantity=draw(quantities), vat_code=draw(codes), discount=draw(discounts)
        )
        for _ in range(draw(st.integers(1, 4)))
    )
    return a_draft(reference=f"C-{next(NUMBERS)}", lines=lines, discount=draw(discounts))


@st.composite
def imported(draw: st.DrawFn) -> Draft:
    """An import whose stated totals are off by some cents, or not at all."""
    lines = tuple(draw(stated_line()) for _ in range(draw(st.integers(1, 4))))
    off = st.sampled_from(
        [Decimal(0)] * 6 + [Decimal(cent) / 100 for cent in (-6, -4, -2, -1, 1, 2, 3, 4, 5)]
    )
    tax = sum((line.tax_ccy or Decimal(0) for line in lines), Decimal(0))
    total = sum((line.amount_incl_tax_ccy or Decimal(0) for line in lines), Decimal(0))
    totals = Totals(total - tax + draw(off), tax + draw(off), total + draw(off))
    number = next(NUMBERS)
    return an_import(reference=f"I-{number}", number=f"F-{number}", lines=lines, totals=totals)


@st.composite
def stated_line(draw: st.DrawFn) -> DraftLine:
    tax, total = draw(cents), draw(cents)
    return a_line(
        quantity=draw(quantities),
        unit_price=draw(prices),
        vat_code=draw(codes),
        tax_ccy=tax,
        amount_incl_tax_ccy=total,
    )


agree = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@agree
@given(draft=created())
def test_created_invoices_are_taken_as_checked_and_come_to_what_we_computed(
    books: Books, draft: Draft
) -> None:
    wrong = errors(check_draft(draft))
    outcome = books.post(draft)

    if wrong:
        assert outcome == 422, wrong
    else:
        assert isinstance(outcome, CustomerInvoice), outcome
        assert draft_totals(draft) is not None
        assert differences(draft, outcome, customer_id=books.customer_id) == []


@agree
@given(draft=imported())
def test_imported_invoices_are_taken_as_checked_and_keep_their_amounts(books: Books, draft: Draft) -> None:
    wrong = errors(check_draft(draft))
    outcome = books.post(draft)

    if wrong:
        assert outcome == 422, wrong
    else:
        assert isinstance(outcome, CustomerInvoice), outcome
        assert differences(draft, outcome, customer_id=books.customer_id) == []
