"""What people see of customers and invoices, over HTTP."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from pennybridge.models.build import build
from pennybridge.store import open_database
from tests.hub.accounts.story import AS_OF, CROWD, HOSTILE, Story
from tests.hub.conftest import Browser

HERE = "/connections/1"


@pytest.fixture
def before_a_build(copied: Path) -> None:
    """The books as a sync leaves them that no build has followed yet."""
    with open_database(f"duckdb:///{copied}") as database, database.transaction() as transaction:
        transaction.execute("delete from build.state")


def texts(page: str) -> str:
    """What a page says, without its markup, on one line."""
    body = page.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_list_says_who_owes_what_with_sums_below(admin: Browser, story: Story) -> None:
    page = admin.get(f"{HERE}/customers").text

    assert f'<a href="{HERE}/customers/{story.horizon}">Café Horizon</a>' in page
    said = texts(page)
    assert "Liberty Ltd 1,080.00 1,080.00" in said
    assert "Café Horizon 300.00 180.00 124" in said
    assert "59 customers 1,416.00 1,296.00 100.00" in said
    assert f"1 to 50 of {CROWD + 4}" in said
    assert "As of 2026-11-02." in said


def test_filters_and_order_stay_while_turning_pages(admin: Browser) -> None:
    page = admin.get(f"{HERE}/customers?q=client&only=zzz&country=&sort=name").text
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following

    second = admin.get(f"{HERE}/customers{following[1].replace('&amp;', '&')}").text

    assert "51 to 55 of 55" in texts(second)
    assert "Client 54" in second
    assert 'aria-sort="ascending"' in second
    assert 'value="client"' in second


def test_the_list_is_downloaded_as_filtered_and_runs_nothing_in_a_spreadsheet(admin: Browser) -> None:
    answer = admin.get(f"{HERE}/customers.csv?q=hyper")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "customers.csv" in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["name"] == "'=HYPERLINK(0)"
    assert row["open_amount_eur"] == "0"
    overdue = admin.get(f"{HERE}/invoices.csv?state=overdue").text
    assert [row["open_amount_eur"] for row in csv.DictReader(io.StringIO(overdue))] == [
        "60",
        "1080",
        "36",
        "120",
    ]


def test_a_customer_s_page_holds_the_whole_account(admin: Browser, story: Story) -> None:
    page = admin.get(f"{HERE}/customers/{story.horizon}").text

    said = texts(page)
    assert "Open (EUR) 300.00 Overdue (EUR) 180.00 MRR (EUR) 100.00" in said
    assert "To do: propose as doubtful (416) oldest overdue invoice is 124 days late" in said
    assert "732829320" in said
    assert "camille@horizon.example" in said
    assert "not due 120.00" in said
    assert "over 90 days 120.00" in said
    assert "credit note" in said
    assert "Latest matched bank transactions" in said
    assert "Nov 2026 100.00 Oct 2026 100.00" in said
    assert f'href="{HERE}/customers/{story.horizon}/statement"' in page
    assert f'href="{HERE}/invoices/{story.late_invoice}"' in page


def test_a_deleted_customer_is_shown_as_last_read(admin: Browser, story: Story) -> None:
    assert "Deleted at Pennylane" in admin.get(f"{HERE}/customers/{story.gone.id}").text
    assert "Partie" not in admin.get(f"{HERE}/customers?q=partie").text.partition("<table")[2]
    assert "Partie" in admin.get(f"{HERE}/customers?q=partie&only=deleted").text.partition("<table")[2]


def test_a_statement_is_read_on_the_page_and_taken_away(admin: Browser, story: Story) -> None:
    address = f"{HERE}/customers/{story.horizon}/statement"

    open_items, everything = admin.get(address).text, admin.get(f"{address}?items=all").text
    later = texts(admin.get(f"{address}?items=all&from=2026-10-01").text)
    table = admin.get(f"{address}.csv?items=all")
    paper = admin.get(f"{address}.pdf?items=all")

    assert "Balance due 300.00" in texts(open_items)
    assert "payment" not in open_items.partition("<article")[2]
    assert "payment" in everything.partition("<article")[2]
    assert "style=" not in everything
    assert "Opening balance 120.00" in later
    assert next(csv.DictReader(io.StringIO(table.text)))["debit"] == "120"
    assert paper.content.startswith(b"%PDF")
    assert paper.headers["content-type"] == "application/pdf"


@pytest.mark.usefixtures("before_a_build")
def test_before_a_build_pages_say_what_pennylane_says_and_what_is_to_come(
    admin: Browser, story: Story
) -> None:
    listed = texts(admin.get(f"{HERE}/customers").text)
    one = texts(admin.get(f"{HERE}/customers/{story.horizon}").text)
    invoice = texts(admin.get(f"{HERE}/invoices/{story.late_invoice}").text)
    statement = admin.get(f"{HERE}/customers/{story.horizon}/statement")

    assert "are made after the next sync" in listed
    assert "59 customers 1,416.00 1,296.00" in listed
    assert "Open (EUR) 300.00 Overdue (EUR) 180.00" in one
    assert "over 90 days 120.00" in one
    assert "classes are made after the next sync" in invoice
    assert statement.status_code == 409
    assert "There is no statement yet" in statement.text
    assert admin.get(f"{HERE}/customers/{story.horizon}/statement.pdf").status_code == 409


def test_invoices_show_their_state_and_sums(admin: Browser) -> None:
    said = texts(admin.get(f"{HERE}/invoices").text)

    assert "9 invoices 1 of them a draft of 60.00, not in the total 1,776.00 1,416.00" in said
    assert "overdue 1,296.00" in said
    assert "1,080.00 1,200.00 USD" in said
    assert "124 days late" in said


def test_an_invoice_opens_down_to_its_lines_and_rules(admin: Browser, story: Story) -> None:
    late = texts(admin.get(f"{HERE}/invoices/{story.late_invoice}").text)
    credited = admin.get(f"{HERE}/invoices/{story.credited_invoice}").text
    foreign = texts(admin.get(f"{HERE}/invoices/{story.dollar_invoice}").text)
    paid = texts(admin.get(f"{HERE}/invoices/{story.paid_invoice}").text)

    assert "Total incl. tax (EUR) 120.00 Excl. tax (EUR) 100.00 VAT (EUR) 20.00" in late
    assert "20% 20.00 100.00" in late
    assert "one-off one-off word in the label: prestation" in late
    assert f'href="{HERE}/invoices/{story.credit_note}"' in credited
    assert "linked by Pennylane" in credited
    assert "Total incl. tax (USD) 1,200.00" in foreign
    assert "Total incl. tax (EUR) 1,080.00" in foreign
    assert "Matched bank transactions" in paid
    assert "Invoice without a number draft" in texts(admin.get(f"{HERE}/invoices/{story.draft}").text)


def test_the_invoices_of_a_customer_are_listed_under_its_name(admin: Browser, story: Story) -> None:
    said = texts(admin.get(f"{HERE}/invoices?customer={story.liberty}").text)

    assert "Only those of Liberty Ltd" in said
    assert "1 invoice 1,080.00" in said


def test_names_are_text_wherever_they_stand(admin: Browser, story: Story) -> None:
    page, shown = (
        admin.get(f"{HERE}/invoices").text,
        "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; Fils",
    )
    invoice = re.search(rf'/invoices/(\d+)">[^<]+</a></th>\s*<td><a [^>]+>{re.escape(shown)}', page)
    assert invoice

    for address in (
        "customers", f"customers/{story.hostile}", f"customers/{story.hostile}/statement",
        f"customers/{story.hostile}/exclusion", "invoices", f"invoices/{invoice[1]}",
        "customers?q=<script>", 'invoices?q="><script>',
    ):  # fmt: skip
        text = admin.get(f"{HERE}/{address}").text
        assert HOSTILE not in text
        assert "<script>" not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "address",
    [
        "customers/abc",
        "customers/1",
        "invoices/1/pdf",
        "invoices/99999999999999999999",
        "customers/1/statement",
    ],
)
def test_what_does_not_exist_is_not_found(admin: Browser, address: str) -> None:
    answer = admin.get(f"{HERE}/{address}")

    assert answer.status_code == 404
    assert "There is no such" in answer.text


def test_nonsense_in_an_address_is_passed_over(admin: Browser) -> None:
    for page in ("customers", "invoices"):
        answer = admin.get(f"{HERE}/{page}?page=x&sort=;drop&from=soon&state=zzz&only=zzz&type=")
        assert answer.status_code == 200
        assert "1 to 50" in answer.text or "9 invoices" in texts(answer.text)


def test_the_pages_speak_french(admin: Browser, story: Story) -> None:
    admin.headers["accept-language"] = "fr"

    listed = texts(admin.get(f"{HERE}/customers").text)
    late = texts(admin.get(f"{HERE}/invoices/{story.late_invoice}").text)

    assert "59 clients 1 416,00" in listed
    assert "Facture F-2026-000001 en retard" in late
    assert "01/07/2026 124 jours de retard" in late


def test_excluding_shows_what_leaves_the_figures_then_takes_it_out(
    admin: Browser, app: FastAPI, story: Story
) -> None:
    address = f"{HERE}/customers/{story.horizon}/exclusion"
    app.state.connections.pause(app.state.connections.find("1"))

    asked = texts(admin.get(address).text)
    assert "Exclude Café Horizon?" in asked
    assert "Invoices and credit notes 6" in asked
    assert "Open (EUR) 300.00 Overdue (EUR) 180.00 MRR (EUR) 100.00" in asked
    assert "excluded" not in admin.get(f"{HERE}/customers?q=horizon").text.partition("<table")[2]

    page = texts(admin.submit(address, address, wanted="exclude", reason="<b>in court</b>"))
    assert "Left out since 2026-11-02 09:00" in page
    assert "Reason: &lt;b&gt;in court&lt;/b&gt;" in page
    assert app.state.engine.chores.known()["build"].wanted_at is not None
    build(app.state.database, as_of=AS_OF)
    assert "Café Horizon excluded 0.00" in texts(admin.get(f"{HERE}/customers?only=excluded").text)
    assert "1,116.00 1,116.00" in texts(admin.get(f"{HERE}/customers").text)

    assert "Include Café Horizon again?" in texts(admin.get(address).text)
    assert "Exclude" in admin.submit(address, address, wanted="include")
    work = app.state.database.rows(
        "select parent_id from pennylane.details where resource = 'customer_documents'"
    )
    assert work == [(story.horizon,)]
    trail = {(row["action"], row["subject"]) for row in app.state.people.trail()}
    subject = f"Atelier Numérique: Café Horizon ({story.horizon})"
    assert {("exclude customer", subject), ("include customer", subject)} <= trail


def test_a_viewer_sees_what_exclusion_would_change_and_cannot_do_it(
    viewer: Browser, app: FastAPI, story: Story
) -> None:
    address = f"{HERE}/customers/{story.horizon}/exclusion"

    assert "<button" not in viewer.get(address).text.partition("<main")[2]
    viewer.submit(address, address, wanted="exclude")
    assert viewer.answer.status_code == 403
    assert app.state.database.rows("select * from pennylane.exclusions") == []


def test_an_unclear_wish_changes_nothing(admin: Browser, app: FastAPI, story: Story) -> None:
    address = f"{HERE}/customers/{story.horizon}/exclusion"

    admin.submit(address, address, wanted="perhaps")

    assert admin.answer.status_code == 422
    assert app.state.database.rows("select * from pennylane.exclusions") == []


def test_nobody_reads_without_signing_in(browser: Callable[[], Browser], story: Story) -> None:
    answer = browser().get(f"{HERE}/customers/{story.horizon}/statement.pdf")

    assert "Sign in" in answer.text
