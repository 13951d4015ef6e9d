"""Runs stylesheets in one long-lived child process, and says so when it cannot: no silent skips."""

import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from pennybridge.errors import StylesheetError
from pennybridge.invoicing.stylesheet_worker import read_message, write_message

_ANSWER_WITHIN = 60.0  # seconds; the largest file of our corpus takes under one


class StylesheetRunner:
    """The child process: started at the first run, again after it died, ended by `close` or a `with`.

    Several threads may share one runner: one request is under way at a time.
    """

    def __init__(self, *, answer_within: float = _ANSWER_WITHIN) -> None:
        self._answer_within = answer_within
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, stylesheet: Path, xml: str) -> str:
        """What the stylesheet makes of the document.

        Raises:
            StylesheetError: Saxon failed, died or took too long; the next run has a new child.
        """
        with self._lock:
            answer = self._ask(msgspec.msgpack.encode((str(stylesheet), xml)))
        if answer is None:
            raise StylesheetError(f"the process that runs {stylesheet.name} died or took too long")
        result, error = msgspec.msgpack.decode(answer, type=tuple[str, str])
        if error:
            raise StylesheetError(f"{stylesheet.name} could not be run: {error}")
        return result

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        for stream in (child.stdin, child.stdout):
            _close(stream)
        child.kill()
        child.wait()

    def _ask(self, request: bytes) -> bytes | None:
        child = self._started()
        if child.stdin is None or child.stdout is None:
            return None
        watchdog = threading.Timer(self._answer_within, child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            write_message(child.stdin, request)
            answer = read_message(child.stdout)
        except OSError:
            answer = None
        finally:
            watchdog.cancel()
        if answer is None:
            self.close()
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "pennybridge.invoicing.stylesheet_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._child


def _close(stream: IO[bytes] | None) -> None:
    try:
        if stream is not None:
            stream.close()
    except OSError:  # bytes that a dead child will not take
        return
