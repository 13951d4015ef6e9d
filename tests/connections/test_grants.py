"""A grant by OAuth is renewed when it must be, once, and says why when it has ended."""

from datetime import timedelta
from pathlib import Path

import pytest

from pennybridge.api.secret import Secret
from pennybridge.errors import AuthenticationError, ConfigurationError, ServerError, TransportError
from pennybridge.store import open_database
from pennybridge.sync.run import sync
from tests.connections.conftest import Installation


def renewals(installation: Installation) -> int:
    return installation.asked("/oauth/token", 200)


def test_an_expired_access_token_is_replaced_in_the_middle_of_the_work(installation: Installation) -> None:
    client = installation.client(installation.connect())
    client.me()
    paces = set((installation.home / "pace").iterdir())
    installation.expire()

    assert client.me().company.name == "Maison Lumière"
    assert list(client.customers.list()) == []
    assert renewals(installation) == 1
    assert set((installation.home / "pace").iterdir()) == paces  # the pace follows the connection


def test_a_sync_goes_on_when_its_token_ends_in_the_middle(installation: Installation, tmp_path: Path) -> None:
    connection = installation.connect()
    names = sorted(f"Client {number:03}" for number in range(250))
    for name in names:
        installation.emulator.add_customer(name)
    installation.emulator.fail_next("GET", "/customers", "revoked", skip=1)

    with open_database(f"duckdb:///{tmp_path}/synced.duckdb", clock=installation.clock) as database:
        report = sync(
            company_id=connection.company_id,
            client=installation.client(connection),
            database=database,
            scopes=connection.scopes,
            clock=installation.clock,
        )
        found = database.rows("select name from pennylane.customers order by name")

    assert not report.failed
    assert [name for (name,) in found] == names
    assert renewals(installation) == 1


def test_a_client_goes_on_with_the_pair_that_another_part_renewed(installation: Installation) -> None:
    connection = installation.connect()
    client = installation.client(connection)
    client.me()
    installation.another().keep_alive(idle=timedelta(0))

    client.me()

    assert renewals(installation) == 1


def test_the_new_pair_is_kept_sealed_and_works_for_whoever_comes_next(installation: Installation) -> None:
    connection = installation.connect()
    installation.expire()
    installation.client(connection).me()
    installation.expire()

    installation.client(connection, installation.another()).me()

    [(sealed, since)] = installation.state.rows("select sealed_grant, renewing_since from connections")
    assert since is None
    assert b"token" not in bytes(sealed)
    assert renewals(installation) == 2


def test_a_grant_that_was_withdrawn_asks_to_be_authorized_again(installation: Installation) -> None:
    connection = installation.connect()
    installation.connections.pause(connection)
    for grant in set(installation.emulator.api.oauth._grants.values()):
        installation.emulator.api.oauth._end(grant)

    with pytest.raises(AuthenticationError, match="probably withdrawn there"):
        installation.client(connection).me()

    found = installation.connections.find("1")
    assert (found.state, found.problem, found.state_before) == ("unauthorized", "revoked", "paused")
    code, printed = installation.run("connections")
    assert "unauthorized" in printed
    assert "Authorize the company again in the hub" in printed
    code, printed = installation.run("sync")
    assert code == 2
    assert "no company is connected and active" in printed.lower()


@pytest.mark.parametrize("status", [400, 401])
def test_a_grant_unused_for_90_days_says_so(installation: Installation, status: int) -> None:
    connection = installation.connect()
    installation.emulator.api.oauth.invalid_grant_status = status
    installation.emulator.move_clock(days=91)

    with pytest.raises(AuthenticationError, match="not used for 90 days"):
        installation.client(connection).me()

    assert installation.connections.find("1").problem == "expired"
    assert "not used for 90 days" in installation.run("connections")[1]


def test_idle_grants_are_kept_alive_and_no_others(installation: Installation) -> None:
    installation.connections.pause(installation.connect())
    for _ in range(4):
        installation.emulator.move_clock(days=29)
        assert installation.connections.keep_alive() == {}
    assert renewals(installation) == 2

    installation.emulator.move_clock(days=40)
    installation.connections.resume(installation.connections.find("1"))
    assert installation.connections.check(installation.connections.find("1")).state == "active"
    assert installation.connections.keep_alive() == {}
    assert renewals(installation) == 3


def test_upkeep_says_what_it_could_not_renew_and_goes_on(installation: Installation) -> None:
    installation.connect()
    installation.emulator.add_company("Maison Ombre")
    installation.connect(2)
    installation.emulator.move_clock(days=31)
    installation.emulator.fail_next("POST", "/oauth/token", "503")

    problems = installation.connections.keep_alive()

    assert list(problems) == ["1"]
    assert "503" in problems["1"]
    assert renewals(installation) == 1
    assert installation.connections.find("1").state == "active"


@pytest.mark.parametrize("fault", ["500", "429", "html", "cut"])
def test_a_token_endpoint_that_failed_is_asked_again(installation: Installation, fault: str) -> None:
    """Whether it had renewed the grant is not known; here it had not."""
    connection = installation.connect()
    installation.expire()
    installation.emulator.fail_next("POST", "/oauth/token", fault)  # type: ignore[arg-type]

    installation.client(connection).me()

    assert renewals(installation) == 1
    assert installation.state.rows("select renewing_since from connections") == [(None,)]


@pytest.mark.parametrize("fault", ["500_after", "lost_answer", "cut_body"])
def test_a_pair_that_was_lost_on_the_way_is_recognised(installation: Installation, fault: str) -> None:
    connection = installation.connect()
    installation.expire()
    installation.emulator.fail_next("POST", "/oauth/token", fault)  # type: ignore[arg-type]
    client = installation.client(connection)

    with pytest.raises((AuthenticationError, ServerError, TransportError)):
        client.post("/customer_invoices", {})
    with pytest.raises(AuthenticationError, match="renewal of its tokens was cut off"):
        client.me()

    assert installation.connections.find("1").problem == "answer_lost"


def test_without_the_applications_secret_a_renewal_says_what_is_missing(installation: Installation) -> None:
    connection = installation.connect()
    installation.expire()
    wrong = installation.another()
    wrong._grants._application = None

    with pytest.raises(ConfigurationError, match="PENNYLANE_CLIENT_ID"):
        installation.client(connection, wrong).me()
    installation.client(connection).me()


def test_disconnecting_revokes_at_pennylane_and_erases_here(installation: Installation) -> None:
    connection = installation.connect()
    client = installation.client(connection)

    removed = installation.connections.remove(connection)

    assert (removed.state, removed.problem) == ("disconnected", None)
    assert installation.emulator.api.tokens.in_force() == {}
    assert installation.state.rows("select sealed_grant from connections") == [(None,)]
    with pytest.raises(ConfigurationError, match="is disconnected"):
        client.me()
    assert installation.connections.remove(connection) == removed


def test_no_token_is_printed_or_stored_as_it_is(installation: Installation) -> None:
    connection = installation.connect()
    installation.expire()
    installation.client(connection).me()

    printed = "".join(
        installation.run(*command)[1]
        for command in (["connections", "list", "--json"], ["connections", "check"], ["connections"])
    )

    stored = b"".join(file.read_bytes() for file in installation.home.glob("*.db*"))
    tokens = set(installation.emulator.api.oauth._grants)
    assert len(tokens) == 2
    assert not any(token in printed or token.encode() in stored for token in tokens)


def test_a_grant_that_cannot_be_revoked_is_erased_all_the_same(installation: Installation) -> None:
    connection = installation.connect()
    installation.emulator.fail_next("POST", "/oauth/revoke", "503")

    code, printed = installation.run("connections", "remove", connection.id, "--yes")

    assert code == 3
    assert "could not be revoked at Pennylane" in printed
    assert installation.state.rows("select sealed_grant, state from connections") == [(None, "disconnected")]


def test_an_api_token_in_place_of_an_oauth_grant_revokes_it(installation: Installation) -> None:
    installation.connect()
    emulator = installation.emulator

    connection, is_new = installation.connections.add(Secret(emulator.token()), base_url=emulator.base_url)

    assert (connection.kind, is_new) == ("token", False)
    assert emulator.api.oauth._grants == {}
    assert installation.client(connection).me().company.id == connection.company_id


def test_a_token_put_in_place_of_a_refused_one_is_found_by_a_client_at_work(
    installation: Installation,
) -> None:
    emulator = installation.emulator
    installation.connections.add(Secret(emulator.token()), base_url=emulator.base_url)
    client = installation.client(installation.connections.find("1"))
    emulator.give_token("second")
    installation.another().add(Secret("second"), base_url=emulator.base_url)
    emulator.revoke_token(emulator.token())

    assert client.me().company.name == "Maison Lumière"
