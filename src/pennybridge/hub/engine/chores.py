"""What is due beside the syncs: building the models once for many syncs, and upkeep once an hour.

A chore is one row: wanted since, running since, ended at. What is wanted while it runs makes it run again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pennybridge.clock import Clock
from pennybridge.hub.engine.board import HAND_OVER_AGAIN, count
from pennybridge.store.state import Row, StateDatabase

ChoreName = Literal["build", "publish", "upkeep"]
"""`build`: the models follow the landing tables; `publish`: destinations follow the models; `upkeep`: grants
are kept alive, old runs forgotten."""

UPKEEP_EVERY = timedelta(hours=1)
PUBLISH_AGAIN_AFTER = timedelta(minutes=15)
BUILD_PATIENCE = timedelta(minutes=1)
"""A build waits for syncs under way, so that one build serves many; no longer than this."""


@dataclass(frozen=True)
class ChoreState:
    """The latest run of a chore."""

    name: str
    turn: int
    """How often it was wanted, which tells one run in the queue from the next."""
    wanted_at: datetime | None
    """Since when another run is wanted."""
    started_at: datetime | None
    ended_at: datetime | None
    problem: str | None
    about: str | None
    """For a build, the day that the models speak for."""

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self.started_at is not None and self.ended_at is None


class Chores:
    """Reads and writes the rows; every method is one transaction."""

    def __init__(self, state: StateDatabase, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def known(self) -> dict[str, ChoreState]:
        """Every chore that was ever wanted."""
        return {row["name"]: _chore(row) for row in self._state.rows("select * from engine_chores")}

    def want(self, name: ChoreName) -> None:
        """Let a chore run soon, once for all who want it until then."""
        with self._state.transaction() as transaction:
            transaction.execute(
                """
                insert into engine_chores (name, turn, wanted_at, hand_over_at) values (:name, 1, :now, :now)
                on conflict (name) do update set
                    turn = engine_chores.turn + case when engine_chores.wanted_at is null then 1 else 0 end,
                    wanted_at = coalesce(engine_chores.wanted_at, excluded.wanted_at),
                    hand_over_at = case when engine_chores.wanted_at is null then excluded.hand_over_at
                        else engine_chores.hand_over_at end
                """,
                name=name,
                now=self._clock(),
            )

    def want_what_is_due(self, today: str) -> None:
        """Want upkeep once an hour, a build when the models' day is over, what failed to be published."""
        known, now = self.known(), self._clock()
        upkeep, build, published = known.get("upkeep"), known.get("build"), known.get("publish")
        if upkeep is None or (
            upkeep.wanted_at is None and upkeep.started_at and now - upkeep.started_at >= UPKEEP_EVERY
        ):
            self.want("upkeep")
        if build and build.about and build.about != today and build.wanted_at is None:
            self.want("build")
        has_failed = published and published.problem and published.wanted_at is None
        if published and has_failed and now - (published.ended_at or now) >= PUBLISH_AGAIN_AFTER:
            self.want("publish")

    def hand_over(self, name: ChoreName, *, is_quiet: bool) -> ChoreState | None:
        """The chore, if it is to be handed to the queue now; it is then noted as handed over.

        Args:
            name: The chore.
            is_quiet: Whether no sync is under way; a build waits for that, up to `BUILD_PATIENCE`.
        """
        now = self._clock()
        wanted_before = now if is_quiet or name != "build" else now - BUILD_PATIENCE
        with self._state.transaction() as transaction:
            due = transaction.execute(
                f"update engine_chores set hand_over_at = :again where name = :name and {_WAITS} "  # noqa: S608 — a condition of ours
                "and wanted_at <= :wanted_before and hand_over_at <= :now",
                name=name,
                now=now,
                again=now + HAND_OVER_AGAIN,
                wanted_before=wanted_before,
            )
        return self.known()[name] if due else None

    def begin(self, name: ChoreName, worker: str) -> bool:
        """Take a chore in hand; False if nobody wants it any more, or it runs already."""
        with self._state.transaction() as transaction:
            return bool(
                transaction.execute(
                    "update engine_chores set started_at = :now, ended_at = null, wanted_at = null, "  # noqa: S608 — a condition of ours
                    f"worker = :worker where name = :name and {_WAITS}",
                    name=name,
                    worker=worker,
                    now=self._clock(),
                )
            )

    def end(
        self, name: ChoreName, worker: str, *, seconds: float, problem: str | None, about: str | None = None
    ) -> None:
        """Write how a chore ended, and count it."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_chores set ended_at = :now, problem = :problem, "
                "about = coalesce(:about, about) where name = :name and worker = :worker",
                name=name,
                worker=worker,
                now=self._clock(),
                problem=problem,
                about=about,
            )
            count(transaction, name, "failed" if problem else "done", seconds=seconds)

    def take_back_from(self, worker: str) -> None:
        """Let the chores that a dead worker had in hand wait again."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_chores set ended_at = :now, wanted_at = :now, hand_over_at = :now, "
                "turn = turn + 1 where worker = :worker and started_at is not null and ended_at is null",
                worker=worker,
                now=self._clock(),
            )


_WAITS = "wanted_at is not null and (started_at is null or ended_at is not null)"


def _chore(row: Row) -> ChoreState:
    return ChoreState(
        row["name"],
        row["turn"],
        row["wanted_at"],
        row["started_at"],
        row["ended_at"],
        row["problem"],
        row["about"],
    )
