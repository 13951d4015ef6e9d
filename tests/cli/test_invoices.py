"""`pennybridge invoices`, as a person runs it."""

import json
from pathlib import Path

import pytest

from pennybridge.emulator.books import Company
from pennybridge.emulator.files import one_page_pdf
from pennybridge.emulator.server import Emulator
from tests.cli.conftest import TOKEN, Shell

HEADER = "reference,date,due_date,customer,label,unit_price,quantity,vat,categories\n"
GOOD = "S-1,2026-11-02,2026-12-02,Café de la Gare,Conseil,100.00,2,20,Activité/Conseil=1\n"
BAD = "S-2,2026-11-02,2026-12-02,Café de la Gare,Conseil,100.00,0,20,\n"


@pytest.fixture
def connected(shell: Shell, company: Company) -> Shell:  # noqa: ARG001 - its environment comes first
    assert shell("connect", stdin=TOKEN).code == 0
    return shell


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    path = tmp_path / "march.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    return path


def invoices(emulator: Emulator, company: Company) -> list[str]:
    found = emulator.books.select("customer_invoices", company.id, parent_id=None)
    return [one["external_reference"] for one in found]


def test_validate_needs_no_connection_and_names_file_row_and_field(shell: Shell, batch: Path) -> None:
    batch.write_text(HEADER + GOOD + BAD, encoding="utf-8")

    outcome = shell("invoices", "validate", str(batch), "--set", "status=draft")

    assert outcome.code == 1
    assert f"{batch}:3: error: quantity: is 0" in outcome.out


def test_the_template_can_be_filled_in_and_validated(shell: Shell, tmp_path: Path) -> None:
    for name, option in (("a.csv", ()), ("a.json", ("--json",))):
        (tmp_path / name).write_text(shell("invoices", "template", *option).out, encoding="utf-8")

        assert "1 invoice" in shell("invoices", "validate", str(tmp_path / name)).out


def test_a_batch_is_created_and_a_second_run_sends_nothing(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    first = connected("invoices", "create", str(batch), "--draft", "--create-categories")
    before = len(emulator.requests)
    second = connected("invoices", "create", str(batch), "--draft")

    assert (first.code, second.code) == (3, 3), first.err  # its categories wait until it is final
    assert "1 invoice: 1 created." in first.out
    assert "1 already sent; nothing was sent" in second.out
    assert not [one for one in emulator.requests[before:] if one.method != "GET"]
    assert "S-1" in invoices(emulator, company)


def test_the_good_rows_of_a_batch_are_sent_and_the_bad_ones_said(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    batch.write_text(HEADER + GOOD + BAD, encoding="utf-8")

    outcome = connected("invoices", "create", str(batch), "--draft", "--create-categories", "--json")

    report = json.loads(outcome.out)
    assert outcome.code == 1
    assert [one["outcome"] for one in report["invoices"]] == ["created", "refused"]
    assert report["problems"][0]["row"] == 3
    assert "S-2" not in invoices(emulator, company)


def test_final_invoices_are_asked_about_unless_yes(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    refused = connected("invoices", "create", str(batch), "--final", "--create-categories")
    assert (refused.code, "S-1" in invoices(emulator, company)) == (2, False)
    assert "cannot be undone" in refused.err

    sent = connected("invoices", "create", str(batch), "--final", "--yes", "--create-categories", "--paid")

    assert sent.code == 0, sent.err
    assert "categorized, paid" in sent.out


def test_a_row_that_says_neither_draft_nor_final_is_refused(connected: Shell, batch: Path) -> None:
    outcome = connected("invoices", "create", str(batch))

    assert outcome.code == 1
    assert "status: is missing" in outcome.err


def test_the_dry_run_prints_the_exact_requests_and_sends_nothing(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    outcome = connected(
        "invoices", "create", str(batch), "--final", "--create-categories", "--paid", "--dry-run"
    )

    create, categorize, pay = json.loads(outcome.out)
    assert outcome.code == 0
    assert (create["path"], create["body"]["draft"]) == ("/customer_invoices", False)
    assert categorize["body"] == [{"id": 0, "weight": "1"}]
    assert pay == {"method": "PUT", "path": "/customer_invoices/0/mark_as_paid"}
    assert "S-1" not in invoices(emulator, company)


def test_a_plain_pdf_is_imported_with_options_and_followed_up(
    connected: Shell, tmp_path: Path, emulator: Emulator
) -> None:
    (tmp_path / "scan.pdf").write_bytes(one_page_pdf("Invoice 7"))
    data = {
        "number": "F-7", "date": "2026-11-02", "due_date": "2026-12-02", "customer_name": "Café de la Gare",
        "label": "Conseil", "unit_price": "100", "vat": "20",
    }  # fmt: skip
    given = [text for name, value in data.items() for text in ("--set", f"{name}={value}")]

    imported = connected("invoices", "import", str(tmp_path / "scan.pdf"), *given)
    assert imported.code == 0, imported.err
    categorized = connected(
        "invoices", "categorize", "F-7", "--category", "Activité/A=0.5", "--category", "Activité/B=0.5",
        "--create-categories",
    )  # fmt: skip
    paid = connected("invoices", "pay", "F-7")
    sent = connected("invoices", "send", "F-7", "--to", "compta@example.com")
    again = connected("invoices", "send", "F-7", "--to", "compta@example.com")

    assert (categorized.code, paid.code, sent.code) == (0, 0, 0), (categorized.err, paid.err, sent.err)
    assert again.code == 1
    assert "was mailed from here" in again.err
    assert len(emulator.books.outbox) == 1
    assert "F-7" in connected("invoices", "list").out
    (status,) = json.loads(connected("invoices", "status", "F-7", "--json").out)
    assert (status["state"], status["total_incl_tax_ccy"]) == ("paid", "120")
    shown = connected("invoices", "show", "F-7").out
    assert "Conseil" in shown
    assert "0.5" in shown


def test_drafts_are_finalized_and_credited(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    batch.write_text(
        HEADER + GOOD + "N-1,2026-11-02,2026-12-02,Café de la Gare,Avoir,100.00,-1,20,\n", encoding="utf-8"
    )
    connected("invoices", "create", str(batch), "--draft", "--create-categories")

    finalized = connected("invoices", "finalize", "S-1", "N-1", "--yes")
    credited = connected("invoices", "credit", "N-1", "S-1")

    assert (finalized.code, credited.code) == (0, 0), (finalized.err, credited.err)
    found = emulator.books.select("customer_invoices", company.id, parent_id=None)
    note = next(one for one in found if one["external_reference"] == "N-1")
    assert note["credited_invoice"] is not None
    assert note["invoice_number"]
    categories = "\n".join(line for line in finalized.out.splitlines() if "categorized" in line)
    assert len(categories.splitlines()) == 1, "the category of S-1 waited for this"


def test_steps_say_what_is_wrong_and_change_nothing(connected: Shell, batch: Path) -> None:
    connected("invoices", "create", str(batch), "--draft", "--create-categories")

    assert connected("invoices", "pay", "NOPE").code == 2
    on_a_draft = connected("invoices", "pay", "S-1")
    assert on_a_draft.code == 1
    assert "was not marked as paid" in on_a_draft.err
    assert connected("invoices", "finalize", "S-1").code == 2
    assert connected("invoices", "categorize", "S-1", "--category", "=x").code == 2
    unknown = connected("invoices", "import", str(batch), "--set", "nonsense=1")
    assert unknown.code == 2


def test_a_deleted_invoice_is_said_to_be_gone_and_sent_again_once_it_is_forgotten(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    create = ("invoices", "create", str(batch), "--draft", "--create-categories")
    connected(*create)
    still_there = connected("invoices", "forget", "S-1", "--yes")
    (invoice,) = json.loads(connected("invoices", "status", "--json").out)
    emulator.books.delete("customer_invoices", invoice["id"])

    assert json.loads(connected("invoices", "status", "--json").out)[0]["state"] == "gone"
    assert "1 already sent" in connected(*create).out
    assert connected("invoices", "forget", "S-1").code == 2, "nobody is there to confirm"
    forgotten = connected("invoices", "forget", "S-1", "--yes")
    again = connected(*create)

    assert (still_there.code, forgotten.code) == (1, 0)
    assert "delete it there first" in still_there.err
    assert "1 created" in again.out
    (kept,) = json.loads(connected("invoices", "list", "--json").out)
    assert [former["id"] for former in kept["history"]] == [invoice["id"]]
    assert invoices(emulator, company).count("S-1") == 1


def test_the_states_of_all_that_was_sent_cost_a_request_a_hundred(
    connected: Shell, batch: Path, emulator: Emulator
) -> None:
    rows = [GOOD.replace("S-1", f"S-{number}") for number in range(3)]
    batch.write_text(HEADER + "".join(rows), encoding="utf-8")
    connected("invoices", "create", str(batch), "--final", "--yes", "--create-categories", "--paid")
    before = len(emulator.requests)

    states = json.loads(connected("invoices", "status", "--json").out)

    asked = [one.path for one in emulator.requests[before:]]
    assert {state["state"] for state in states} == {"paid"}
    assert asked == ["/customer_invoices"]


def test_a_folder_without_invoices_and_a_pdf_to_create_are_said_to_be_wrong(
    connected: Shell, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.pdf").write_bytes(one_page_pdf("Invoice 7"))

    nothing = connected("invoices", "import", str(tmp_path / "empty"))
    pdf = connected("invoices", "create", str(tmp_path / "a.pdf"))

    assert (nothing.code, "holds no CSV" in nothing.err) == (1, True)
    assert (pdf.code, "invoices import" in pdf.err) == (2, True)


def test_one_invoice_of_a_batch_is_sent_alone(
    connected: Shell, batch: Path, emulator: Emulator, company: Company
) -> None:
    batch.write_text(HEADER + GOOD + GOOD.replace("S-1", "S-3") + BAD, encoding="utf-8")
    create = ("invoices", "create", str(batch), "--draft", "--create-categories", "--only")

    alone = connected(*create, "S-3")
    unknown = connected(*create, "S-9")

    assert (alone.code, unknown.code) == (3, 2), alone.err
    assert "S-2" not in alone.err
    assert {"S-1", "S-2", "S-3"} & set(invoices(emulator, company)) == {"S-3"}


def test_all_or_nothing_says_each_problem_once(connected: Shell, batch: Path) -> None:
    batch.write_text(HEADER + GOOD + BAD, encoding="utf-8")

    outcome = connected(
        "invoices", "create", str(batch), "--draft", "--create-categories", "--all-or-nothing"
    )

    assert outcome.code == 1
    assert outcome.err.count("quantity: is 0") == 1
    assert "Nothing was sent" in outcome.err
