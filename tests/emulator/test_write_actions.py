"""Finished invoices are paid, mailed, sent to the PA and credited."""

from typing import Any

import httpx2

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import ADDRESS, changes_of, company, created, invoice, line, refused

Json = dict[str, Any]


def present(http: httpx2.Client, document: Json) -> Json:
    """A document as it is now."""
    found: Json = http.get(f"/customer_invoices/{document['id']}").json()
    return found


def test_paid_is_paid_also_when_said_twice(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    """Observed: 204 again, and the invoice is not touched."""
    made = created(http.post("/customer_invoices", json=invoice(customer)))
    emulator.settle()

    first = http.put(f"/customer_invoices/{made['id']}/mark_as_paid")
    paid = present(http, made)
    second = http.put(f"/customer_invoices/{made['id']}/mark_as_paid")

    assert (first.status_code, first.content, second.status_code) == (204, b"", 204)
    assert (paid["status"], paid["paid"], paid["remaining_amount_with_tax"]) == ("paid", True, "0.0")
    after = present(http, made)
    assert after["updated_at"] == paid["updated_at"]
    assert after["matched_transactions"]["url"].endswith("/matched_transactions")


def test_a_draft_cannot_be_paid(http: httpx2.Client, customer: Json) -> None:
    """Observed in v1, in French."""
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))

    refusal = http.put(f"/customer_invoices/{draft['id']}/mark_as_paid")

    assert refused(refusal) == "Cette facture ne peut pas être classer comme payée"
    assert http.put("/customer_invoices/123/mark_as_paid").status_code == 404


def test_an_incomplete_invoice_is_paid_with_all_of_it_open(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Observed."""
    assert customer
    made = emulator.add_customer_invoice(status="incomplete")
    emulator.update(made, status="incomplete")

    assert http.put(f"/customer_invoices/{made.id}/mark_as_paid").status_code == 204
    assert present(http, made)["paid"] is True
    assert present(http, made)["status"] == "incomplete"
    assert present(http, made)["remaining_amount_with_tax"] == "120.0"


def test_a_mail_waits_for_the_pdf_and_lands_in_the_outbox(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Documented: 409 until the PDF was made."""
    made = created(http.post("/customer_invoices", json=invoice(customer)))
    path = f"/customer_invoices/{made['id']}/send_by_email"

    early = http.post(path)
    emulator.settle()
    to_customer = http.post(path)
    to_others = http.post(path, json={"recipients": ["daf@cap.example", "ceo@cap.example"]})

    assert refused(early, 409).startswith("The PDF file is not generated yet")
    assert (to_customer.status_code, to_others.status_code) == (204, 204)
    assert [mail.recipients for mail in emulator.outbox] == [
        ["compta@cap-horizon.example"],
        ["daf@cap.example", "ceo@cap.example"],
    ]
    control = httpx2.get(emulator.origin + "/_emulator/outbox").json()
    assert control[0]["subject"] == "Facture F-2026-000001 de Atelier Numérique"
    assert control[0]["document_id"] == made["id"]
    assert httpx2.delete(emulator.origin + "/_emulator/outbox").json() == emulator.outbox == []


def test_a_mail_needs_somebody_to_go_to(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    silent = created(http.post("/company_customers", json=company(emails=[])))
    made = created(http.post("/customer_invoices", json=invoice(silent)))
    emulator.settle()

    of_draft = http.post(f"/customer_invoices/{draft['id']}/send_by_email", json={})
    to_nobody = http.post(f"/customer_invoices/{made['id']}/send_by_email", json={})
    nonsense = http.post(f"/customer_invoices/{made['id']}/send_by_email", json={"recipients": ["x"]})

    assert refused(of_draft) == "This endpoint is not applicable for draft invoices"
    assert refused(to_nobody) == "The customer has no email address"
    assert refused(nonsense) == "Emails is invalid: x"
    assert emulator.outbox == []


def test_an_invoice_goes_to_the_pa_once(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    made = created(http.post("/customer_invoices", json=invoice(customer)))
    path = f"/customer_invoices/{made['id']}/send_to_pa"

    first = http.post(path)
    submitted = present(http, made)["e_invoicing"]
    again = http.post(path)
    emulator.move_clock(seconds=11)

    assert first.status_code == 204
    assert (submitted["status"], submitted["reason"]) == ("submitted", None)
    assert refused(again) == "This customer invoice has already been sent to the PA"
    assert present(http, made)["e_invoicing"] == submitted | {"status": "sent"}
    condition = [{"field": "flow_id", "operator": "eq", "value": submitted["flow"]["id"]}]
    found = http.get("/customer_invoices", params={"filter": str(condition).replace("'", '"')}).json()[
        "items"
    ]
    assert [one["id"] for one in found] == [made["id"]]


def test_what_is_no_e_invoice_does_not_go_to_the_pa(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    abroad = created(
        http.post("/company_customers", json=company(billing_address=ADDRESS | {"country_alpha2": "BE"}))
    )
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    foreign = created(http.post("/customer_invoices", json=invoice(abroad)))
    mailed = created(http.post("/customer_invoices", json=invoice(customer)))
    emulator.settle()
    http.post(f"/customer_invoices/{mailed['id']}/send_by_email")

    reasons = [
        refused(http.post(f"/customer_invoices/{made['id']}/send_to_pa")) for made in (draft, foreign, mailed)
    ]

    assert reasons == [
        "This endpoint is not applicable for draft invoices",
        "This customer invoice is not an electronic invoice",
        "This customer invoice has already been sent by email",
    ]


def credit(http: httpx2.Client, made: Json, note: Json) -> httpx2.Response:
    """Link a credit note to an invoice."""
    return http.post(f"/customer_invoices/{made['id']}/link_credit_note", json={"credit_note_id": note["id"]})


def test_a_credit_note_takes_a_part(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    """Observed: the invoice is answered, both documents are updated."""
    made = created(http.post("/customer_invoices", json=invoice(customer)))
    note = created(http.post("/customer_invoices", json=invoice(customer, line("-25.00"))))
    emulator.settle()
    before = [len(changes_of(http, "customer_invoices", one["id"])) for one in (made, note)]

    linked = credit(http, made, note)
    emulator.settle()

    assert linked.status_code == 200
    assert linked.json()["id"] == made["id"]
    assert (linked.json()["status"], linked.json()["remaining_amount_with_tax"]) == (
        "partially_cancelled",
        "90.0",
    )
    assert (present(http, note)["status"], present(http, note)["remaining_amount_with_tax"]) == (
        "cancelled",
        "0.0",
    )
    after = [len(changes_of(http, "customer_invoices", one["id"])) for one in (made, note)]
    assert after == [count + 1 for count in before]


def test_a_draft_credit_note_can_be_linked_and_takes_nothing_yet(http: httpx2.Client, customer: Json) -> None:
    """Observed: its status stays `credit_note`."""
    made = created(http.post("/customer_invoices", json=invoice(customer)))
    note = created(http.post("/customer_invoices", json=invoice(customer, line("-25.00"), draft=True)))

    linked = credit(http, made, note).json()

    assert (linked["status"], linked["remaining_amount_with_tax"]) == ("upcoming", "120.0")
    assert (present(http, note)["status"], present(http, note)["draft"]) == ("credit_note", True)
    assert present(http, note)["credited_invoice"]["id"] == made["id"]


def test_a_linked_draft_credits_when_it_is_finalized(http: httpx2.Client, customer: Json) -> None:
    """Assumed: the credit takes effect with the number."""
    made = created(http.post("/customer_invoices", json=invoice(customer)))
    note = created(http.post("/customer_invoices", json=invoice(customer, line("-25.00"), draft=True)))
    credit(http, made, note)

    final = http.put(f"/customer_invoices/{note['id']}/finalize").json()

    assert (final["status"], final["remaining_amount_with_tax"]) == ("cancelled", "0.0")
    assert present(http, made)["status"] == "partially_cancelled"
    assert present(http, made)["remaining_amount_with_tax"] == "90.0"


def test_a_draft_may_be_credited_before_it_is_finalized(http: httpx2.Client, customer: Json) -> None:
    """Assumed, the other way round."""
    made = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    note = created(http.post("/customer_invoices", json=invoice(customer, line("-100.00"))))
    credit(http, made, note)

    final = http.put(f"/customer_invoices/{made['id']}/finalize").json()

    assert (final["status"], final["remaining_amount_with_tax"]) == ("cancelled", "0.0")
    assert present(http, note)["remaining_amount_with_tax"] == "0.0"


def test_what_cannot_be_credited_is_refused(http: httpx2.Client, customer: Json) -> None:
    other = created(http.post("/company_customers", json=company()))
    made, second, theirs, note, further = (
        created(http.post("/customer_invoices", json=body))
        for body in (
            invoice(customer), invoice(customer), invoice(other), invoice(customer, line("-25.00")),
            invoice(customer, line("-5.00")),
        )
    )  # fmt: skip

    assert refused(credit(http, made, second)) == "The document to link is not a credit note"
    assert refused(credit(http, note, further)) == "A credit note cannot be linked to a credit note"
    assert (
        refused(credit(http, theirs, note))
        == "Credit note and invoice must have the same customer and currency"
    )
    assert credit(http, made, {"id": 123}).status_code == 404
    assert credit(http, made, note).status_code == 200
    assert refused(credit(http, second, note)) == "Credit note is already linked to an invoice"
