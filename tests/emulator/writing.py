"""Requests that tests of writes send: complete, to be changed in one place by each test."""

from typing import Any

import httpx2

ADDRESS = {"address": "4 quai du Port", "postal_code": "44000", "city": "Nantes", "country_alpha2": "FR"}
PDF = b"%PDF-1.4 a document made elsewhere"


def created(answer: httpx2.Response) -> dict[str, Any]:
    """The record that a POST answered."""
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def refused(answer: httpx2.Response, status: int = 422) -> str:
    """The reason of a refusal."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told.get("status", status) == status
    return str(told.get("error") or told["message"])


def company(**changes: Any) -> dict[str, Any]:
    """A company customer that a French e-invoice could be sent to."""
    return {
        "name": "Cap Horizon", "billing_address": ADDRESS, "reg_no": "732829320",
        "emails": ["compta@cap-horizon.example"], **changes,
    }  # fmt: skip


def line(price: str = "100.00", **changes: Any) -> dict[str, Any]:
    """A free line."""
    return {
        "label": "Conseil", "raw_currency_unit_price": price, "unit": "day", "vat_rate": "FR_200",
        "quantity": 1, **changes,
    }  # fmt: skip


def invoice(
    customer: dict[str, Any], *lines: dict[str, Any], draft: bool = False, **changes: Any
) -> dict[str, Any]:
    """An invoice of today (`START` in every test), finalized unless it is to be a draft."""
    return {
        "customer_id": customer["id"], "date": "2026-11-02", "deadline": "2026-12-02", "draft": draft,
        "invoice_lines": list(lines) or [line()], **changes,
    }  # fmt: skip


def imported_line(total: str = "120.00", tax: str = "20.00", **changes: Any) -> dict[str, Any]:
    """A line of a document made elsewhere."""
    return {
        "label": "Conseil", "currency_amount": total, "currency_tax": tax, "quantity": 1, "unit": "day",
        "raw_currency_unit_price": "100", "vat_rate": "FR_200", **changes,
    }  # fmt: skip


def document(
    customer: dict[str, Any], file: dict[str, Any], *lines: dict[str, Any], **changes: Any
) -> dict[str, Any]:
    """A document to import."""
    return {
        "file_attachment_id": file["id"], "customer_id": customer["id"], "date": "2026-10-01",
        "deadline": "2026-10-31", "invoice_number": "2026-117", "currency_amount": "120.00",
        "currency_amount_before_tax": "100.00", "currency_tax": "20.00",
        "invoice_lines": list(lines) or [imported_line()], **changes,
    }  # fmt: skip


def uploaded(http: httpx2.Client, content: bytes = PDF, name: str = "facture.pdf") -> dict[str, Any]:
    """A file attachment."""
    return created(http.post("/file_attachments", files={"file": (name, content, "application/pdf")}))


def changes_of(http: httpx2.Client, feed: str, record_id: int) -> list[str]:
    """The operations that a feed tells of a record, oldest first."""
    items = http.get(f"/changelogs/{feed}", params={"limit": 1000}).json()["items"]
    return [item["operation"] for item in items if item["id"] == record_id]


def lines_of(http: httpx2.Client, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an invoice in their order."""
    page = http.get(f"/customer_invoices/{document['id']}/invoice_lines", params={"sort": "rank"})
    items: list[dict[str, Any]] = page.json()["items"]
    return items
