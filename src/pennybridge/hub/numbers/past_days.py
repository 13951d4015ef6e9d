"""Models of past days, made in the background and kept while they are asked for, at most a few of them."""

import tempfile
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pennybridge.errors import PennybridgeError
from pennybridge.store import Database

MOST = 4
"""Days kept or waited for; the one not asked for longest makes room."""


@dataclass
class PastDay:
    """One company's models as of a day: under way, ready, or failed with a problem."""

    company_id: int
    day: date
    version: str
    """The build of the present day when these were asked for: they know no document that it does not."""
    done: int = 0
    total: int = 0
    database: Database | None = None
    problem: str | None = None
    work: "Future[None] | None" = field(default=None, repr=False)


class PastDays:
    """Makes past days one after the other; usable from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._days: OrderedDict[tuple[int, date], PastDay] = OrderedDict()
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="past-day")
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def ready(self, company_id: int, day: date) -> PastDay | None:
        """The models of a day if they are there already, whichever build they were asked for after."""
        found = self._days.get((company_id, day))
        return found if found and found.database else None

    def ask(self, company_id: int, day: date, version: str) -> PastDay:
        """The models of a day as the present build knows the books; they are begun if they are not there."""
        key = (company_id, day)
        with self._lock:
            found = self._days.get(key)
            if found is None or (found.version != version and (found.database or found.problem)):
                found = self._days[key] = PastDay(company_id, day, version)
                found.work = self._thread.submit(self._make, found)
            self._days.move_to_end(key)
            self._make_room()
            return found

    def close(self) -> None:
        """Begin nothing more, wait for what is under way, and remove all of it."""
        self._thread.shutdown(cancel_futures=True)
        for each in self._days.values():
            if each.database:
                each.database.close()
        if self._folder:
            self._folder.cleanup()

    def _make_room(self) -> None:
        """Let go of the oldest; a reader who has it open still reads it to the end."""
        while len(self._days) > MOST:
            _, oldest = self._days.popitem(last=False)
            if oldest.work:
                oldest.work.cancel()

    def _make(self, wanted: PastDay) -> None:
        try:
            wanted.database = self._built(wanted)
        except PennybridgeError as error:
            wanted.problem = str(error)
        except Exception as error:  # noqa: BLE001 — the page must not wait for ever
            wanted.problem = (
                f"The figures could not be made: a fault of Pennybridge ({type(error).__name__})."
            )

    def _built(self, wanted: PastDay) -> Database:
        from pennybridge.models.build import steps
        from pennybridge.models.past_day import build_past_day
        from pennybridge.store import open_database

        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="pennybridge-past-days-")
        wanted.total = steps()
        file = Path(self._folder.name) / f"{wanted.company_id}-{wanted.day}-{wanted.version}.duckdb"
        file.unlink(missing_ok=True)
        made = open_database(f"duckdb:///{file}")

        def count(_: str) -> None:
            wanted.done = min(wanted.done + 1, wanted.total)

        try:
            build_past_day(
                self._database, made, company_id=wanted.company_id, as_of=wanted.day, progress=count
            )
        except BaseException:
            made.close()
            raise
        finally:
            # Open files stay readable; with the last reader they are gone.
            file.unlink(missing_ok=True)
        return made
