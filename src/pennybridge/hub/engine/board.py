"""What processes tell each other of the syncs: one row per connection, its latest sync, in the hub's state.

A row goes from `waiting` to `running` to `done` or `failed`, each step by one statement that only one process
can win. So a page of one process shows the progress of a sync in another, and no sync starts twice.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from pennybridge.clock import Clock
from pennybridge.hub.engine.schedule import Reason
from pennybridge.hub.engine.sync_state import Outcome, SyncState, from_row
from pennybridge.store.state import Row, StateDatabase, StateTransaction

HAND_OVER_AGAIN = timedelta(minutes=1)
"""A sync that still waits after this is handed to the queue once more: the queue takes it only once."""
BUSY_AGAIN = timedelta(seconds=10)
"""When to try again a company that something outside the hub is syncing."""


class Board:
    """Reads and writes the rows; every method is one transaction."""

    def __init__(self, state: StateDatabase, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def states(self) -> dict[str, SyncState]:
        """The latest sync of every connection that was ever asked for or given an interval."""
        return {row["connection_id"]: from_row(row) for row in self._state.rows("select * from engine_syncs")}

    def state(self, connection_id: str) -> SyncState | None:
        """The latest sync of one connection."""
        rows = self._state.rows("select * from engine_syncs where connection_id = :id", id=connection_id)
        return from_row(rows[0]) if rows else None

    def ask(self, connection_id: str, reason: Reason, full: Sequence[str] = ()) -> bool:
        """Let a connection be synced soon; False if that is under way already.

        One that only waits is moved to the front when a person asks, and what they ask to read whole is added
        to what was asked before; one that runs takes nothing more up.
        """
        now, texts = self._clock(), json.dumps(list(full))
        with self._state.transaction() as transaction:
            if transaction.execute(
                _ASK, id=connection_id, reason=reason, full=texts, now=now, nothing="[]", none="{}"
            ):
                return True
            if reason == "asked":
                transaction.execute(
                    """
                    update engine_syncs set reason = 'asked', hand_over_at = :now, turn = turn + 1,
                        full_resources = case
                            when :full = '[]' then full_resources
                            when full_resources = '[]' then :full
                            else rtrim(full_resources, ']') || ', ' || ltrim(:full, '[')
                        end
                    where connection_id = :id and stage = 'waiting'
                        and (reason <> 'asked' or :full <> '[]')
                    """,
                    id=connection_id,
                    now=now,
                    full=texts,
                )
        return False

    def to_hand_over(self) -> list[SyncState]:
        """Those that wait and have not been handed to the queue, or long ago; noted as handed over now."""
        now = self._clock()
        with self._state.transaction() as transaction:
            rows = transaction.rows(
                "select * from engine_syncs "
                "where stage = 'waiting' and hand_over_at <= :now order by asked_at",
                now=now,
            )
            if rows:
                transaction.execute(
                    "update engine_syncs set hand_over_at = :again "
                    "where stage = 'waiting' and hand_over_at <= :now",
                    now=now,
                    again=now + HAND_OVER_AGAIN,
                )
        return [from_row(row) for row in rows]

    def hand_over_again(self, connection_id: str) -> None:
        """Let a waiting sync be handed to the queue once more, as a process that ends declined it."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_syncs set hand_over_at = :now, turn = turn + 1 "
                "where connection_id = :id and stage = 'waiting'",
                id=connection_id,
                now=self._clock(),
            )

    def begin(self, connection_id: str, worker: str) -> SyncState | None:
        """Take a waiting sync in hand; None if it no longer waits."""
        with self._state.transaction() as transaction:
            taken = transaction.execute(
                """
                update engine_syncs set stage = 'running', started_at = :now, worker = :worker
                where connection_id = :id and stage = 'waiting'
                """,
                id=connection_id,
                now=self._clock(),
                worker=worker,
            )
        return self.state(connection_id) if taken else None

    def note_progress(
        self, connection_id: str, worker: str, resources: Mapping[str, tuple[int, int | None]]
    ) -> None:
        """Write how far a running sync is."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_syncs set progress = :progress "
                "where connection_id = :id and stage = 'running' and worker = :worker",
                id=connection_id,
                worker=worker,
                progress=json.dumps(dict(resources)),
            )

    def end(self, connection_id: str, worker: str, outcome: Outcome) -> None:
        """Write how a sync ended, and count it."""
        is_good = outcome.name == "done"
        with self._state.transaction() as transaction:
            transaction.execute(
                """
                update engine_syncs set stage = :stage, ended_at = :now, full_resources = '[]',
                    good_at = case when :is_good = 1 then :now else good_at end,
                    failures = case when :is_good = 1 then 0 else failures + 1 end,
                    details_left = :details_left, problems = :problems, load_ids = :load_ids,
                    requests = :requests, written = :written
                where connection_id = :id and stage = 'running' and worker = :worker
                """,
                id=connection_id,
                worker=worker,
                now=self._clock(),
                stage=outcome.name,
                is_good=int(is_good),
                details_left=outcome.details_left,
                problems=json.dumps(list(outcome.problems)),
                load_ids=json.dumps(list(outcome.load_ids)),
                requests=outcome.requests,
                written=outcome.written,
            )
            count(
                transaction,
                "sync",
                outcome.name,
                seconds=outcome.seconds,
                requests=outcome.requests,
                written=outcome.written,
            )

    def put_back(self, connection_id: str, worker: str, *, later: timedelta = timedelta(0)) -> None:
        """Let a sync that was begun wait again: it was stopped, or the company is held elsewhere."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_syncs set stage = 'waiting', worker = null, hand_over_at = :at, "
                "turn = turn + 1 where connection_id = :id and stage = 'running' and worker = :worker",
                id=connection_id,
                worker=worker,
                at=self._clock() + later,
            )

    def give_up(self, connection_id: str, problem: str) -> None:
        """Say that a waiting sync will not happen, as of a connection that is no longer active."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_syncs set stage = 'failed', ended_at = :now, problems = :problems, "
                "started_at = coalesce(started_at, :now), full_resources = '[]' "
                "where connection_id = :id and stage = 'waiting'",
                id=connection_id,
                now=self._clock(),
                problems=json.dumps([problem]),
            )

    def take_back_from(self, worker: str) -> int:
        """Let the syncs that a dead worker had in hand wait again; their number."""
        with self._state.transaction() as transaction:
            return transaction.execute(
                "update engine_syncs set stage = 'waiting', worker = null, hand_over_at = :now, "
                "turn = turn + 1 "
                "where stage = 'running' and worker = :worker",
                worker=worker,
                now=self._clock(),
            )

    def set_every(self, connection_id: str, every: timedelta | None) -> None:
        """Give a connection an interval of its own, or the installation's again."""
        with self._state.transaction() as transaction:
            transaction.execute(
                _SET_EVERY,
                id=connection_id,
                seconds=int(every.total_seconds()) if every else None,
                nothing="[]",
                none="{}",
            )

    def totals(self) -> list[Row]:
        """What was done since the beginning: kind, outcome, runs, seconds, requests, written."""
        return self._state.rows("select * from engine_totals order by kind, outcome")


def count(
    transaction: StateTransaction,
    kind: str,
    outcome: str,
    *,
    seconds: float,
    requests: int = 0,
    written: int = 0,
) -> None:
    """Add one run to the totals."""
    transaction.execute(
        """
        insert into engine_totals (kind, outcome, runs, seconds, requests, written)
        values (:kind, :outcome, 1, :seconds, :requests, :written)
        on conflict (kind, outcome) do update set
            runs = engine_totals.runs + 1, seconds = engine_totals.seconds + excluded.seconds,
            requests = engine_totals.requests + excluded.requests,
            written = engine_totals.written + excluded.written
        """,
        kind=kind,
        outcome=outcome,
        seconds=seconds,
        requests=requests,
        written=written,
    )


_ASK = """
    insert into engine_syncs (
        connection_id, stage, turn, reason, full_resources, asked_at, hand_over_at, failures, details_left,
        progress, problems, load_ids, requests, written
    )
    values (:id, 'waiting', 1, :reason, :full, :now, :now, 0, false, :none, :nothing, :nothing, 0, 0)
    on conflict (connection_id) do update set
        stage = 'waiting', turn = engine_syncs.turn + 1, reason = excluded.reason,
        full_resources = excluded.full_resources, asked_at = excluded.asked_at,
        hand_over_at = excluded.hand_over_at, worker = null,
        progress = excluded.progress, problems = excluded.problems
    where engine_syncs.stage not in ('waiting', 'running')
"""

_SET_EVERY = """
    insert into engine_syncs (
        connection_id, every_seconds, stage, turn, reason, full_resources, failures, details_left, progress,
        problems, load_ids, requests, written
    )
    values (:id, :seconds, 'never', 0, 'due', :nothing, 0, false, :none, :nothing, :nothing, 0, 0)
    on conflict (connection_id) do update set every_seconds = excluded.every_seconds
"""
