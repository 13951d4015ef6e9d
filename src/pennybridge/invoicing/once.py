"""A write that must happen once, though Pennylane has no idempotency key: look, send, look again.

What the answer leaves open is settled by a look-up of our own key. Only if that finds nothing is the write
sent again; should both arrive after all, the second is refused, because the key is unique at Pennylane
(observed: 422 `External reference has already been taken`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pennybridge.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitError,
    RejectedError,
    ScopeError,
    TransportError,
)

T = TypeVar("T")

_REFUSALS = (AuthenticationError, NotFoundError, RateLimitError, RejectedError, ScopeError)


@dataclass(frozen=True)
class Patience:
    """How long an unclear outcome is followed up."""

    waits: tuple[float, ...] = (1.0, 4.0)
    """Seconds before each further look and attempt: what was sent may still be at work."""
    sleep: Callable[[float], None] = time.sleep


def was_refused(error: ApiError) -> bool:
    """Whether a write that ended so surely changed nothing."""
    return isinstance(error, _REFUSALS) or (isinstance(error, TransportError) and not error.sent)


def write_once(
    send: Callable[[], T],
    look: Callable[[ApiError | None], T | None],
    *,
    look_first: bool,
    patience: Patience,
    may_repeat: bool = True,
) -> tuple[T, bool]:
    """What was written, and whether it was there before.

    Args:
        send: Sends the write; gives what it made.
        look: Finds what the write makes by a key of ours, if it is there; told the error that came.
        look_first: Whether it may be there already.
        patience: How long to follow up an unclear outcome.
        may_repeat: Whether Pennylane refuses a second one, so that sending again is safe.

    Raises:
        ApiError: It was refused, or nothing could be looked up before; nothing was written.
        OutcomeUnknownError: Neither the answer nor look-ups told; it may have been written.
    """
    if look_first and (found := look(None)) is not None:
        return found, True
    for wait in (*patience.waits, None):
        try:
            return send(), False
        except ApiError as error:
            if was_refused(error):
                found = (
                    look(error) if isinstance(error, RejectedError) and error.status in {409, 422} else None
                )
                if found is None:
                    raise
                return found, True
            found = _look_after(error, look, wait, patience)
            if found is not None:
                return found, False
            if wait is None or not may_repeat:
                raise _unknown(error) from error
    raise AssertionError("the last attempt returns or raises")


def _look_after(
    error: ApiError, look: Callable[[ApiError | None], T | None], wait: float | None, patience: Patience
) -> T | None:
    """What an unclear write made, looked for at once and, if there is still time, again after a while."""
    try:
        found = look(error)
        if found is None and wait is not None:
            patience.sleep(wait)
            found = look(error)
    except ApiError:
        raise _unknown(error) from error
    return found


def _unknown(error: ApiError) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{error} Whether it was carried out is not known. Run the same command again: it looks first."
    )


def is_passing(error: Exception | None) -> bool:
    """Whether the same write may well be taken another time: 409 speaks of the moment, 422 of the content."""
    if isinstance(error, RejectedError):
        return error.status == 409
    return error is not None and not isinstance(error, NotFoundError)


def stops_everything(error: Exception) -> bool:
    """Whether the writes that follow would fail for the same reason."""
    return isinstance(error, (AuthenticationError, ScopeError, ConfigurationError))
