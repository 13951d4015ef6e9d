"""Each wrong input ends in a sentence, a useful exit code, and nothing lost."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pennybridge.emulator.books import Company
from pennybridge.emulator.server import Emulator
from tests.cli.conftest import TOKEN, Shell

pytestmark = pytest.mark.usefixtures("company")


def test_a_wrong_token_connects_nothing(shell: Shell) -> None:
    outcome = shell("connect", stdin="not-the-token")

    assert outcome.code == 1
    assert outcome.err.startswith("Error: ")
    assert "token" in outcome.err
    assert "not-the-token" not in outcome.err
    assert "No company is connected" in shell("connections").out


def test_a_missing_token_is_said_before_anything_is_sent(shell: Shell, emulator: Emulator) -> None:
    outcome = shell("connect")

    assert outcome.code == 2
    assert "There is no token" in outcome.err
    assert emulator.requests == []


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "accentué"])
def test_a_text_that_cannot_be_a_token_is_not_sent(shell: Shell, emulator: Emulator, token: str) -> None:
    outcome = shell("connect", stdin=token)

    assert outcome.code == 2
    assert "That is no token" in outcome.err
    assert token not in outcome.err
    assert emulator.requests == []


def test_a_token_without_a_scope_says_which_resource_it_cannot_read(
    shell: Shell, emulator: Emulator, company: Company
) -> None:
    scopes = [scope for scope in emulator.api.tokens.every_scope if not scope.startswith("quotes")]
    emulator.api.tokens.give("narrow", company.id, scopes)

    connected = shell("connect", stdin="narrow")
    synced = shell("sync")

    assert connected.code == 3
    assert "quotes:readonly" in connected.err
    assert synced.code == 3
    assert "quotes" in synced.err
    assert shell("query", "select count(*) n from pennylane.customers", "--format", "csv").out == "n\n2\n"


def test_a_token_revoked_later_marks_the_connection_and_keeps_the_data(
    shell: Shell, emulator: Emulator
) -> None:
    shell("connect", stdin=TOKEN)
    shell("sync")
    emulator.api.tokens.revoke(TOKEN)

    refused = shell("sync")
    again = shell("sync")

    assert refused.code == 1
    assert "Maison Lumière" in refused.err
    assert again.code == 2
    assert "no company is connected and active" in again.err.lower()
    assert "unauthorized" in shell("connections").out
    assert shell("query", "select count(*) n from pennylane.customers", "--format", "csv").out == "n\n2\n"


def test_an_unknown_connection_is_named_beside_those_there_are(shell: Shell) -> None:
    shell("connect", stdin=TOKEN)

    outcome = shell("sync", "Maison Ombre")

    assert outcome.code == 2
    assert "No connection is called 'Maison Ombre'. Connections: 1 (Maison Lumière)." in outcome.err


def test_an_unknown_resource_for_full_lists_the_known_ones(shell: Shell) -> None:
    shell("connect", stdin=TOKEN)

    outcome = shell("sync", "--full", "invoices")

    assert outcome.code == 2
    assert "there is no resource 'invoices'" in outcome.err
    assert "customer_invoices" in outcome.err
    assert not shell.database.exists()


def test_a_database_that_another_process_holds_is_left_alone(shell: Shell) -> None:
    shell("connect", stdin=TOKEN)
    shell("sync")
    with held(str(shell.database)) as pid:
        outcome = shell("sync")

    assert outcome.code == 1
    assert "Another process" in outcome.err or "process" in outcome.err
    assert str(pid) in outcome.err
    assert shell("sync").code == 0


def test_a_corrupt_database_file_is_not_touched(shell: Shell) -> None:
    shell("connect", stdin=TOKEN)
    shell.database.write_bytes(b"this is not a database" * 1000)

    outcome = shell("sync")

    assert outcome.code == 1
    assert str(shell.database) in outcome.err
    assert shell.database.read_bytes() == b"this is not a database" * 1000


def test_a_base_url_that_is_not_pennylane_is_said(shell: Shell) -> None:
    with html_server() as url:
        outcome = shell("connect", "--base-url", url, stdin="some-token")

    assert outcome.code == 1
    assert "base URL" in outcome.err
    assert "No company is connected" in shell("connections").out


@pytest.mark.parametrize(
    "statement",
    [
        "delete from pennylane.customers",
        "select 1; drop table pennylane.customers",
        "create table t as select 1",
        "",
    ],
)
def test_a_query_that_writes_is_refused(shell: Shell, statement: str) -> None:
    shell("connect", stdin=TOKEN)
    shell("sync")

    outcome = shell("query", statement)

    assert outcome.code == 1
    assert outcome.err.startswith("Error: ")
    assert shell("query", "select count(*) n from pennylane.customers", "--format", "csv").out == "n\n2\n"


def test_a_database_address_of_another_kind_is_refused(shell: Shell) -> None:
    outcome = shell("status", PENNYBRIDGE_DATABASE_URL="mysql://root@localhost/books")

    assert outcome.code == 2
    assert "it begins with 'mysql'" in outcome.err


def test_the_token_is_nowhere_but_in_its_seal(shell: Shell, emulator: Emulator) -> None:
    shell("connect", stdin=TOKEN)
    shell("sync")
    shell("status", "--json")
    shell("doctor")
    emulator.fail_next("GET", "/me", "500")
    shell("connections", "check")
    emulator.api.tokens.revoke(TOKEN)
    shell("sync", "--full", "customers")

    files = [path for path in shell.home.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"pennybridge.duckdb", "state.db", "pennybridge.key"}
    assert [path.name for path in files if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in shell.said


@contextmanager
def held(path: str) -> Iterator[int]:
    """Another process that has the DuckDB file open for writing; its process id."""
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield holder.pid
        holder.communicate()


@contextmanager
def html_server() -> Iterator[str]:
    """A web server that answers everything with a page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<html><body>Welcome</body></html>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
