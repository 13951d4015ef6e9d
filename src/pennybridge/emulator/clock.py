"""The emulator's own time: it runs, stands still, or is set, whatever the machine's clock says."""

from datetime import datetime, timedelta

from pennybridge.clock import system_clock


class EmulatorClock:
    """An aware UTC instant that runs from a given start, unless it is frozen.

    Rate-limit windows never follow it (they are wall-clock time); change events, retention and due dates do.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        started = system_clock()
        self._offset = (start or started) - started
        self._frozen_at: datetime | None = (start or started) if frozen else None

    def __call__(self) -> datetime:
        """The emulator's instant."""
        return self._frozen_at if self._frozen_at is not None else system_clock() + self._offset

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen_at is not None

    def freeze(self) -> None:
        """Stand still from now on."""
        self._frozen_at = self()

    def run(self) -> None:
        """Run again, from the instant it stands at."""
        self._offset = self() - system_clock()
        self._frozen_at = None

    def set(self, instant: datetime) -> None:
        """Jump to an instant, forwards or backwards; running or frozen as before."""
        self._offset = instant - system_clock()
        if self._frozen_at is not None:
            self._frozen_at = instant

    def move(self, by: timedelta) -> None:
        """Jump by a span."""
        self.set(self() + by)
