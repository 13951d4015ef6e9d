"""The whole way of an invoicing integration, over HTTP, requests and answers held against the contract."""

import httpx2

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import PDF, company, created, document, invoice, line, uploaded


def test_an_integration_can_bill_credit_file_and_import(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company("Atelier Numérique")

    # Whom and what
    customer = created(http.post("/company_customers", json=company()))
    product = created(
        http.post(
            "/products", json={"label": "Abonnement Pro", "price_before_tax": "129.00", "vat_rate": "FR_200"}
        )
    )
    assert (product["price_before_tax"], product["price"]) == ("129.0", "154.8")

    # A draft, changed and finalized
    draft = created(
        http.post(
            "/customer_invoices",
            json=invoice(customer, {"product_id": product["id"], "quantity": 3}, draft=True),
        )
    )
    assert (draft["draft"], draft["invoice_number"], draft["status"], draft["amount"]) == (
        True,
        "",
        "draft",
        "464.4",
    )
    edited = http.put(
        f"/customer_invoices/{draft['id']}",
        json={"invoice_lines": {"create": [line("50")]}, "label": "Novembre"},
    ).json()
    assert (edited["amount"], edited["label"]) == ("524.4", "Novembre")
    final = http.put(f"/customer_invoices/{draft['id']}/finalize").json()
    assert (final["invoice_number"], final["status"]) == ("F-2026-000001", "upcoming")
    lines = http.get(f"/customer_invoices/{draft['id']}/invoice_lines", params={"sort": "rank"}).json()[
        "items"
    ]
    assert [(one["label"], one["product"] and one["product"]["id"]) for one in lines] == [
        ("Abonnement Pro", product["id"]),
        ("Conseil", None),
    ]

    # Mailed once its PDF is there, then paid
    assert http.post(f"/customer_invoices/{draft['id']}/send_by_email", json={}).status_code == 409
    emulator.settle()
    assert http.post(f"/customer_invoices/{draft['id']}/send_by_email", json={}).status_code == 204
    assert [mail.recipients for mail in emulator.books.outbox] == [["compta@cap-horizon.example"]]
    assert http.put(f"/customer_invoices/{draft['id']}/mark_as_paid").status_code == 204
    paid = http.get(f"/customer_invoices/{draft['id']}").json()
    assert (paid["status"], paid["paid"], paid["remaining_amount_with_tax"]) == ("paid", True, "0.0")

    # A second one, credited
    second = created(http.post("/customer_invoices", json=invoice(customer)))
    note = created(http.post("/customer_invoices", json=invoice(customer, line("-100.00"))))
    assert (note["amount"], note["status"], note["invoice_number"]) == (
        "-120.0",
        "credit_note",
        "F-2026-000003",
    )
    linked = http.post(
        f"/customer_invoices/{second['id']}/link_credit_note", json={"credit_note_id": note["id"]}
    )
    assert (linked.status_code, linked.json()["status"]) == (200, "cancelled")
    credited = http.get(f"/customer_invoices/{note['id']}").json()
    assert (credited["status"], credited["credited_invoice"]["id"]) == ("cancelled", second["id"])

    # Filed under categories
    group = created(http.post("/category_groups", json={"label": "Agences"}))
    nantes, lyon = (
        created(http.post("/categories", json={"label": name, "category_group_id": group["id"]}))
        for name in ("Nantes", "Lyon")
    )
    shares = [{"id": nantes["id"], "weight": "0.25"}, {"id": lyon["id"], "weight": "0.75"}]
    filed = http.put(f"/customer_invoices/{draft['id']}/categories", json=shares)
    assert [(one["label"], one["weight"]) for one in filed.json()] == [("Nantes", "0.25"), ("Lyon", "0.75")]

    # A document made elsewhere
    file = uploaded(http)
    assert http.get(file["url"]).content == PDF
    imported = created(http.post("/customer_invoices/import", json=document(customer, file)))
    assert (imported["invoice_number"], imported["amount"], imported["status"]) == (
        "2026-117",
        "120.0",
        "late",
    )
    again = http.post(
        "/customer_invoices/import", json=document(customer, uploaded(http), invoice_number="2026-118")
    )
    assert again.status_code == 409
    assert (
        again.json()["error"] == f"A document with ID {imported['id']} already exists with such attachment."
    )
    assert http.get(imported["public_file_url"]).content == PDF
