"""Customer invoices are created, changed, finalized and deleted as Pennylane does."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import changes_of, created, invoice, line, lines_of, refused

Json = dict[str, Any]

_RANKS = "Invoice line sections ranks must be unique and increment from 1"
_TURNED = {"start_date": "2026-02-01", "end_date": "2026-01-31"}


def test_without_a_word_about_drafts_an_invoice_is_final(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Documented, and the trap of traps: no undo but a credit note."""
    body = invoice(customer)
    del body["draft"]

    made = created(http.post("/customer_invoices", json=body))

    assert (made["draft"], made["invoice_number"], made["status"]) == (False, "F-2026-000001", "upcoming")
    assert (made["remaining_amount_with_tax"], made["remaining_amount_without_tax"]) == ("120.0", "100.0")
    emulator.settle()
    events = changes_of(http, "customer_invoices", made["id"])
    assert events[0] == "insert"
    assert set(events[1:]) == {"update"}
    assert 1 <= len(events[1:]) <= 3


def test_a_draft_has_neither_number_nor_remaining_amount(http: httpx2.Client, customer: Json) -> None:
    """Observed; its ledger entry has its own id."""
    made = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))

    assert (made["draft"], made["status"], made["invoice_number"]) == (True, "draft", "")
    assert (made["remaining_amount_with_tax"], made["filename"]) == (None, None)
    assert made["ledger_entry"] == {"id": made["id"]}
    assert made["label"] == "Facture Cap Horizon (label généré)"


def test_every_field_that_is_sent_comes_back(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    template = emulator.add("customer_invoice_templates", {"name": "Bleu"})
    sent: Json = {
        "label": "Novembre", "language": "en_GB", "external_reference": "ORDER-7",
        "pdf_invoice_subject": "Your order", "pdf_description": "As agreed", "special_mention": "Thank you",
        "purchase_order_reference": "PO-1", "sales_order_reference": "SO-1",
    }  # fmt: skip
    body = invoice(
        customer, customer_invoice_template_id=template.id, pdf_invoice_free_text=None,
        installments=[{"amount": "60", "deadline": "2026-12-02"}, {"amount": "60", "deadline": "2027-01-02"}],
        **sent,
    )  # fmt: skip

    made = created(http.post("/customer_invoices", json=body))

    assert {name: made[name] for name in sent} == sent
    assert made["customer_invoice_template"]["id"] == template.id
    assert (made["pdf_invoice_free_text"], made["installments"]) == ("", None)
    assert http.get(f"/customer_invoices/{made['id']}").json() == made


def test_a_line_by_product_needs_only_a_quantity(http: httpx2.Client, customer: Json) -> None:
    """Documented: any of the product's fields may be given instead."""
    product = created(
        http.post(
            "/products",
            json={"label": "Abonnement", "price_before_tax": "49.5", "vat_rate": "FR_100", "unit": "month"},
        )
    )
    plain = {"product_id": product["id"], "quantity": 2}
    other = plain | {"label": "Abonnement Pro", "raw_currency_unit_price": "60", "vat_rate": "FR_200"}

    made = created(http.post("/customer_invoices", json=invoice(customer, plain, other)))
    first, second = lines_of(http, made)

    assert (first["label"], first["unit"], first["vat_rate"], first["amount"]) == (
        "Abonnement",
        "month",
        "FR_100",
        "108.9",
    )
    assert (second["label"], second["unit"], second["amount"]) == ("Abonnement Pro", "month", "144.0")
    assert first["product"]["id"] == second["product"]["id"] == product["id"]
    assert made["amount"] == "252.9"


def test_sections_hold_lines(http: httpx2.Client, customer: Json) -> None:
    sections = [{"rank": 1, "title": "Conseil", "description": "Octobre"}, {"rank": 2, "title": "Licences"}]
    body = invoice(customer, line(section_rank=2), line(section_rank=1), invoice_line_sections=sections)

    made = created(http.post("/customer_invoices", json=body))

    listed = http.get(f"/customer_invoices/{made['id']}/invoice_line_sections", params={"sort": "id"}).json()
    assert [(one["rank"], one["title"]) for one in listed["items"]] == [(1, "Conseil"), (2, "Licences")]
    assert [one["section_rank"] for one in lines_of(http, made)] == [2, 1]


def test_discounts_apply_to_lines_and_to_the_invoice(http: httpx2.Client, customer: Json) -> None:
    relative, absolute = {"type": "relative", "value": "10"}, {"type": "absolute", "value": "30"}
    lines = [line("200.00", discount=relative), line("100.00", discount=absolute, vat_rate="FR_100")]

    made = created(http.post("/customer_invoices", json=invoice(customer, *lines, discount=relative)))
    first, second = lines_of(http, made)

    assert (first["currency_amount_before_tax"], second["currency_amount_before_tax"]) == ("180.0", "70.0")
    assert first["discount"] == {"type": "relative", "value": "10.0"}
    # 250 less 10 % is 225; of that 162 at 20 % and 63 at 10 %
    assert (made["currency_amount_before_tax"], made["tax"], made["amount"]) == ("225.0", "38.7", "263.7")


def test_a_foreign_invoice_is_booked_in_euros(http: httpx2.Client, customer: Json) -> None:
    made = created(http.post("/customer_invoices", json=invoice(customer, currency="USD")))

    rate = float(made["exchange_rate"])
    assert 0.86 <= rate <= 0.97
    assert made["currency_amount"] == "120.0"
    assert float(made["amount"]) == pytest.approx(120 * rate, abs=0.01)
    assert made["remaining_amount_with_tax"] == made["amount"]


def test_imputation_dates_are_kept_on_finalized_invoices(http: httpx2.Client, customer: Json) -> None:
    dates = {"start_date": "2026-11-01", "end_date": "2026-11-30"}

    made = created(http.post("/customer_invoices", json=invoice(customer, line(imputation_dates=dates))))
    (kept,) = lines_of(http, made)
    later = {"start_date": "2026-12-01", "end_date": "2026-12-31"}
    edits = {"invoice_lines": {"update": [{"id": kept["id"], "imputation_dates": later}]}}

    assert kept["imputation_dates"] == dates
    assert http.put(f"/customer_invoices/{made['id']}", json=edits).status_code == 200
    assert lines_of(http, made)[0]["imputation_dates"] == later


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"invoice_lines": [line(quantity=0)]}, "Invoice lines quantity must be different than 0"),
        ({"invoice_lines": [line("cent")]}, "Raw currency unit price is not a number"),
        ({"invoice_lines": [line("1.1234567")]}, "Raw currency unit price can have at most 6 decimals"),
        ({"invoice_lines": [line("1e11", quantity=1000)]}, "Currency amount must be less than 1000000000000"),
        ({"invoice_lines": [line("NaN")]}, "Raw currency unit price is not a number"),
        ({"invoice_lines": [line(label=" ")]}, "Label can't be blank"),
        ({"invoice_lines": [line(section_rank=3)]}, "Section rank 3 does not exist"),
        ({"invoice_line_sections": [{"rank": 2}]}, _RANKS),
        ({"discount": {"type": "relative", "value": "101"}}, "Discount value is invalid"),
        ({"pdf_description": "x" * 5001}, "Pdf description is too long (maximum is 5000 characters)"),
        (
            {"invoice_lines": [line(imputation_dates=_TURNED)]},
            "Imputation dates end date must be after start date",
        ),
    ],
)  # fmt: skip
def test_an_invoice_that_makes_no_sense_is_refused_whole(
    emulator: Emulator, http: httpx2.Client, customer: Json, change: Json, reason: str
) -> None:
    assert refused(http.post("/customer_invoices", json=invoice(customer, **change))) == reason
    assert emulator.books.count("customer_invoices") == 0
    assert emulator.books.count("customer_invoice_lines") == 0


@pytest.mark.parametrize(
    "change",
    [
        {"customer_id": 123}, {"customer_invoice_template_id": 123},
        {"invoice_lines": [{"product_id": 123, "quantity": 1}]},
        {"invoice_lines": [line(ledger_account_id=123)]},
    ],
)  # fmt: skip
def test_what_an_invoice_names_must_be_there(http: httpx2.Client, customer: Json, change: Json) -> None:
    assert http.post("/customer_invoices", json=invoice(customer, **change)).status_code == 404


def test_one_external_reference_makes_one_invoice(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Observed text: the only thing that protects from a POST sent twice."""
    body = invoice(customer, external_reference="ORDER-7")
    first = created(http.post("/customer_invoices", json=body))

    assert refused(http.post("/customer_invoices", json=body)) == "External reference has already been taken"
    condition = '[{"field": "external_reference", "operator": "eq", "value": "ORDER-7"}]'
    found = http.get("/customer_invoices", params={"filter": condition}).json()["items"]
    assert [one["id"] for one in found] == [first["id"]]
    theirs = emulator.add_customer(company=2)
    token = {"authorization": f"Bearer {emulator.token(2)}"}
    created(
        http.post("/customer_invoices", json=invoice(theirs, external_reference="ORDER-7"), headers=token)
    )


def test_a_race_with_one_external_reference_has_one_winner(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    body = invoice(customer, external_reference="ORDER-7")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: http.post("/customer_invoices", json=body).status_code, range(8)))

    assert sorted(answers) == [201] + [422] * 7
    assert emulator.books.count("customer_invoices") == 1


def test_numbers_follow_the_dates(http: httpx2.Client, customer: Json) -> None:
    """Observed text; a draft may have any date until it is finalized."""
    created(http.post("/customer_invoices", json=invoice(customer, date="2026-11-02")))
    early = invoice(customer, date="2026-11-01")
    draft = created(http.post("/customer_invoices", json=early | {"draft": True}))

    reason = "Date cannot be before latest finalized invoice."
    assert refused(http.post("/customer_invoices", json=early)) == reason
    assert refused(http.put(f"/customer_invoices/{draft['id']}/finalize")) == reason
    moved = http.put(
        f"/customer_invoices/{draft['id']}", json={"date": "2027-01-02", "deadline": "2027-02-01"}
    )
    final = http.put(f"/customer_invoices/{draft['id']}/finalize").json()
    assert moved.status_code == 200
    assert final["invoice_number"] == "F-2027-000001"
    assert refused(http.post("/customer_invoices", json=invoice(customer))) == reason


def test_numbers_go_on_after_those_of_imported_documents(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Whatever numbers those have."""
    emulator.add_customer_invoice(invoice_number="F-2026-ABC")

    made = created(http.post("/customer_invoices", json=invoice(customer)))

    assert made["invoice_number"].startswith("F-2026-00000")


def test_closed_accounts_take_nothing(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    """Observed text, in French."""
    control = emulator.origin + "/_emulator/companies/1"
    assert http.patch(control, json={"closed_until": "2026-10-31"}).json()["closed_until"] == "2026-10-31"

    closed = http.post("/customer_invoices", json=invoice(customer, date="2026-10-31"))

    assert refused(closed) == "La comptabilité est figée jusqu'au 31/10/2026"
    created(http.post("/customer_invoices", json=invoice(customer, date="2026-11-01")))
    http.patch(control, json={"has_numbering": False, "closed_until": None})
    assert (
        refused(http.post("/customer_invoices", json=invoice(customer)))
        == "Invoice numbering is not configured"
    )
    created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
