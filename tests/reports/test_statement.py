"""Statements of account: they end at what is open, on every kind of paper."""

import csv
import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from pennybridge.reports import tables
from pennybridge.reports.built import Built
from pennybridge.reports.statement import documents
from pennybridge.reports.statement.account import BUCKETS, account
from tests.reports.synced import AS_OF, TWINS


def customers(built: Built) -> list[str]:
    """Everyone with an account, those who owe most first."""
    return [
        row[0]
        for row in built.rows(
            "select customer_id from receivables.statement_rows where company_id = :company_id "
            "group by customer_id order by sum(debit_eur - credit_eur) desc"
        )
    ]


def test_every_account_ends_at_what_the_customer_owes(built: Built) -> None:
    for customer in customers(built):
        whole, open_items = account(built, customer), account(built, customer, open_items=True)

        assert whole.closing == open_items.closing
        assert whole.closing == sum(whole.buckets.values()) - whole.unapplied
        assert whole.overdue == sum(whole.buckets[name] for name in BUCKETS[1:])


@pytest.mark.parametrize("days", [0, 1, 90, 10_000])
def test_an_opening_balance_takes_the_place_of_what_came_before(built: Built, days: int) -> None:
    first = AS_OF - timedelta(days=days)
    for customer in customers(built)[:6]:
        whole, part = account(built, customer), account(built, customer, first=first)

        moved = sum(row[4] - row[5] for row in part.rows)
        assert part.opening + moved == part.closing == whole.closing
        assert len(part.rows) == sum(row[0] >= first for row in whole.rows)


def test_a_statement_begins_with_what_is_dated_on_its_first_day(built: Built) -> None:
    customer = customers(built)[0]
    whole = account(built, customer)
    first = whole.rows[len(whole.rows) // 2][0]

    part = account(built, customer, first=first)

    assert part.rows[0][0] == first
    assert part.rows == tuple(row for row in whole.rows if row[0] >= first)
    assert part.opening + part.rows[0][4] - part.rows[0][5] == part.rows[0][6]


def test_open_items_leave_out_what_is_settled(built: Built) -> None:
    settled = built.rows(
        "select customer_id, invoice_number from receivables.statement_rows "
        "where company_id = :company_id and entry_kind = 'invoice' and is_settled"
    )
    assert settled

    for customer, number in settled:
        assert number not in {row[2] for row in account(built, customer, open_items=True).rows}


def test_a_customer_without_a_document_has_an_empty_account(built: Built) -> None:
    (twin, _) = built.rows("select original_id from billing.customers where name = :name", name=TWINS)

    found = account(built, twin[0])

    assert not found.rows
    assert found.closing == 0
    assert "Nothing was billed or paid in this time." in documents.to_html(found)
    assert "Nothing is open." in documents.to_html(account(built, twin[0], open_items=True))
    assert len(PdfReader(io.BytesIO(documents.to_pdf(found))).pages) == 1


def test_a_statement_as_csv_adds_up_to_its_last_balance(built: Built) -> None:
    found = account(built, customers(built)[0], first=date(2025, 1, 1))

    opening, *rows = csv.DictReader(io.StringIO(tables.to_csv(found.table())))

    assert opening["entry"] == "opening_balance"
    moved = sum(float(row["debit"]) - float(row["credit"]) for row in rows)
    assert float(opening["balance"]) + moved == pytest.approx(float(rows[-1]["balance"]))


@pytest.mark.parametrize("open_items", [False, True])
def test_every_paper_says_whose_account_it_is_its_sums_and_that_it_is_no_invoice(
    built: Built, open_items: bool
) -> None:
    found = account(built, customers(built)[0], open_items=open_items)
    pages = PdfReader(io.BytesIO(documents.to_pdf(found, "fr"))).pages
    pdf = "\n".join(page.extract_text() for page in pages).replace("\u202f", " ")
    html = documents.to_html(found, "fr").replace("\u202f", " ")
    markdown = documents.to_markdown(found, "fr").replace("\u202f", " ")

    closing = documents.as_words(found, "fr")["closing"][1].replace("\u202f", " ")
    for paper in (pdf, html, markdown):
        assert found.customer in paper
        assert closing in paper
        assert "n\N{RIGHT SINGLE QUOTATION MARK}est pas une facture" in paper
        assert ("postes ouverts" in paper) is open_items
        assert all(row[2] in paper for row in found.rows)


def test_a_long_account_repeats_its_head_on_every_page(built: Built) -> None:
    found = max((account(built, customer) for customer in customers(built)), key=lambda each: len(each.rows))

    pages = PdfReader(io.BytesIO(documents.to_pdf(found))).pages

    texts = [page.extract_text() for page in pages]
    assert len(texts) > 1
    assert all("Debit" in text for text in texts if "invoice F-" in text)
    assert f"1 / {len(texts)}" in texts[0]


def test_names_that_look_like_markup_stay_text(built: Built) -> None:
    from dataclasses import replace

    hostile = '<script>alert(1)</script> *bold* #set text(red) "quoted" $x$'
    found = replace(account(built, customers(built)[0]), customer=hostile, address=("#pagebreak()", "a_b"))

    html = documents.to_html(found)
    text = PdfReader(io.BytesIO(documents.to_pdf(found))).pages[0].extract_text()

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "#set text(red)" in text
    assert "#pagebreak()" in text
