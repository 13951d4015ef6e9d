"""A worker keeps connections in step: what is due, what was asked for, what fails, what is stopped."""

import io
import logging
import threading
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pennybridge.errors import ConfigurationError
from pennybridge.publish.after_sync import publish_after_sync
from pennybridge.reports.built import built_as_of
from tests.hub.engine.conftest import House


def test_a_new_connection_is_synced_at_once_and_then_on_schedule(house: House) -> None:
    connection = house.connect()
    house.work()

    first = house.ended(connection)
    house.emulator.add_customer("Bout du Monde")
    (fresh,) = house.engine.freshness()
    assert fresh.next_due
    house.clock.now = fresh.next_due
    house.wait(lambda: "Bout du Monde" in house.names())

    assert (first.stage, first.reason, first.written > 0) == ("done", "due", True)
    assert timedelta(0) < fresh.next_due - (first.started_at or fresh.next_due) <= fresh.every
    assert house.names() == {"Cap Horizon", "Bout du Monde"}


def test_one_process_shows_the_sync_of_another(house: House) -> None:
    """Pages read the state database only: a second engine on it sees all."""
    connection = house.connect()
    elsewhere = house.make_engine()
    house.emulator.api.latency = 0.3
    house.work()

    house.wait(lambda: (state := elsewhere.state(connection.id)) and state.resources)
    seen = elsewhere.state(connection.id)
    house.emulator.api.latency = 0
    ended = house.ended(connection)

    assert seen
    assert (seen.stage, seen.worker) == ("running", "worker")
    assert ended.load_ids
    assert set(ended.load_ids) == {
        id_ for (id_,) in house.database.rows("select load_id from pennylane.loads")
    }


def test_asking_again_while_a_sync_is_under_way_changes_nothing(house: House) -> None:
    connection = house.connect()
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(house.engine.ask(connection.id))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.work()
    house.ended(connection)

    assert sorted(answers) == [False] * 7 + [True]
    assert house.syncs_of(connection) == 1


def test_what_a_person_asks_for_goes_before_the_schedule(house: House) -> None:
    connections = [house.connect(f"Company {number}") for number in range(6)]
    for connection in connections:
        assert house.engine.board.ask(connection.id, "due")

    assert not house.engine.ask(connections[-1].id)  # it waits already, and is moved to the front
    house.work(syncs_at_once=1)
    states = [house.ended(connection) for connection in connections]

    assert [state.stage for state in states] == ["done"] * 6
    assert house.synced()[0] == house.token_of(connections[-1])


def test_a_failed_resource_is_said_and_tried_again_a_minute_later(house: House) -> None:
    connection = house.connect()
    house.emulator.fail_next("GET", "/customers*", "retyped_field", times=None, field="name")
    house.work()
    failed = house.ended(connection)

    house.emulator.api.faults.clear()
    house.clock.move(seconds=61)
    house.wait(lambda: (state := house.engine.state(connection.id)) and state.stage == "done")
    mended = house.ended(connection)

    assert (failed.stage, failed.failures) == ("failed", 1)
    assert any(problem.startswith("customers: ") for problem in failed.problems)
    assert (mended.failures, mended.problems) == (0, ())


def test_a_revoked_token_stops_the_schedule_of_that_connection_only(house: House) -> None:
    revoked, other = house.connect("Revoked"), house.connect("Other")
    house.emulator.revoke_token(house.emulator.token(1))
    house.work()
    failed, good = house.ended(revoked), house.ended(other)
    house.clock.move(hours=2)
    house.wait(lambda: house.syncs_of(other) == 2)
    house.ended(other)

    assert (failed.stage, good.stage) == ("failed", "done")
    assert house.connections.find(revoked.id).state == "unauthorized"
    again = house.engine.state(revoked.id)
    assert again
    assert again.asked_at == failed.asked_at


def test_disconnecting_stops_the_sync_under_way(house: House) -> None:
    """What was committed stays; nothing is asked of Pennylane any more."""
    connection = house.connect()
    house.emulator.api.latency = 0.5
    asked = len(house.emulator.requests)
    house.work()
    house.wait(lambda: len(house.emulator.requests) > asked)

    house.connections.remove(connection)
    stopped = house.ended(connection)
    house.clock.move(hours=1)
    house.engine.woken.set()

    assert stopped.stage == "failed"
    assert "the connection is disconnected now" in stopped.problems[0]
    assert house.engine.queue().waiting == 0


def test_pausing_stops_the_sync_under_way_and_resuming_goes_on(house: House) -> None:
    connection = house.connect()
    house.emulator.api.latency = 0.5
    asked = len(house.emulator.requests)
    house.work()
    house.wait(lambda: len(house.emulator.requests) > asked)

    house.connections.pause(connection)
    stopped = house.ended(connection)
    house.emulator.api.latency = 0
    house.clock.move(hours=1)
    house.engine.woken.set()
    house.connections.resume(house.connections.find(connection.id))
    house.wait(lambda: (state := house.engine.state(connection.id)) and state.stage == "done")

    assert stopped.problems == ("Stopped, because the connection is paused now. What was committed stays.",)
    assert house.names() == {"Cap Horizon"}


def test_a_sync_asked_for_a_disconnected_company_says_so(house: House) -> None:
    connection = house.connect()
    house.connections.remove(connection)
    house.engine.ask(connection.id)
    house.work()

    assert house.ended(connection).problems == ("The connection is disconnected.",)
    assert not house.engine.freshness()


def test_a_company_synced_from_the_command_line_is_left_alone_until_that_ends(shared_house: House) -> None:
    """`pennybridge sync` takes the same lock, in its own process."""
    house = shared_house
    connection = house.connect()
    with house.database.company_lock(connection.company_id):
        house.work()
        house.wait(lambda: (state := house.engine.state(connection.id)) and state.turn == 2)
        held = house.engine.state(connection.id)
        assert house.syncs_of(connection) == 0
    house.clock.move(seconds=10)

    assert held
    assert (held.stage, held.problems) == ("waiting", ())
    assert house.ended(connection).stage == "done"


def test_many_syncs_lead_to_one_build(house: House) -> None:
    connections = [house.connect(f"Company {number}") for number in range(5)]
    house.work()
    for connection in connections:
        house.ended(connection)
    house.wait(lambda: (build := house.engine.queue().build) and build.ended_at)
    house.clock.move(seconds=1)
    built = house.database.rows("select count(*) from billing.customers")

    totals = {(row["kind"], row["outcome"]): row["runs"] for row in house.engine.board.totals()}
    assert built == [(5,)]
    assert totals["sync", "done"] == 5
    assert totals["build", "done"] <= 2


def test_books_without_figures_get_them_when_a_worker_starts(house: House) -> None:
    """After an upgrade that changed the models, nobody should have to wait for the next change."""
    connection = house.connect()
    worker = house.work()
    house.ended(connection)
    house.wait(lambda: built_as_of(house.database) is not None)
    worker.close()
    with house.database.transaction() as transaction:
        transaction.execute("update build.state set value = 'another version' where name = 'models'")
    assert built_as_of(house.database) is None

    house.work()

    house.wait(lambda: built_as_of(house.database) is not None)


def test_destinations_follow_each_sync_that_wrote_something(house: House, tmp_path: Path) -> None:
    """Also what no model reads, as quotes and contacts."""
    connection = house.connect()
    warehouse = tmp_path / "warehouse.duckdb"

    def publish() -> None:
        publish_after_sync(house.database, f"duckdb:///{warehouse}", home=tmp_path)

    house.work(publishes=publish)
    house.ended(connection)
    house.wait(lambda: (done := house.engine.queue().publish) and done.ended_at)

    ended = house.engine.queue().publish
    assert ended
    assert ended.problem is None
    with duckdb.connect(str(warehouse), read_only=True) as published:
        assert published.sql("select name from pennybridge.pennylane_customers").fetchall() == [
            ("Cap Horizon",)
        ]

    house.engine.chores.want("build")  # as a sync does that wrote quotes only
    house.wait(lambda: (again := house.engine.queue().publish) and again.turn == ended.turn + 1)


def test_a_new_interval_takes_effect_at_once(house: House) -> None:
    connection = house.connect()
    house.work()
    house.ended(connection)

    house.engine.set_interval(connection.id, timedelta(seconds=30))
    house.clock.move(seconds=31)
    house.wait(lambda: house.syncs_of(connection) == 2)

    assert house.engine.interval(connection.id) == timedelta(seconds=30)
    house.engine.set_interval(connection.id, None)
    assert house.engine.interval(connection.id) == timedelta(minutes=15)


def test_resources_asked_for_whole_are_read_whole(house: House) -> None:
    connection = house.connect()
    house.work()
    house.ended(connection)
    house.clock.move(seconds=1)

    house.engine.ask(connection.id, full=["customers"])
    ended = house.ended(connection)

    sql = "select kind from pennylane.loads where resource = 'customers' order by started_at"
    assert (ended.reason, ended.full) == ("asked", ())
    assert house.database.rows(sql) == [("full",), ("full",)]


@pytest.mark.parametrize("where", ["house", "shared_house"])
def test_what_is_asked_for_whole_while_a_sync_waits_is_added(
    request: pytest.FixtureRequest, where: str
) -> None:
    house: House = request.getfixturevalue(where)
    connection = house.connect()

    for full in (["customers"], [], ["products", "quotes"], ["customers"]):
        house.engine.ask(connection.id, full)

    state = house.engine.state(connection.id)
    assert state
    assert state.full == ("customers", "products", "quotes")


def test_a_closed_worker_leaves_its_sync_to_the_next(house: House) -> None:
    """It ends at the next request, long before the sync would be over; another goes on at once."""
    connection = house.connect()
    house.emulator.api.latency = 0.4
    worker = house.work("first")
    house.wait(lambda: (state := house.engine.state(connection.id)) and state.stage == "running")

    worker.close()
    left = house.engine.state(connection.id)
    house.emulator.api.latency = 0
    house.work("second")
    ended = house.ended(connection)

    assert left
    assert (left.stage, left.worker, left.problems) == ("waiting", None, ())
    assert (ended.stage, ended.worker) == ("done", "second")
    assert not house.database.rows("select 1 from pennylane.loads where status = 'running'")


def test_a_worker_holds_on_to_no_standard_error_that_may_be_closed_before_the_next_starts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = house.connect()
    with io.StringIO() as error, monkeypatch.context() as patch:
        patch.setattr("sys.stderr", error)
        house.work()
        house.ended(connection)

    kept = logging.getLogger("dbos").handlers
    assert not [each for each in kept if isinstance(each, logging.StreamHandler)]


def test_two_workers_alive_cannot_share_a_name(house: House) -> None:
    house.work("one")

    with pytest.raises(ConfigurationError, match="A worker called one is alive"):
        house.make_engine().workers.enter("one")
