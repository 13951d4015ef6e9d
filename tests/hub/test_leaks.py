"""No secret leaves its place: the whole way of a hub, then a search through everything it wrote and said."""

import io
import logging
import re
import sys
import time as machine
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from pennybridge.api.secret import digest_of
from pennybridge.emulator.server import Emulator
from pennybridge.hub.doors import BROWSER
from pennybridge.hub.engine.logs import JsonLines, PlainLines
from pennybridge.hub.gate import COOKIE
from tests.hub.conftest import PASSWORD, Browser, Time
from tests.hub.test_outgoing import GOOD, hand_over, settled

FIRST = "the first password"
TYPED = "a password in the wrong field"
METRICS = "metrics-token-of-the-settings"
LOOKED_AT = (
    "/", "/people", "/api-docs", "/connections/1", "/connections/1/loads", "/connections/1/outgoing",
    "/connections/1/numbers", "/connections/2/customers", "/connections/2/loads",
)  # fmt: skip


class Witness(Browser):
    """Keeps every page that came, and every address and header but the cookies that were set."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app)
        self.seen: list[str] = []

    def request(self, *args: Any, **options: Any) -> Any:
        answer = super().request(*args, **options)
        for each in (*answer.history, answer):
            headers = {name: value for name, value in each.headers.items() if name != "set-cookie"}
            self.seen.append(f"{each.url} {headers} {each.text}")
        return answer


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger says, as both of our formatters write it."""
    written = io.StringIO()
    handlers = [logging.StreamHandler(written), logging.StreamHandler(written)]
    root, before = logging.getLogger(), logging.root.level
    for handler, shape in zip(handlers, (JsonLines(), PlainLines()), strict=True):
        handler.setFormatter(shape)
        handler.addFilter(lambda record: "http://testserver" not in record.getMessage())  # of our own browser
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.setLevel(before)
    for handler in handlers:
        root.removeHandler(handler)


def idle(app: FastAPI, number: str) -> None:
    until = machine.monotonic() + 60
    while app.state.engine.state(number).is_busy:
        assert machine.monotonic() < until
        machine.sleep(0.02)  # a real worker has it in hand


def stored(app: FastAPI, folder: Path) -> dict[str, bytes]:
    """Every file but the sealing key, and the books as text: DuckDB's file is compressed."""
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "pennybridge.key"
    }
    tables = app.state.database.rows(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema not in ('information_schema', 'pg_catalog')"
    )
    rows = {name: app.state.database.rows(f"select * from {name}") for (name,) in tables}
    return found | {"the books": repr(rows).encode()}


def consent(admin: Browser, emulator: Emulator, company: int) -> None:
    leaving = admin.get("/oauth/authorize", follow_redirects=False).headers["location"]
    assert "is connected" in admin.get(emulator.approve(leaving, company)).text


def tokens_of(emulator: Emulator) -> set[str]:
    grants = emulator.api.oauth._grants.values()
    return {token for grant in grants for token in (grant.access_token, grant.refresh_token)}


def test_no_secret_is_shown_logged_or_stored(  # noqa: PLR0917 - fixtures
    app: FastAPI,
    emulator: Emulator,
    time: Time,
    tmp_path: Path,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app.state.metrics_token = METRICS
    emulator.add_company("Maison Lumière")
    emulator.add_company("Atelier Martin")
    token, admin = emulator.token(1), Witness(app)

    # Set-up and sign-in, a password where the name belongs, a new password.
    link = f"/set-up/{app.state.set_up_link}"
    Browser(app).submit(link, link, name="Ada", password=FIRST)
    Browser(app).sign_in(TYPED, "wrong")
    admin.sign_in("ada", FIRST)
    admin.submit("/password", "/password", current=FIRST, new=PASSWORD)

    # By token: refused, then taken, synced.
    assert "refuses this access" in admin.submit("/", "/connections", token="refused-by-pennylane")
    admin.submit("/", "/connections", token=token)
    admin.submit("/connections/1/choose", "/connections/1/activate")
    idle(app, "1")

    # By OAuth, renewed, synced.
    consent(admin, emulator, 2)
    secrets = {token, "refused-by-pennylane", "emulator-secret", TYPED, METRICS, PASSWORD, FIRST}
    secrets |= {app.state.set_up_link, *tokens_of(emulator)}
    emulator.move_clock(days=2)
    time.now = emulator.now
    admin.sign_in("ada")
    admin.submit("/connections/2/choose", "/connections/2/activate")
    idle(app, "2")
    assert len(tokens_of(emulator) - secrets) == 2
    secrets |= tokens_of(emulator)

    # A batch, a key and its use, the metrics.
    address = hand_over(admin, ("march.csv", GOOD.encode()), create_customers="on")
    settled(app, admin, address)
    admin.submit(address, f"{address}/send")
    assert ">created<" in settled(app, admin, address)
    key = re.search(r"<code>(pb_[\w-]+)</code>", admin.submit("/people", "/people/keys", name="shop"))
    assert key
    admin.seen.pop()  # the one page that shows it
    bearer = {"authorization": f"Bearer {key[1]}"}
    assert admin.get("/api/v1/connections", headers=bearer).status_code == 200
    assert "syncs_total" in admin.get("/metrics", headers={"authorization": f"Bearer {METRICS}"}).text

    # Faults that carry the token: in a sync, in a batch, on a page.
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"it was {token}")

    with monkeypatch.context() as patched:
        patched.setattr("pennybridge.sync.run.sync", fail)
        admin.submit("/connections/1", "/connections/1/sync")
        idle(app, "1")
        patched.setattr("pennybridge.invoicing.run.look_over", fail)
        settled(app, admin, hand_over(admin, ("april.csv", GOOD.encode())))
        patched.setattr(app.state.connections, "known", fail)
        assert admin.get("/").status_code == 500
        assert admin.get("/api/v1/connections", headers=bearer).status_code == 500

    # The token is refused from now on; everything is looked at; both are disconnected.
    emulator.revoke_token(token)
    admin.submit("/connections/1", "/connections/1/sync")
    idle(app, "1")
    for path in LOOKED_AT:
        assert admin.get(path).status_code == 200
    disk = stored(app, tmp_path)
    for number in ("1", "2"):
        admin.submit(f"/connections/{number}", f"/connections/{number}/disconnect")

    secrets |= {key[1], admin.cookies[COOKIE], admin.cookies[BROWSER]}
    said = {"log": logged.getvalue(), "pages": "\n".join(admin.seen), **capfd.readouterr()._asdict()}
    places = disk | stored(app, tmp_path) | {name: text.encode() for name, text in said.items()}
    places["arguments"] = repr((sys.argv, sys.orig_argv)).encode()
    assert [
        (place, secret) for place in places for secret in secrets if secret.encode() in places[place]
    ] == []

    # The search would have found them: what may be there is.
    assert digest_of(admin.cookies[COOKIE]).encode() in b"".join(disk.values())
    assert "Atelier Martin" in places["the books"].decode()
    assert {"state.db", "dbos.db", "books.duckdb"} <= disk.keys()
    assert '"kind": "RuntimeError"' in said["log"]
    assert '"event": "sync ended"' in said["log"]
    assert "Pennybridge made a mistake" in said["pages"]
    assert app.state.state_database.rows("select 1 from connections where sealed_grant is not null") == []
