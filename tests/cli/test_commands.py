"""The commands on their good days: what they print, for people and for programs."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pennybridge.emulator.additions import Kept
from pennybridge.emulator.books import Company
from pennybridge.emulator.server import Emulator
from tests.cli.conftest import TOKEN, Shell


@pytest.fixture
def connected(shell: Shell, company: Company) -> Shell:  # noqa: ARG001 — there must be a company to connect
    """A home with one connected company, nothing synced yet."""
    assert shell("connect", stdin=TOKEN).code == 0
    return shell


def test_connect_names_the_company_and_what_to_do_next(shell: Shell, company: Company) -> None:
    outcome = shell("connect", PENNYLANE_API_TOKEN=TOKEN)

    assert outcome.code == 0
    assert outcome.out == (
        f"Connected Maison Lumière (company {company.id}), connection 1.\nNext: pennybridge sync\n"
    )


def test_a_token_on_standard_input_goes_before_the_one_in_the_environment(
    shell: Shell, company: Company
) -> None:
    assert company
    assert shell("connect", stdin=f"{TOKEN}\n", PENNYLANE_API_TOKEN="another").code == 0


def test_connections_are_paused_resumed_and_removed(connected: Shell) -> None:
    connected("connections", "pause", "1")
    assert connected("sync").code == 2
    connected("connections", "resume", "Maison Lumière")
    assert connected("sync").code == 0

    removed = connected("connections", "remove", "1", "--yes")

    assert "disconnected" in removed.out
    (record,) = json.loads(connected("connections", "list", "--json").out)
    assert (record["state"], record["scopes"]) == ("disconnected", [])
    assert "Café de la Gare" in connected("customers", "list").out


def test_a_removal_that_is_not_confirmed_changes_nothing(connected: Shell) -> None:
    outcome = connected("connections", "remove", "1", stdin="n\n")

    assert outcome.code == 130
    assert "active" in connected("connections").out


def test_check_says_that_the_token_works(connected: Shell) -> None:
    outcome = connected("connections", "check")

    assert (outcome.code, "the token works" in outcome.out) == (0, True)


def test_a_sync_prints_what_it_read_and_a_second_one_asks_little(
    connected: Shell, emulator: Emulator
) -> None:
    first = connected("sync")
    asked = len(emulator.requests)
    second = connected("sync")

    assert (first.code, second.code) == (0, 0)
    cells = next(line.split() for line in first.out.splitlines() if line.startswith(" customers "))
    assert dict(zip(["resource", "load", "state", "read", "written"], cells, strict=False))["written"] == "2"
    assert "customers: " in first.err
    assert len(emulator.requests) - asked <= 8


def test_a_sync_for_programs_prints_json_only(connected: Shell) -> None:
    outcome = connected("sync", "--json", "--full", "customers")

    (record,) = json.loads(outcome.out)["connections"]
    assert (outcome.code, outcome.err) == (0, "")
    assert (record["name"], record["problem"]) == ("Maison Lumière", None)
    assert {r["resource"]: r["inserted"] for r in record["resources"]}["customers"] == 2


def test_one_company_that_fails_does_not_stop_the_others(connected: Shell, emulator: Emulator) -> None:
    emulator.add_company("Maison Ombre")
    connected("connect", stdin=emulator.token(2))
    emulator.api.tokens.revoke(TOKEN)

    outcome = connected("sync", "--json")

    first, second = json.loads(outcome.out)["connections"]
    assert outcome.code == 1
    assert (first["name"], first["resources"]) == ("Maison Lumière", [])
    assert (second["name"], second["problem"]) == ("Maison Ombre", None)


def test_status_tells_what_needs_attention(connected: Shell) -> None:
    before = connected("status")
    connected("sync")
    after = connected("status", "--json")

    assert before.code == 3
    assert "Nothing is synced yet. Next: pennybridge sync" in before.out
    (books,) = json.loads(after.out)["companies"]
    assert (after.code, json.loads(after.out)["attention"]) == (0, [])
    assert {r["resource"]: r["rows"] for r in books["resources"]}["customer_invoices"] == 1


def test_status_without_a_connection_says_how_to_begin(shell: Shell) -> None:
    outcome = shell("status")

    assert (outcome.code, "No company is connected yet" in outcome.out) == (0, True)


def test_customers_are_listed_by_what_they_owe(connected: Shell) -> None:
    connected("sync")

    rows = json.loads(connected("customers", "list", "--json").out)
    found = json.loads(connected("customers", "list", "--search", "petit", "--json").out)

    assert [(row["name"], row["open_amount_eur"]) for row in rows] == [
        ("Café de la Gare", "120"),
        ("Jeanne Petit", "0"),
    ]
    assert [row["name"] for row in found] == ["Jeanne Petit"]
    assert "120" in connected("customers", "show", "cafe").out


def test_an_excluded_customer_gets_no_new_documents_until_it_is_included(
    connected: Shell, emulator: Emulator
) -> None:
    def invoices() -> str:
        return connected("query", "select count(*) n from pennylane.customer_invoices", "--format", "csv").out

    connected("sync")
    dry = connected("customers", "exclude", "cafe", "--dry-run")
    connected("customers", "exclude", "cafe", "--reason", "test account")
    (cafe,) = emulator.books.select("customers", 400001, external_reference="cafe")
    emulator.add_customer_invoice("60.00", customer=Kept("customers", cafe, 1))
    emulator.settle()

    connected("sync")
    assert "1 documents stay as they are.\nNothing was changed." in dry.out
    assert "excluded from the sync" in connected("customers", "show", "cafe").out
    assert invoices() == "n\n1\n"

    connected("customers", "include", "cafe")
    connected("sync")
    assert invoices() == "n\n2\n"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("csv", "name,amount\nCafé de la Gare,120\n"),
        ("json", '[\n  {\n    "name": "Café de la Gare",\n    "amount": "120"\n  }\n]\n'),
    ],
)
def test_a_query_prints_what_was_asked_for(connected: Shell, shape: str, expected: str) -> None:
    connected("sync")
    sql = (
        "select c.name, i.amount from pennylane.customer_invoices as i "
        "join pennylane.customers as c on c.id = i.customer_id"
    )

    assert connected("query", sql, "--format", shape).out == expected
    assert connected("query", "-", "--format", shape, stdin=sql).out == expected
    assert "Café de la Gare" in connected("query", sql).out


def test_the_same_way_ends_in_postgresql(shell: Shell, company: Company, postgresql_url: str) -> None:
    """Books and state share the database; no DuckDB file is made."""
    url = {"PENNYBRIDGE_DATABASE_URL": postgresql_url}
    sql = "select name from pennylane.customers order by name"

    codes = [
        shell("connect", stdin=TOKEN, **url).code,
        shell("sync", **url).code,
        shell("status", **url).code,
        shell("doctor", **url).code,
        shell("query", "delete from pennylane.customers", **url).code,
    ]

    assert company
    assert codes == [0, 0, 0, 0, 1]
    assert shell("query", sql, "--format", "csv", **url).out == "name\nCafé de la Gare\nJeanne Petit\n"
    assert "Café de la Gare" in shell("customers", "list", **url).out
    assert [path.name for path in shell.home.iterdir() if path.is_file()] == ["pennybridge.key"]


def test_the_doctor_finds_nothing_to_mend_or_says_what(connected: Shell) -> None:
    connected("sync")

    well = connected("doctor")
    (connected.home / "pennybridge.key").chmod(0o644)
    readable = connected("doctor", "--offline")
    (connected.home / "pennybridge.key").unlink()
    lost = connected("doctor")

    assert (well.code, well.out.count("ok ")) == (0, 11)
    assert (readable.code, "chmod 600" in readable.out) == (3, True)
    assert (lost.code, "PROBLEM grants" in lost.out) == (1, True)


def test_output_into_a_closed_pipe_is_no_error(connected: Shell) -> None:
    connected("sync")
    sql = "select * from range(100000)"

    with subprocess.Popen(
        [sys.executable, "-m", "pennybridge", "query", sql, "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        header = process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, header, said) == (0, "range\n", "")


def test_the_emulator_command_serves_until_it_is_interrupted() -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pennybridge",
            "emulator",
            "--port",
            "0",
            "--companies",
            "2",
            "--clock",
            "2026-06-30",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    request = urllib.request.Request(f"{url}/me", headers={"Authorization": "Bearer emulator-company-2"})  # noqa: S310 — on this machine
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        me = json.load(answer)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)

    assert me["company"]["name"]
    assert (process.returncode, said) == (0, "")


def test_the_demo_ends_with_figures_and_leaves_a_database_to_ask(shell: Shell) -> None:
    outcome = shell("demo")

    assert outcome.code == 0
    assert "requests the first time" in outcome.out
    query = next(line.strip() for line in outcome.out.splitlines() if " query " in line)
    assert f"export PENNYBRIDGE_HOME={shell.home / 'demo'}" in outcome.out
    sql = query.split('"')[1]
    asked = shell("query", sql, "--format", "json", PENNYBRIDGE_HOME=str(shell.home / "demo"))
    assert len(json.loads(asked.out)) == 5
    assert not Path(shell.home / "state.db").exists()
