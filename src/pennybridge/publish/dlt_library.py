"""dlt itself: loaded without its telemetry, its errors told as ours."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pennybridge.errors import ConfigurationError, PublishError


def import_dlt() -> Any:
    """The library, with its telemetry off.

    Raises:
        ConfigurationError: It is not installed.
    """
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = (
        "false"  # read when dlt starts; nothing else turns it off early enough
    )
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")  # its warnings speak to authors of pipelines
    os.environ.setdefault(
        "LOAD__DELETE_COMPLETED_JOBS", "true"
    )  # else a copy of every row stays on this disk
    try:
        import dlt
        import dlt.common.destination
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Publishing there needs a part that is not installed ({error.name}). Nothing was done. "
            "Run: pip install 'pennybridge[publish]'"
        ) from error
    return dlt


@contextmanager
def dlt_errors(where: str) -> Iterator[None]:
    """Errors of dlt and of the drivers under it as ours, with what to do."""
    from dlt.common.configuration.exceptions import ConfigFieldMissingException
    from dlt.common.destination.exceptions import UnknownDestinationModule
    from dlt.common.exceptions import DltException, MissingDependencyException

    try:
        yield
    except DltException as error:
        cause = _innermost(error)
        if isinstance(error, UnknownDestinationModule):
            raise ConfigurationError(f"dlt knows no destination called {where}. Nothing was done.") from error
        if isinstance(cause, ConfigFieldMissingException):
            raise ConfigurationError(_missing(where, str(cause))) from error
        if isinstance(cause, (MissingDependencyException, ModuleNotFoundError)):
            raise ConfigurationError(
                f"{where} needs a part that is not installed: {_first_lines(cause)}"
            ) from error
        raise PublishError(
            f"{where} refused: {_first_lines(cause)} What was written before stays; run the same command "
            "again to go on."
        ) from error


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _missing(where: str, text: str) -> str:
    """Which settings dlt looked for, as environment variables.

    >>> tried = "(…, DESTINATION__BIGQUERY__CREDENTIALS__PROJECT_ID) (…, CREDENTIALS__PROJECT_ID)"
    >>> print(_missing("bigquery acme", tried).partition(". ")[0])
    bigquery acme lacks settings of dlt: DESTINATION__BIGQUERY__CREDENTIALS__PROJECT_ID
    """
    kind = where.partition(" ")[0].upper()
    names = re.findall(rf"\bDESTINATION__{kind}__\w+", text) or re.findall(r"\bDESTINATION__\w+", text)
    return (
        f"{where} lacks settings of dlt: {', '.join(dict.fromkeys(names))}. Nothing was done. Set "
        "these environment variables, or write them into .dlt/secrets.toml."
    )


def _first_lines(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 400 else f"{text[:400]}…"
