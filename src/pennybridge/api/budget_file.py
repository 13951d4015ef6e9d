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

_SIZE = 16 * 1024
"""More bytes than a budget ever takes."""
_RESTART = 1.0
"""Seconds by which the machine's two clocks may part before we take it for a restart or a sleep."""


class BudgetFile:
    """The budget kept in one file (POSIX)."""

    naps: float | None = 0.1
    """Seconds after which a waiter looks again at what other processes did."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._decoder = msgspec.msgpack.Decoder(Budget)
        self._encoder = msgspec.msgpack.Encoder()

    @contextmanager
    def open(self) -> Iterator[Budget]:
        """The budget, locked against other processes until the block ends, then written back."""
        import fcntl

        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            budget = self._read()
            yield budget
            encoded = self._encoder.encode(budget)
            os.pwrite(self._file, len(encoded).to_bytes(4) + encoded, 0)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _read(self) -> Budget:
        # The wall clock tells only whether the machine slept or was restarted, which the monotonic clock
        # hides.
        wall = system_clock().timestamp() - time.monotonic()
        content = os.pread(self._file, _SIZE, 0)
        try:
            budget = self._decoder.decode(content[4 : 4 + int.from_bytes(content[:4])])
        except msgspec.DecodeError:
            return Budget(wall=wall)
        return budget if abs(budget.wall - wall) < _RESTART else Budget(wall=wall)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)
