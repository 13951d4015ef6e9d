"""A connection is a company's grant; connecting again, moving between states and removing it lose nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pennybridge.api.secret import Secret
from pennybridge.connections.connection import Connections
from pennybridge.connections.tokens import Vault
from pennybridge.emulator.server import Emulator
from pennybridge.errors import AuthenticationError, ConfigurationError
from pennybridge.store.state import StateDatabase, open_state

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateDatabase]:
    url = f"sqlite:///{tmp_path}/state.db"
    if request.param == "postgresql":
        make_url: Callable[[str], str] = request.getfixturevalue("make_postgresql_url")
        url = make_url("template1")
    with open_state(url) as opened:
        yield opened


@pytest.fixture
def connections(state: StateDatabase, tmp_path: Path) -> Connections:
    return Connections(
        state, vault=Vault(tmp_path / "pennybridge.key"), clock=lambda: NOW, pace_folder=tmp_path / "pace"
    )


def add(connections: Connections, emulator: Emulator, number: int = 1) -> str:
    """Connect a company; its connection's number."""
    connection, _ = connections.add(Secret(emulator.token(number)), base_url=emulator.base_url)
    return connection.id


def test_a_token_names_its_company_and_its_scopes(connections: Connections, emulator: Emulator) -> None:
    emulator.add_company("Maison Lumière")

    connection, is_new = connections.add(Secret(emulator.token()), base_url=emulator.base_url + "/")

    assert is_new
    assert (connection.name, connection.state, connection.created_at) == ("Maison Lumière", "active", NOW)
    assert "customer_invoices:all" in connection.scopes
    assert connections.known() == [connection]


def test_connecting_a_company_again_keeps_its_row_and_replaces_its_token(
    connections: Connections, emulator: Emulator
) -> None:
    company = emulator.add_company("Maison Lumière")
    add(connections, emulator)
    emulator.api.tokens.give("second", company.id, ["customers:readonly"])

    again, is_new = connections.add(
        Secret("second"), base_url=emulator.base_url.replace("http:", "HTTP:") + "/"
    )
    emulator.api.tokens.revoke(emulator.token())

    assert not is_new
    assert [c.id for c in connections.known()] == [again.id] == ["1"]
    assert connections.check(again).scopes == ("customers:readonly",)


def test_a_refused_token_stores_nothing(connections: Connections, emulator: Emulator) -> None:
    with pytest.raises(AuthenticationError):
        connections.add(Secret("nobody"), base_url=emulator.base_url)

    assert connections.known() == []


def test_a_connection_is_found_by_number_company_or_name(
    connections: Connections, emulator: Emulator
) -> None:
    company = emulator.add_company("Maison Lumière")
    number = add(connections, emulator)

    assert {connections.find(text).id for text in (number, str(company.id), "maison lumière", " 1 ")} == {"1"}


def test_two_connections_of_one_name_ask_for_a_number(connections: Connections, emulator: Emulator) -> None:
    for number in (1, 2):
        emulator.add_company("Maison Lumière")
        add(connections, emulator, number)

    with pytest.raises(ConfigurationError, match="use a number, one of 1, 2"):
        connections.find("Maison Lumière")


def test_a_paused_connection_is_not_synced_until_it_is_resumed(
    connections: Connections, emulator: Emulator
) -> None:
    for number in (1, 2):
        emulator.add_company(f"Maison {number}")
        add(connections, emulator, number)

    paused = connections.pause(connections.find("1"))
    assert [c.id for c in connections.to_sync(())] == ["2"]
    with pytest.raises(ConfigurationError, match="Maison 1 is paused"):
        connections.to_sync(["1"])

    connections.resume(paused)
    assert [c.id for c in connections.to_sync(())] == ["1", "2"]


def test_a_removed_connection_stays_named_without_a_grant(
    connections: Connections, state: StateDatabase, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    add(connections, emulator)

    removed = connections.remove(connections.find("1"))

    assert state.rows("select sealed_grant, state from connections") == [(None, "disconnected")]
    assert connections.chosen(()) == []
    with pytest.raises(ConfigurationError, match="is disconnected"):
        connections.client(removed)
    with pytest.raises(ConfigurationError, match="is disconnected"):
        connections.resume(removed)


def test_connecting_a_removed_company_brings_its_row_back(
    connections: Connections, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    add(connections, emulator)
    connections.remove(connections.find("1"))

    assert add(connections, emulator) == "1"
    assert connections.find("1").state == "active"


def test_a_check_marks_a_refused_token_and_takes_it_back_when_it_works_again(
    connections: Connections, emulator: Emulator
) -> None:
    company = emulator.add_company("Maison Lumière")
    add(connections, emulator)
    emulator.api.tokens.revoke(emulator.token())

    with pytest.raises(AuthenticationError):
        connections.check(connections.find("1"))
    assert connections.find("1").state == "unauthorized"
    with pytest.raises(ConfigurationError, match="run `pennybridge connect` with a new API token"):
        connections.resume(connections.find("1"))

    emulator.api.tokens.give(emulator.token(), company.id)
    assert connections.check(connections.find("1")).state == "active"


def test_a_token_of_another_company_is_not_taken_for_this_one(
    connections: Connections, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    add(connections, emulator)
    other = emulator.add_company("Maison Ombre")
    emulator.api.tokens.give(emulator.token(), other.id)

    with pytest.raises(ConfigurationError, match="Nothing was changed"):
        connections.check(connections.find("1"))


def test_a_company_that_begins_as_new_is_not_synced_before_it_is_activated(
    connections: Connections, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    token = Secret(emulator.token())
    new, _ = connections.add(token, base_url=emulator.base_url, begin_as="new")

    assert new.state == "new"
    with pytest.raises(ConfigurationError, match="No company is connected and active"):
        connections.to_sync(())
    with pytest.raises(ConfigurationError, match="Activate it on its page"):
        connections.to_sync(["1"])
    with pytest.raises(ConfigurationError, match="is new"):
        connections.pause(new)
    connections.resume(new)
    assert [c.id for c in connections.to_sync(())] == ["1"]


@pytest.mark.parametrize("before", ["new", "active", "paused"])
def test_a_grant_renewed_after_a_refusal_brings_the_state_back(
    connections: Connections, emulator: Emulator, before: str
) -> None:
    """Nobody is synced again, or read for the first time, because a token had to be replaced."""
    emulator.add_company("Maison Lumière")
    token = Secret(emulator.token())
    found, _ = connections.add(token, base_url=emulator.base_url, begin_as="new")
    if before != "new":
        connections.resume(found)
    if before == "paused":
        connections.pause(found)
    emulator.revoke_token(token.reveal())
    with connections.client(found) as client:
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                client.me()
    assert (connections.find("1").state, connections.find("1").problem) == ("unauthorized", "token_refused")
    emulator.give_token(token.reveal(), 1)

    again, _ = connections.add(token, base_url=emulator.base_url, begin_as="new")

    assert (again.state, again.problem) == (before, None)


def test_a_token_replaced_during_the_work_is_followed_and_its_refusal_marks_nothing(
    connections: Connections, emulator: Emulator
) -> None:
    """Else a sync begun with the old one would undo what was authorized again meanwhile."""
    emulator.add_company("Maison Lumière")
    found = connections.find(add(connections, emulator))
    emulator.give_token("second", 1)

    with connections.client(found) as client:
        emulator.revoke_token(emulator.token())
        connections.add(Secret("second"), base_url=emulator.base_url)
        assert client.me().company.name == "Maison Lumière"

    assert connections.find("1").state == "active"


def test_a_disconnected_company_connected_in_the_hub_is_chosen_for_again(
    connections: Connections, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    found = connections.find(add(connections, emulator))
    with connections.client(found) as client:
        connections.remove(found)
        emulator.revoke_token(emulator.token())
        with pytest.raises(ConfigurationError, match="is disconnected"):
            client.me()
    assert connections.find("1").state == "disconnected"
    emulator.give_token(emulator.token(), 1)

    again, is_new = connections.add(Secret(emulator.token()), base_url=emulator.base_url, begin_as="new")

    assert (again.state, is_new) == ("new", False)
