"""Customer invoices are changed, finalized, deleted, and made from quotes as Pennylane does."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import changes_of, created, invoice, line, lines_of, refused

Json = dict[str, Any]


def test_a_draft_is_changed_whole(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    other = created(http.post("/individual_customers", json={
        "first_name": "Ada", "last_name": "Roux", "billing_address": customer["billing_address"],
    }))  # fmt: skip
    draft = created(
        http.post("/customer_invoices", json=invoice(customer, line("10"), line("20"), draft=True))
    )
    first, second = lines_of(http, draft)
    edits = {
        "update": [{"id": first["id"], "quantity": 3, "label": "Trois"}], "delete": [{"id": second["id"]}],
        "create": [line("5", label="Nouvelle")],
    }  # fmt: skip

    changed = http.put(
        f"/customer_invoices/{draft['id']}",
        json={
            "customer_id": other["id"],
            "invoice_lines": edits,
            "discount": {"type": "absolute", "value": "5"},
        },
    ).json()

    assert changed["customer"]["id"] == other["id"]
    assert (changed["currency_amount_before_tax"], changed["amount"]) == ("30.0", "36.0")
    kept = lines_of(http, changed)
    assert [(one["label"], one["amount"]) for one in kept] == [("Trois", "36.0"), ("Nouvelle", "6.0")]
    assert kept[0]["id"] == first["id"]
    emulator.settle()
    assert changes_of(http, "customer_invoices", draft["id"]).count("insert") == 1


def test_a_draft_in_another_currency_is_booked_anew(http: httpx2.Client, customer: Json) -> None:
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))

    changed = http.put(f"/customer_invoices/{draft['id']}", json={"currency": "USD"}).json()
    (kept,) = lines_of(http, draft)

    assert changed["currency_amount"] == "120.0"
    assert changed["amount"] == kept["amount"] != "120.0"
    for unknown in ("dollars", "QQQ"):
        refusal = http.put(f"/customer_invoices/{draft['id']}", json={"currency": unknown})
        assert refused(refusal) == "Currency is not included in the list"


def test_a_draft_turned_negative_becomes_a_credit_note(http: httpx2.Client, customer: Json) -> None:
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    (kept,) = lines_of(http, draft)

    edits = {"invoice_lines": {"update": [{"id": kept["id"], "quantity": -1}]}}
    note = http.put(f"/customer_invoices/{draft['id']}", json=edits).json()

    assert (note["status"], note["draft"], note["amount"]) == ("credit_note", True, "-120.0")
    notes = http.get(
        "/customer_invoices", params={"filter": '[{"field":"credit_note","operator":"eq","value":"true"}]'}
    ).json()["items"]
    assert [one["id"] for one in notes] == [draft["id"]]


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (
            {"transaction_reference": None},
            422,
            "transaction_reference can only be updated on finalized invoices",
        ),
        ({"invoice_lines": {"delete": [{"id": 123}]}}, 404, "Not Found"),
        ({"customer_id": 123}, 404, "Couldn't find Customer with 'id'=123"),
    ],
)
def test_a_draft_refuses_what_is_not_its_own(
    http: httpx2.Client, customer: Json, change: Json, status: int, reason: str
) -> None:
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))

    assert refused(http.put(f"/customer_invoices/{draft['id']}", json=change), status) == reason


def test_a_draft_keeps_one_line(http: httpx2.Client, customer: Json) -> None:
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    edits = {"invoice_lines": {"delete": [{"id": lines_of(http, draft)[0]["id"]}]}}

    assert (
        refused(http.put(f"/customer_invoices/{draft['id']}", json=edits)) == "Invoice lines can't be blank"
    )
    assert len(lines_of(http, draft)) == 1


@pytest.mark.parametrize(
    "change", [{"date": "2026-11-03"}, {"currency": "USD"}, {"invoice_lines": {"create": [line()]}}]
)
def test_a_finalized_invoice_stays_as_it_is(http: httpx2.Client, customer: Json, change: Json) -> None:
    """Documented: few fields may still change."""
    made = created(http.post("/customer_invoices", json=invoice(customer)))

    assert refused(http.put(f"/customer_invoices/{made['id']}", json=change)).startswith(
        "Finalized invoices can only"
    )
    relabelled = http.put(
        f"/customer_invoices/{made['id']}", json={"label": "Autre", "external_reference": "ORDER-8"}
    ).json()
    assert (relabelled["label"], relabelled["external_reference"]) == ("Autre", "ORDER-8")
    assert (relabelled["status"], relabelled["amount"]) == ("upcoming", "120.0")


def test_imputation_dates_of_another_invoice_are_not_found(http: httpx2.Client, customer: Json) -> None:
    first, second = (created(http.post("/customer_invoices", json=invoice(customer))) for _ in range(2))
    change = {
        "id": lines_of(http, second)[0]["id"],
        "imputation_dates": {"start_date": "2026-01-01", "end_date": "2026-01-31"},
    }

    answer = http.put(f"/customer_invoices/{first['id']}", json={"invoice_lines": {"update": [change]}})

    assert answer.status_code == 404


def test_a_document_without_a_date_is_changed_but_not_finalized(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Incomplete documents may have none."""
    draft = emulator.add_customer_invoice(draft=True)
    emulator.update(draft, date=None)

    recurred = http.put(f"/customer_invoices/{draft.id}", json={"currency": "USD"})
    refusal = http.put(f"/customer_invoices/{draft.id}/finalize")

    assert recurred.json()["currency"] == "USD"
    assert refused(refusal) == "Date can't be blank"


def test_an_archived_invoice_is_not_changed(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed, the text assumed."""
    archived = emulator.add_customer_invoice(archived_at="2026-11-02T09:00:00.000000Z")

    refusal = http.put(f"/customer_invoices/{archived.id}", json={"label": "x"})

    assert refused(refusal) == "Archived invoices cannot be updated"


def test_only_drafts_are_finalized_and_deleted(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    final = created(http.post("/customer_invoices", json=invoice(customer)))

    gone = http.delete(f"/customer_invoices/{draft['id']}")

    assert (gone.status_code, gone.content) == (204, b"")
    assert http.get(f"/customer_invoices/{draft['id']}").status_code == 404
    assert emulator.books.select("customer_invoice_lines", parent_id=draft["id"]) == []
    assert refused(http.delete(f"/customer_invoices/{final['id']}")) == "Only draft invoices can be deleted"
    assert (
        refused(http.put(f"/customer_invoices/{final['id']}/finalize"))
        == "Only draft invoices can be finalized"
    )
    emulator.settle()
    assert changes_of(http, "customer_invoices", draft["id"])[-1] == "delete"


def test_invoices_of_another_company_are_out_of_reach(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    theirs = emulator.add_customer_invoice(draft=True, company=2)

    path = f"/customer_invoices/{theirs.id}"
    answers = [http.put(path, json={}), http.put(f"{path}/finalize"), http.delete(path)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_quote_becomes_an_invoice(http: httpx2.Client, customer: Json) -> None:
    quote = created(http.post("/quotes", json={
        "customer_id": customer["id"], "date": "2026-11-01", "deadline": "2026-12-01",
        "discount": {"type": "relative", "value": "10"},
        "invoice_lines": [line("200"), line("50", quantity=2)],
    }))  # fmt: skip

    made = created(
        http.post(
            "/customer_invoices/create_from_quote",
            json={"quote_id": quote["id"], "draft": False, "external_reference": "Q-1"},
        )
    )

    assert (made["quote"]["id"], made["amount"], made["date"]) == (quote["id"], "324.0", "2026-11-02")
    assert (made["invoice_number"], made["external_reference"]) == ("F-2026-000001", "Q-1")
    assert [one["label"] for one in lines_of(http, made)] == ["Conseil", "Conseil"]
    assert http.get(f"/quotes/{quote['id']}").json()["status"] == "invoiced"
    assert (
        http.post("/customer_invoices/create_from_quote", json={"quote_id": 1, "draft": True}).status_code
        == 404
    )


def test_a_quote_becomes_no_draft_before_the_last_number(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Observed: also with `draft: true`."""
    quote = emulator.add("quotes", {"customer": {"id": customer["id"]}, "quote_number": "D-1"})
    created(http.post("/customer_invoices", json=invoice(customer, date="2026-11-20")))

    refusal = http.post("/customer_invoices/create_from_quote", json={"quote_id": quote.id, "draft": True})

    assert refused(refusal) == "Date cannot be before latest finalized invoice."
