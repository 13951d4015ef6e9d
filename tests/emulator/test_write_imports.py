"""Documents made elsewhere are imported with their file, and changed afterwards."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from tests.emulator.writing import (
    ADDRESS,
    PDF,
    changes_of,
    company,
    created,
    document,
    imported_line,
    invoice,
    line,
    refused,
    uploaded,
)

Json = dict[str, Any]
IMPORT = "/customer_invoices/import"


def imported(http: httpx2.Client, customer: Json, content: bytes = PDF, **changes: Any) -> Json:
    """A document that was taken in."""
    return created(http.post(IMPORT, json=document(customer, uploaded(http, content), **changes)))


def test_amounts_are_kept_as_given(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    """Documented: no recomputation, a cent of tolerance per line."""
    lines = [imported_line("60.01", "10.00"), imported_line("60.00", "10.00", label="Frais")]
    body = document(customer, uploaded(http), *lines, label="Octobre")

    made = created(http.post(IMPORT, json=body))

    assert (made["amount"], made["tax"], made["draft"], made["paid"]) == ("120.0", "20.0", False, False)
    assert (made["invoice_number"], made["filename"], made["label"]) == ("2026-117", "facture.pdf", "Octobre")
    assert (made["status"], made["remaining_amount_with_tax"]) == ("late", "120.0")
    listed = http.get(f"/customer_invoices/{made['id']}/invoice_lines", params={"sort": "rank"}).json()[
        "items"
    ]
    assert [(one["currency_amount"], one["currency_amount_before_tax"]) for one in listed] == [
        ("60.01", "50.01"),
        ("60.0", "50.0"),
    ]
    emulator.settle()
    assert changes_of(http, "customer_invoices", made["id"])[0] == "insert"
    assert http.get(http.get(f"/customer_invoices/{made['id']}").json()["public_file_url"]).content == PDF


def test_the_rate_follows_from_amounts_in_euros(http: httpx2.Client, customer: Json) -> None:
    made = imported(http, customer, currency="USD", amount="108.00", tax="18.00")

    assert (made["exchange_rate"], made["currency_amount"], made["amount"]) == ("0.9", "120.0", "108.0")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"invoice_lines": [imported_line("100.00", "16.67")]},
            'The sum of invoice lines "currency_amount" (100.0) does not match with the total',
        ),
        (
            {"invoice_lines": [imported_line("120.00", "19.00")]},
            'The sum of invoice lines "currency_amount_before_tax" (101.0) does not match',
        ),
        ({"currency_tax": "21.00"}, 'The sum of "currency_amount_before_tax" and "currency_tax" (121.0)'),
        ({"invoice_lines": [imported_line(quantity=0)]}, "Invoice lines quantity must be different than 0"),
        (
            {"discount": {"type": "relative", "value": "5"}},
            "discount can only be used when convert_to_e_invoice is true",
        ),
        (
            {"invoice_lines": [imported_line(discount={"type": "absolute", "value": "5"})]},
            "discount can only be used when convert_to_e_invoice is true",
        ),
    ],
)
def test_totals_that_do_not_add_up_are_refused(
    emulator: Emulator, http: httpx2.Client, customer: Json, change: Json, reason: str
) -> None:
    """Beginning of the text observed."""
    refusal = http.post(IMPORT, json=document(customer, uploaded(http)) | change)

    assert refused(refusal).startswith(reason)
    assert emulator.books.count("customer_invoices") == 0


@pytest.mark.parametrize(
    ("lines", "off", "status"), [(1, "120.01", 201), (1, "120.02", 422), (3, "120.03", 201)]
)
def test_one_cent_a_line_is_tolerated(
    http: httpx2.Client, customer: Json, lines: int, off: str, status: int
) -> None:
    """Documented."""
    each = [imported_line("40.00", "6.67") for _ in range(3)] if lines == 3 else [imported_line()]
    tax = "20.01" if lines == 3 else "20.00"
    body = document(customer, uploaded(http), *each, currency_amount=off, currency_tax=tax)

    assert http.post(IMPORT, json=body).status_code == status


def test_known_bytes_are_refused_with_the_id_of_their_document(http: httpx2.Client, customer: Json) -> None:
    """Observed, also when uploaded again; so an import is half idempotent."""
    made = imported(http, customer)

    for file in (uploaded(http), uploaded(http, name="autre.pdf")):
        refusal = http.post(IMPORT, json=document(customer, file, invoice_number="2026-118"))
        assert (
            refused(refusal, 409) == f"A document with ID {made['id']} already exists with such attachment."
        )
    imported(http, customer, PDF + b"!", invoice_number="2026-118")


def test_another_company_may_have_the_same_bytes(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    imported(http, customer)
    emulator.add_company()
    http_of_other = {"authorization": f"Bearer {emulator.token(2)}"}
    theirs = created(http.post("/company_customers", json=company(), headers=http_of_other))
    sent = http.post("/file_attachments", files={"file": ("a.pdf", PDF)}, headers=http_of_other)

    created(http.post(IMPORT, json=document(theirs, created(sent)), headers=http_of_other))


def test_numbers_and_references_are_used_once(http: httpx2.Client, customer: Json) -> None:
    """Observed; the text about numbers is assumed."""
    imported(http, customer, external_reference="ARCHIVE-1")
    file = uploaded(http, PDF + b"!")

    number = http.post(IMPORT, json=document(customer, file))
    reference = http.post(
        IMPORT, json=document(customer, file, invoice_number="2026-118", external_reference="ARCHIVE-1")
    )

    assert refused(number) == "Invoice number has already been taken"
    assert refused(reference) == "External reference has already been taken"


def test_what_an_import_names_must_be_there(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    file = uploaded(http)
    theirs = emulator.add_customer(company=2)

    refusals = [
        http.post(IMPORT, json=document(customer, {"id": 123})),
        http.post(IMPORT, json=document(theirs, file)),
        http.post(IMPORT, json=document(customer, file, imported_line(product_id=123))),
        http.post(IMPORT, json=document(customer, file, credited_invoice_id=123)),
    ]

    assert [refusal.status_code for refusal in refusals] == [404, 404, 404, 404]


def test_an_incomplete_document_shows_as_paid(http: httpx2.Client, customer: Json) -> None:
    """Observed: `paid`, with all of it remaining."""
    made = imported(http, customer, import_as_incomplete=True)

    assert (made["status"], made["paid"], made["remaining_amount_with_tax"]) == ("incomplete", True, "120.0")


def test_closed_accounts_take_no_import(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    our_company = emulator.books.company(1)
    assert our_company is not None
    our_company.closed_until = emulator.now.date()

    refusal = http.post(IMPORT, json=document(customer, uploaded(http)))

    assert refused(refusal) == "La comptabilité est figée jusqu'au 02/11/2026"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"invoice_lines": [imported_line(label="")]},
            "All invoice lines must have a label to convert to e-invoice",
        ),
        ({"invoice_number": "2026 117"}, "invoice_number must only contain alphanumeric characters and -+_/"),
        ({"invoice_number": "x" * 36}, "invoice_number must be a maximum of 35 characters"),
    ],
)
def test_an_e_invoice_has_its_rules(http: httpx2.Client, customer: Json, change: Json, reason: str) -> None:
    """Documented, the texts too."""
    body = document(customer, uploaded(http), convert_to_e_invoice=True) | change

    assert refused(http.post(IMPORT, json=body)).startswith(reason)


def test_only_a_pdf_and_an_eligible_customer_make_an_e_invoice(http: httpx2.Client, customer: Json) -> None:
    image = uploaded(http, b"\x89PNG", "scan.png")
    abroad = created(
        http.post("/company_customers", json=company(billing_address=ADDRESS | {"country_alpha2": "BE"}))
    )

    not_pdf = http.post(IMPORT, json=document(customer, image, convert_to_e_invoice=True))
    not_french = http.post(IMPORT, json=document(abroad, uploaded(http), convert_to_e_invoice=True))

    assert refused(not_pdf) == "The file must be a PDF to convert to e-invoice"
    assert refused(not_french) == "The customer is not eligible for e-invoicing"


def test_an_import_is_converted_a_little_later(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    """Documented: the answer comes at once, the conversion after it."""
    made = imported(http, customer, convert_to_e_invoice=True, discount={"type": "relative", "value": "5"})
    path = f"/customer_invoices/{made['id']}"

    early = http.post(f"{path}/send_to_pa")
    emulator.settle()

    assert (made["factur_x"], made["discount"]["value"]) == (False, "5.0")
    assert refused(early, 409).startswith("The e-invoice is still being processed")
    assert http.get(path).json()["factur_x"] is True
    assert http.post(f"{path}/send_to_pa").status_code == 204


def credit(**changes: Any) -> Json:
    """What makes a document a credit note."""
    return {
        "currency_amount": "-120.00", "currency_amount_before_tax": "-100.00", "currency_tax": "-20.00",
        "invoice_lines": [imported_line("-120.00", "-20.00", quantity=-1)], "invoice_number": "AV-1",
        **changes,
    }  # fmt: skip


def test_an_imported_credit_note_credits_its_invoice(http: httpx2.Client, customer: Json) -> None:
    final = created(http.post("/customer_invoices", json=invoice(customer, line("150.00"))))

    note = imported(http, customer, credited_invoice_id=final["id"], **credit())

    assert (note["status"], note["credited_invoice"]["id"]) == ("cancelled", final["id"])
    after = http.get(f"/customer_invoices/{final['id']}").json()
    assert (after["status"], after["remaining_amount_with_tax"]) == ("partially_cancelled", "60.0")


def test_a_credit_note_needs_an_invoice_it_can_credit(http: httpx2.Client, customer: Json) -> None:
    """Documented rules: same customer, finalized, no credit note, enough left."""
    other = created(http.post("/company_customers", json=company()))
    small, theirs, draft, note = (
        created(http.post("/customer_invoices", json=body))["id"]
        for body in (
            invoice(customer, line("10.00")), invoice(other), invoice(customer, draft=True),
            invoice(customer, line("-500.00")),
        )
    )  # fmt: skip
    file = uploaded(http)

    def reason(credited: int, **changes: Any) -> str:
        body = document(customer, file, credited_invoice_id=credited) | credit() | changes
        return refused(http.post(IMPORT, json=body))

    assert reason(small) == "The credited invoice has not enough remaining amount"
    assert reason(theirs) == "Credit note and invoice must have the same customer and currency"
    assert reason(draft) == "The credited invoice must be finalized"
    assert reason(note) == "A credit note cannot be linked to a credit note"
    positive = document(customer, file, credited_invoice_id=small)
    assert refused(http.post(IMPORT, json=positive)) == "The document to link is not a credit note"


def test_an_imported_document_is_corrected(emulator: Emulator, http: httpx2.Client, customer: Json) -> None:
    made = imported(http, customer)
    path = f"/customer_invoices/{made['id']}"
    (first,) = http.get(f"{path}/invoice_lines").json()["items"]
    edits = {
        "update": [{"id": first["id"], "currency_amount": "60.00", "currency_tax": "10.00"}],
        "create": [imported_line("120.00", "20.00", label="Oubli")],
    }  # fmt: skip

    changed = http.put(
        f"{path}/update_imported",
        json={
            "invoice_lines": edits, "currency_amount": "180.00", "currency_amount_before_tax": "150.00",
            "currency_tax": "30.00", "invoice_number": "2026-117-bis", "deadline": "2026-12-31",
        },
    )  # fmt: skip

    assert changed.status_code == 200, changed.text
    after = changed.json()
    assert (after["invoice_number"], after["amount"], after["tax"]) == ("2026-117-bis", "180.0", "30.0")
    assert (after["remaining_amount_with_tax"], after["status"]) == ("180.0", "upcoming")
    lines = http.get(f"{path}/invoice_lines", params={"sort": "rank"}).json()["items"]
    assert [one["amount"] for one in lines] == ["60.0", "120.0"]
    emulator.settle()
    assert changes_of(http, "customer_invoices", made["id"])[-1] == "update"


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"currency_amount": "180.00"}, 422, 'The sum of "currency_amount_before_tax" and "currency_tax"'),
        ({"invoice_lines": {"delete": [{"id": 123}]}}, 404, "Not Found"),
        ({"invoice_lines": {"update": [{"id": 123}]}}, 404, "Not Found"),
        ({"external_reference": "TAKEN"}, 422, "External reference has already been taken"),
        ({"invoice_number": "TAKEN"}, 422, "Invoice number has already been taken"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    http: httpx2.Client, customer: Json, change: Json, status: int, reason: str
) -> None:
    imported(http, customer, PDF + b"?", external_reference="TAKEN", invoice_number="TAKEN")
    made = imported(http, customer)

    refusal = http.put(f"/customer_invoices/{made['id']}/update_imported", json=change)

    assert refused(refusal, status).startswith(reason)
    assert http.get(f"/customer_invoices/{made['id']}").json()["amount"] == "120.0"


def test_only_imported_documents_are_corrected_so(http: httpx2.Client, customer: Json) -> None:
    """Documented for drafts."""
    draft = created(http.post("/customer_invoices", json=invoice(customer, draft=True)))
    own = created(http.post("/customer_invoices", json=invoice(customer)))

    on_draft = http.put(f"/customer_invoices/{draft['id']}/update_imported", json={})
    on_own = http.put(f"/customer_invoices/{own['id']}/update_imported", json={})

    assert refused(on_draft) == "This endpoint is not applicable for draft invoices"
    assert refused(on_own) == "Only imported invoices can be updated"


def test_a_line_of_an_import_may_name_product_account_and_period(http: httpx2.Client, customer: Json) -> None:
    """Documented: nothing is filled in from the product."""
    product = created(
        http.post("/products", json={"label": "Pro", "price_before_tax": "9", "vat_rate": "FR_200"})
    )
    account = created(http.post("/ledger_accounts", json={"number": "706200", "label": "Services"}))
    dates = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
    sent = imported_line(
        product_id=product["id"], ledger_account_id=account["id"], imputation_dates=dates, description=None,
        substance="services", amount="",
    )  # fmt: skip

    made = created(http.post(IMPORT, json=document(customer, uploaded(http), sent)))
    (kept,) = http.get(f"/customer_invoices/{made['id']}/invoice_lines").json()["items"]

    assert (kept["label"], kept["product"]["id"]) == ("Conseil", product["id"])
    assert (kept["imputation_dates"], kept["substance"], kept["description"]) == (dates, "services", "")
    assert kept["amount"] == "120.0"


def test_lines_of_an_import_are_replaced_but_never_all_gone(http: httpx2.Client, customer: Json) -> None:
    made = imported(http, customer)
    path = f"/customer_invoices/{made['id']}"
    (first,) = http.get(f"{path}/invoice_lines").json()["items"]
    gone = {"delete": [{"id": first["id"]}]}

    none_left = http.put(f"{path}/update_imported", json={"invoice_lines": gone})
    replaced = http.put(
        f"{path}/update_imported", json={"invoice_lines": gone | {"create": [imported_line()]}}
    )

    assert refused(none_left) == "Invoice lines can't be blank"
    assert (replaced.status_code, replaced.json()["amount"]) == (200, "120.0")
    (kept,) = http.get(f"{path}/invoice_lines").json()["items"]
    assert kept["id"] != first["id"]


def test_what_was_paid_of_an_import_stays_paid_when_it_is_corrected(
    emulator: Emulator, http: httpx2.Client, customer: Json
) -> None:
    made = imported(http, customer)
    emulator.pay(Kept("customer_invoices", made, 1), "20.00")
    path = f"/customer_invoices/{made['id']}"
    (first,) = http.get(f"{path}/invoice_lines").json()["items"]
    more = {"id": first["id"], "currency_amount": "180.00", "currency_tax": "30.00"}

    changed = http.put(
        f"{path}/update_imported",
        json={
            "currency_amount": "180.00", "currency_amount_before_tax": "150.00", "currency_tax": "30.00",
            "invoice_lines": {"update": [more]},
        },
    ).json()  # fmt: skip

    assert (changed["amount"], changed["remaining_amount_with_tax"]) == ("180.0", "160.0")
    assert changed["status"] == "partially_paid"
