"""Bank accounts, transactions, ledger entries, lettering and exports over HTTP."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import condition, ids


@pytest.fixture
def bank_account(emulator: Emulator, http: httpx2.Client) -> dict[str, Any]:
    """An account as the API makes it."""
    emulator.add_company()
    created = http.post("/bank_accounts", json={"name": "Compte courant"})
    assert created.status_code == 201, created.text
    account: dict[str, Any] = created.json()
    return account


@pytest.fixture
def accounts(emulator: Emulator) -> tuple[int, int, int]:
    """A journal, and the accounts of customers and of sales."""
    journal = emulator.add("journals", {"code": "VT", "label": "Ventes", "type": "sale"})
    customers, sales = (
        emulator.add("ledger_accounts", {"number": number, "label": number})
        for number in ("411000", "706000")
    )
    return journal.id, customers.id, sales.id


def entry(accounts: tuple[int, int, int], debit: str = "120.00", credit: str = "120.00") -> dict[str, Any]:
    """An entry of two lines."""
    journal, customers, sales = accounts
    lines = [
        {"ledger_account_id": customers, "debit": debit, "credit": "0"},
        {"ledger_account_id": sales, "debit": "", "credit": credit, "label": "Vente"},
    ]
    return {"date": "2026-11-02", "label": "OD", "journal_id": journal, "ledger_entry_lines": lines}


def create(http: httpx2.Client, accounts: tuple[int, int, int], **sides: str) -> dict[str, Any]:
    """An entry as the API makes it."""
    created = http.post("/ledger_entries", json=entry(accounts, **sides))
    assert created.status_code == 201, created.text
    written: dict[str, Any] = created.json()
    return written


def test_a_transaction_moves_the_balance_of_its_account(
    http: httpx2.Client, bank_account: dict[str, Any]
) -> None:
    sent = {"bank_account_id": bank_account["id"], "label": "VIR", "date": "2026-11-02", "amount": "100.00"}

    created = http.post("/transactions", json={**sent, "fee": "1.50"})

    transaction = created.json()
    assert created.status_code == 201
    assert (transaction["amount"], transaction["fee"], transaction["outstanding_balance"]) == (
        "100.0", "1.5", "-100.0",
    )  # fmt: skip
    assert http.get(f"/bank_accounts/{bank_account['id']}").json()["balance"] == "98.5"
    of_account = condition("bank_account_id", "eq", bank_account["id"])
    assert ids(http.get("/transactions", params={"filter": of_account})) == [transaction["id"]]


def test_a_transaction_gets_its_customer_and_categories(
    emulator: Emulator, http: httpx2.Client, bank_account: dict[str, Any]
) -> None:
    customer, category = emulator.add_customer(), emulator.add_category()
    sent = {"bank_account_id": bank_account["id"], "label": "VIR", "date": "2026-11-02", "amount": "100"}
    path = f"/transactions/{http.post('/transactions', json=sent).json()['id']}"

    named = http.put(path, json={"customer_id": customer.id}).json()
    categorized = http.put(f"{path}/categories", json=[{"id": category.id, "weight": "1"}])
    cleared = http.put(path, json={"customer_id": None}).json()

    assert named["customer"]["id"] == customer.id
    assert categorized.json()[0]["weight"] == "1.0"
    assert cleared["categories"][0]["id"] == category.id
    assert cleared["customer"] is None


def test_a_transaction_of_an_unknown_account_is_not_found(
    http: httpx2.Client, bank_account: dict[str, Any]
) -> None:
    sent = {"bank_account_id": 4096, "label": "VIR", "date": "2026-11-02", "amount": "1"}

    assert http.post("/transactions", json=sent).status_code == 404
    assert http.post("/transactions", json={**sent, "amount": 1}).status_code == 400
    assert http.post(
        "/transactions", json={**sent, "bank_account_id": bank_account["id"], "amount": "x"}
    ).status_code in (400, 422)


def test_a_balanced_entry_is_written_with_its_lines(
    http: httpx2.Client, accounts: tuple[int, int, int]
) -> None:
    written = create(http, accounts)

    shown = http.get(f"/ledger_entries/{written['id']}").json()
    lines = http.get("/ledger_entry_lines").json()["items"]
    assert [line["debit"] for line in shown["ledger_entry_lines"]] == ["120.0", "0.0"]
    assert [line["label"] for line in shown["ledger_entry_lines"]] == ["OD", "Vente"]
    assert ids(http.get("/ledger_entries")) == [written["id"]]
    assert {line["ledger_entry"]["id"] for line in lines} == {written["id"]}
    assert len(ids(http.get(f"/ledger_entries/{written['id']}/ledger_entry_lines"))) == 2


@pytest.mark.parametrize(
    ("debit", "credit"), [("120.00", "100.00"), ("0", "0"), ("-1", "-1"), ("1.001", "1.001")]
)
def test_an_entry_that_is_not_balanced_is_refused(
    http: httpx2.Client, accounts: tuple[int, int, int], debit: str, credit: str
) -> None:
    """`Entry lines are not balanced`: documented as an example."""
    refused = http.post("/ledger_entries", json=entry(accounts, debit, credit))

    assert refused.status_code == 422
    assert ids(http.get("/ledger_entries")) == ids(http.get("/ledger_entry_lines")) == []
    if debit == "120.00":
        assert refused.json()["error"] == "Entry lines are not balanced"


def test_a_changed_entry_must_stay_balanced(http: httpx2.Client, accounts: tuple[int, int, int]) -> None:
    written = create(http, accounts)
    path = f"/ledger_entries/{written['id']}"
    first, second = (line["id"] for line in written["ledger_entry_lines"])

    half = http.put(path, json={"ledger_entry_lines": {"update": [{"id": first, "debit": "60"}]}})
    edits = {"update": [{"id": first, "debit": "60"}, {"id": second, "credit": "60"}]}
    both = http.put(path, json={"label": "Corrigée", "ledger_entry_lines": edits})

    assert (half.status_code, both.status_code) == (422, 200)
    assert both.json()["label"] == "Corrigée"
    assert [line["debit"] for line in http.get(path).json()["ledger_entry_lines"]] == ["60.0", "0.0"]


def test_lines_of_an_account_are_lettered_and_unlettered(
    http: httpx2.Client, accounts: tuple[int, int, int]
) -> None:
    journal, customers, sales = accounts
    invoiced = create(http, accounts)["ledger_entry_lines"][0]["id"]
    paid = create(http, (journal, sales, customers))["ledger_entry_lines"][1]["id"]
    named = [{"id": invoiced}, {"id": paid}]
    balanced = {"ledger_entry_lines": named, "unbalanced_lettering_strategy": "none"}

    lettered = http.post("/ledger_entry_lines/lettering", json=balanced)
    tied = ids(http.get(f"/ledger_entry_lines/{invoiced}/lettered_ledger_entry_lines"))
    unlettered = http.request("DELETE", "/ledger_entry_lines/lettering", json=balanced)

    assert (lettered.status_code, unlettered.status_code) == (200, 204)
    assert {line["id"] for line in lettered.json()} == {invoiced, paid}
    assert tied == [paid]
    assert ids(http.get(f"/ledger_entry_lines/{invoiced}/lettered_ledger_entry_lines")) == []


def test_lettering_that_is_not_balanced_needs_to_be_asked_for(
    http: httpx2.Client, accounts: tuple[int, int, int]
) -> None:
    first, second = (create(http, accounts)["ledger_entry_lines"] for _ in range(2))

    def letter(strategy: str, *lines: dict[str, Any]) -> int:
        named = [{"id": line["id"]} for line in lines]
        sent = {"ledger_entry_lines": named, "unbalanced_lettering_strategy": strategy}
        return http.post("/ledger_entry_lines/lettering", json=sent).status_code

    assert letter("none", first[0], second[0]) == 422
    assert letter("partial", first[0], first[1]) == 422
    assert letter("partial", first[0], second[0]) == 200


@pytest.mark.parametrize("kind", ["fecs", "general_ledgers", "analytical_general_ledgers"])
def test_an_export_is_pending_then_ready(emulator: Emulator, http: httpx2.Client, kind: str) -> None:
    emulator.add_company()

    asked = http.post(f"/exports/{kind}", json={"period_start": "2026-01-01", "period_end": "2026-12-31"})
    path = f"/exports/{kind}/{asked.json()['id']}"
    pending = http.get(path).json()
    emulator.move_clock(seconds=30)
    ready = http.get(path).json()

    assert (asked.status_code, asked.json()["status"]) == (201, "pending")
    assert (pending["status"], pending["file_url"]) == ("pending", None)
    assert ready["status"] == "ready"
    assert httpx2.get(ready["file_url"]).status_code == 200


def test_an_export_is_found_only_as_what_it_is(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    period = {"period_start": "2026-01-01", "period_end": "2026-12-31"}
    key = http.post("/exports/fecs", json=period).json()["id"]

    assert http.get(f"/exports/general_ledgers/{key}").status_code == 404
    backwards = {"period_start": "2026-12-31", "period_end": "2026-01-01"}
    assert http.post("/exports/fecs", json=backwards).status_code in (400, 422)
