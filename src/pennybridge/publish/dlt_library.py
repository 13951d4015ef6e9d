"""dlt itself: loaded without its telemetry, its errors told as ours."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pennybridge.errors import ConfigurationError, PennybridgeError, PublishError

_SECRETS = (
    re.compile(r"(://[^\s/:@]*:)[^\s@]+(?=@)"),
    re.compile(r"((?:password|pwd|token|secret|key)['\"]?\s*[=:]\s*['\"]?)[^\s&;,'\"]+", re.IGNORECASE),
)
GO_ON = "What was written before stays; run the same command again to go on."


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
    logging.getLogger().addHandler(logging.NullHandler())  # else drivers print stack traces beside the error
    try:
        import dlt
        import dlt.common.destination
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Publishing there needs a part that is not installed ({error.name}). Nothing was done. "
            "Run: pip install 'pennybridge[publish]'"
        ) from error
    return dlt


def options_of(name: str) -> dict[str, Any]:
    """What dlt is told beside the name of a destination.

    dlt keeps dates in ClickHouse as `Date`, which ends in 2149, and ClickHouse refuses a file with the last
    day of 9999, which says in `receivables.open_amounts` that an amount still stands.
    """
    if name != "clickhouse":
        return {}
    from dlt.destinations.impl.clickhouse.factory import ClickHouseTypeMapper

    class WideDates(ClickHouseTypeMapper):
        sct_to_unbound_dbt = {**ClickHouseTypeMapper.sct_to_unbound_dbt, "date": "Date32"}  # noqa: RUF012 — as there
        dbt_to_sct = {**ClickHouseTypeMapper.dbt_to_sct, "Date32": "date"}  # noqa: RUF012

    return {"type_mapper": WideDates}


@contextmanager
def dlt_errors(where: str, *, then: str = GO_ON) -> Iterator[None]:
    """Errors of dlt, and of whatever works under it, as ours.

    Args:
        where: The destination.
        then: What a person can do when it refuses.
    """
    try:
        yield
    except Exception as error:  # drivers and file systems under dlt raise what they like
        raise _as_ours(error, where, then) from error


def _as_ours(error: Exception, where: str, then: str) -> PennybridgeError:
    from dlt.common.configuration.exceptions import ConfigFieldMissingException
    from dlt.common.destination.exceptions import UnknownDestinationModule
    from dlt.common.exceptions import MissingDependencyException

    causes = list(_causes(error))
    ours = next((each for each in causes if isinstance(each, PennybridgeError)), None)
    if ours:  # the books could not be read
        return ours
    if isinstance(error, UnknownDestinationModule):
        return ConfigurationError(f"dlt knows no destination called {where}. Nothing was done.")
    if isinstance(causes[-1], ConfigFieldMissingException):
        return ConfigurationError(_missing(where, str(causes[-1])))
    if isinstance(causes[-1], (MissingDependencyException, ModuleNotFoundError)):
        return ConfigurationError(f"{where} needs a part that is not installed: {_sentence(causes[-1])}")
    return PublishError(f"{where} refused: {_sentence(causes[-1])} {then}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and so on."""
    while error is not None:
        yield error
        error = error.__cause__


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


def _sentence(error: BaseException) -> str:
    """What an error says, on one line, without the secrets that drivers quote from their addresses.

    >>> print(_sentence(ValueError("invalid dsn: redshift://ada:hush@host/db?token=hush&x=1")))
    invalid dsn: redshift://ada:***@host/db?token=***&x=1.
    """
    text = " ".join(str(error).split()) or type(error).__name__
    text = re.sub(r"(://[^\s/:@]*:)[^\s@]+@", r"\1***@", text)
    text = re.sub(
        r"(?i)((?:password|token|secret|key|pwd)['\"]?\s*[=:]\s*['\"]?)[^\s&;,'\"]+", r"\1***", text
    )
    text = text if len(text) <= 400 else f"{text[:400]}…"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
