"""A budget in a small file, so that every process on the machine that uses a token keeps the same pace.

The file is read, changed and written under a lock that the kernel drops when its holder dies; what a dead
process had under way is forgotten after ten seconds.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pennybridge.api.budget import Budget
from pennybridge.clock import system_clock
from pennybridge.errors import ConfigurationError

_SIZE = 16 * 1024
"""More bytes than a budget ever takes."""
_RESTART = 1.0
"""Seconds by which the machine's two clocks may part before we take it for a restart or a sleep."""


class BudgetFile:
    """The budget kept in one file (POSIX)."""

    naps: float | None = 0.1
    """Seconds after which a waiter looks again at what other processes did."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoder = msgspec.msgpack.Decoder(Budget)
        self._encoder = msgspec.msgpack.Encoder()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.open():
                pass
        except OSError as error:
            raise ConfigurationError(
                f"The pace of requests cannot be kept in {path.parent}: {error.strerror}. Nothing was sent."
            ) from error

    @contextmanager
    def open(self) -> Iterator[Budget]:
        """The budget, locked against everybody else until the block ends, then written back."""
        import fcntl

        # Opened each time: a lock belongs to the opened file, which a process that forks would share.
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            budget = self._read(file)
            yield budget
            encoded = self._encoder.encode(budget)
            os.pwrite(file, len(encoded).to_bytes(4) + encoded, 0)
        finally:
            os.close(file)

    def _read(self, file: int) -> Budget:
        # The wall clock says only whether the machine slept or was restarted; the monotonic one hides it.
        wall = system_clock().timestamp() - time.monotonic()
        content = os.pread(file, _SIZE, 0)
        try:
            budget = self._decoder.decode(content[4 : 4 + int.from_bytes(content[:4])])
        except msgspec.DecodeError:
            return Budget(wall=wall)
        return budget if abs(budget.wall - wall) < _RESTART else Budget(wall=wall)
