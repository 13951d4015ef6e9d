import json
from decimal import Decimal
from typing import Any

from pennybridge.invoicing.check import check_draft
from pennybridge.invoicing.drafts import CategoryWeight, Discount
from pennybridge.invoicing.read_json import parse_json
from pennybridge.invoicing.rows import Reading
from pennybridge.invoicing.write_rows import template_json

INVOICE: dict[str, Any] = {
    "reference": "CRM-7",
    "status": "final",
    "date": "2026-03-01",
    "deadline": "2026-03-31",
    "customer": {
        "name": "Atelier Martin",
        "emails": ["compta@example.com", "achats@example.com"],
        "billing_address": {
            "address": "12 rue des Lilas",
            "postal_code": "69003",
            "city": "Lyon",
            "country": "FR",
        },
        "delivery_address": {"city": "Villeurbanne"},
    },
    "discount": {"type": "relative", "value": "5"},
    "description": "Mars",
    "transaction": {"provider": "stripe", "field": "payment_id", "value": "pi_1"},
    "categories": [
        {"group": "Zone", "label": "France", "weight": 0.25},
        {"group": "Zone", "id": 9, "weight": 0.75},
    ],
    "lines": [
        {
            "label": "Licence",
            "unit_price": 0.1,
            "quantity": 3,
            "vat": 20,
            "discount": "1.50",
            "description": "x",
        },
        {
            "product": {"id": 4096},
            "quantity": 2.5,
            "imputation": {"start": "2026-03-01", "end": "2026-03-31"},
        },
    ],
}


def read(value: Any) -> Reading:
    return parse_json(json.dumps(value).encode(), "f.json")


def test_an_object_gives_one_invoice_with_its_nested_parts() -> None:
    reading = read(INVOICE)

    (draft,) = reading.drafts
    assert reading.problems == ()
    assert draft.customer.emails == ("compta@example.com", "achats@example.com")
    assert draft.customer.billing_address.city == "Lyon"
    assert draft.customer.delivery_address.city == "Villeurbanne"
    assert draft.discount == Discount("relative", Decimal(5))
    assert draft.description == "Mars"
    assert draft.transaction is not None
    assert draft.transaction.provider == "stripe"
    first, second = draft.lines
    assert (first.unit_price, first.quantity, first.vat_code) == (Decimal("0.1"), Decimal(3), "FR_200")
    assert (first.discount, first.description) == (Discount("absolute", Decimal("1.50")), "x")
    assert (second.product.id, second.quantity) == (4096, Decimal("2.5"))
    assert second.imputation is not None
    assert draft.categories[0] == CategoryWeight(label="France", group="Zone", weight=Decimal("0.25"))


def test_lists_wrapped_lists_and_lines_of_json_are_read_alike() -> None:
    other = {**INVOICE, "reference": "CRM-8"}
    jsonl = "\n".join(json.dumps(invoice) for invoice in (INVOICE, other)).encode()

    for reading in (
        read([INVOICE, other]),
        read({"invoices": [INVOICE, other]}),
        parse_json(jsonl, "f.jsonl", lines=True),
    ):
        assert [draft.reference for draft in reading.drafts] == ["CRM-7", "CRM-8"]
        assert [draft.source.row for draft in reading.drafts] == [1, 2]


def test_two_invoices_with_one_reference_stay_two() -> None:
    assert len(read([INVOICE, INVOICE]).drafts) == 2


def test_a_problem_in_a_line_names_the_line() -> None:
    (problem,) = read([{**INVOICE, "lines": [INVOICE["lines"][0], {"label": "x", "vat": "FR_055"}]}]).problems

    assert (problem.row, problem.field) == (1, "lines[2].vat")


def test_what_is_not_the_shape_is_said_not_raised() -> None:
    assert "is not JSON" in parse_json(b"{", "f.json").problems[0].message
    assert "is not a JSON object" in read([1]).problems[0].message
    assert "is not a list" in read({"reference": "A", "lines": 3}).problems[0].message
    assert "is not a JSON object" in read({"reference": "A", "lines": [3]}).problems[0].message
    assert "holds no invoice" in read([]).problems[0].message
    assert "is not a date" in read({"date": 3, "lines": []}).problems[0].message
    broken = parse_json(b'{"reference": "A"}\n{oops}\n', "f.jsonl", lines=True)
    assert [(problem.row, len(broken.drafts)) for problem in broken.problems] == [(2, 1)]


def test_the_template_can_be_read_and_has_nothing_wrong() -> None:
    reading = parse_json(template_json().encode(), "template.json")

    assert reading.problems == ()
    assert [check_draft(draft) for draft in reading.drafts] == [[]]


def test_lists_and_yes_or_no_are_read_as_their_text() -> None:
    (draft,) = read(
        {
            "file": "a.pdf",
            "convert_to_e_invoice": True,
            "categories": [{"id": 7}],
            "lines": [{"label": "x"}, {}],
        }
    ).drafts

    assert draft.convert_to_e_invoice
    assert draft.categories == (CategoryWeight(id=7),)
    assert len(draft.lines) == 1


def test_an_unknown_name_is_said_once_for_all_invoices() -> None:
    problems = read([{"referense": "A", "lines": []}, {"referense": "B", "lines": []}]).problems

    assert [(problem.row, problem.mend) for problem in problems] == [(1, "did you mean reference?")]
