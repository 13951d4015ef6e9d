"""The durable queue: what was handed over is run once, by one of the workers, and again if that worker dies.

The only file that imports DBOS, which takes a second: pages and commands that only look never do.
A run handed over says no more than which connection to sync or which chore to do; whether that still waits to
be done is asked of the hub's state when it begins, so a run too many does nothing.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from dbos import DBOS, DBOSConfig, Queue, SetEnqueueOptions
from dbos import error as dbos_error

APPLICATION_VERSION = "1"
"""Of what is written in the queue, not of the program: a new release goes on with the old one's runs."""
POLL_SECONDS = 0.25
"""How often a worker looks for work; a person who asked for a sync waits for it."""
CONNECTIONS = 4
"""Database connections of the queue in each worker."""
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_FORGOTTEN_AT_ONCE = 1000

# Finding no handler, DBOS would add one on what is standard error at that moment, and flush it at each start:
# once that is closed, no queue could be opened any more in this process.
logging.getLogger("dbos").addHandler(logging.NullHandler())


class DurableQueue:
    """This process's part of the queue; there can be one at a time."""

    def __init__(
        self,
        url: str,
        *,
        worker: str,
        syncs_at_once: int,
        run_sync: Callable[[str], None],
        run_chore: Callable[[str], None],
    ) -> None:
        """Open the queue, take up what this worker left when it was killed, and begin to work.

        Args:
            url: `sqlite:///path/to/queue.db` or `postgresql://…`; tables are made there.
            worker: The worker's name, which nobody else alive has.
            syncs_at_once: Most syncs in one worker; of workers that differ, the last one to start decides.
            run_sync: Called with a connection's number.
            run_chore: Called with a chore's name.
        """
        DBOS(config=_config(url, worker))

        @DBOS.workflow(name="sync")
        def sync(connection_id: str) -> None:
            run_sync(connection_id)

        @DBOS.workflow(name="chore")
        def chore(name: str) -> None:
            run_chore(name)

        self._worker, self._sync, self._chore = worker, sync, chore
        try:
            DBOS.launch()
            self._syncs = _queue("syncs", syncs_at_once)
            self._chores = _queue("chores", 1, everywhere=1)
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            raise

    def hand_over_sync(self, connection_id: str, *, turn: int, priority: int) -> None:
        """Let some worker sync a connection, lowest priority first; each turn is taken once."""
        _enqueue(self._syncs, self._sync, connection_id, turn, priority)

    def hand_over_chore(self, name: str, *, turn: int) -> None:
        """Let some worker do a chore, one at a time among all workers; each turn is taken once."""
        _enqueue(self._chores, self._chore, name, turn, 1)

    def take_over(self, worker: str) -> int:
        """Put what a dead worker had in hand back into the queue; the number of runs."""
        return len(DBOS._recover_pending_workflows([worker]))  # noqa: SLF001 — what DBOS's own conductor calls

    def forget(self, *, older_than_seconds: float) -> int:
        """Delete the record of runs that ended so long ago; their number."""
        before = (time.time() - older_than_seconds) * 1000
        ended = DBOS.list_workflows(
            status=ENDED, limit=_FORGOTTEN_AT_ONCE, load_input=False, load_output=False
        )
        old = [run.workflow_id for run in ended if (run.updated_at or before) < before]
        if old:
            DBOS.delete_workflows(old)
        return len(old)

    def close(self, *, until: float) -> bool:
        """Let go of the queue; False if some run did not end before that instant of the monotonic clock."""
        try:
            while (is_busy := bool(self._under_way())) and time.monotonic() < until:
                time.sleep(0.02)
        finally:
            DBOS.destroy(destroy_registry=True)
        return not is_busy

    def _under_way(self) -> list[object]:
        return list(
            DBOS.list_workflows(
                status="PENDING", executor_id=self._worker, limit=1, load_input=False, load_output=False
            )
        )


def _config(url: str, worker: str) -> DBOSConfig:
    return {
        "name": "pennybridge",
        "system_database_url": url,
        "dbos_system_schema": "dbos",
        "executor_id": worker,
        "application_version": APPLICATION_VERSION,
        "sys_db_pool_size": CONNECTIONS,
        "log_level": "WARNING",
        "enable_otlp": False,
    }


def _queue(name: str, in_one_worker: int, *, everywhere: int | None = None) -> Queue:
    return DBOS.register_queue(
        name,
        worker_concurrency=in_one_worker,
        global_concurrency=everywhere,
        polling_interval_sec=POLL_SECONDS,
        on_conflict="always_update",
    )


def _enqueue(queue: Queue, work: Callable[[str], None], what: str, turn: int, priority: int) -> None:
    """Put a run into the queue, unless the same one is there or under way."""
    options = SetEnqueueOptions(deduplication_id=f"{what}:{turn}", priority=priority)
    with suppress(dbos_error.DBOSQueueDeduplicatedError), options:
        queue.enqueue(work, what)
