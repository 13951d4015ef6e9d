"""Settings come from the environment, once, at the entry point; nothing reads the environment deeper down."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pennybridge.errors import ConfigurationError

PENNYLANE_BASE_URL = "https://app.pennylane.com/api/external/v2"
SYNC_EVERY = timedelta(minutes=15)


@dataclass(frozen=True)
class Settings:
    """Where things are. Made by `load_settings`."""

    home: Path
    """The folder of the database, the hub's state and the sealing key."""
    database_url: str
    """`duckdb:///path` or `postgresql://…`."""
    base_url: str
    """Pennylane's Company API, or an emulator of it, without a trailing slash."""
    api_token: str | None
    """`PENNYLANE_API_TOKEN`, for `connect`; never stored from here."""
    sealing_key: str | None = None
    """`PENNYBRIDGE_KEY`, instead of the key file; several keys separated by commas, the first seals."""
    client_id: str | None = None
    """`PENNYLANE_CLIENT_ID`: how Pennylane knows this installation, for grants by OAuth."""
    client_secret: str | None = None
    oauth_url: str = ""
    """Of Pennylane's OAuth endpoints, without a trailing slash."""
    public_url: str | None = None
    """`PENNYBRIDGE_PUBLIC_URL`: where browsers reach the hub, without a trailing slash."""
    sync_every: timedelta = SYNC_EVERY
    """`PENNYBRIDGE_SYNC_EVERY`: how often the hub syncs a connection that has no interval of its own."""
    syncs_at_once: int = 8
    """`PENNYBRIDGE_SYNCS_AT_ONCE`: most syncs at a time in one process."""
    log_json: bool = False
    """`PENNYBRIDGE_LOG=json`: the hub's log is JSON lines."""
    publish_to: str | None = None
    """`PENNYBRIDGE_PUBLISH_TO`: where the hub publishes after a sync, as on the command line, by spaces."""
    metrics_token: str | None = None
    """`PENNYBRIDGE_METRICS_TOKEN`: what a scraper must bring to read `/metrics`; without it there is none."""

    passphrase: str | None = None
    """`PENNYBRIDGE_PASSPHRASE`, which seals grants in an export; never stored."""

    def __repr__(self) -> str:
        return f"Settings(home={self.home}, base_url={self.base_url!r})"

    @property
    def is_postgresql(self) -> bool:
        """Whether the database is PostgreSQL rather than a DuckDB file."""
        return self.database_url.startswith(("postgresql:", "postgres:"))

    @property
    def state_url(self) -> str:
        """Where the hub's state lives: the same PostgreSQL, or `state.db` beside the DuckDB file."""
        if self.is_postgresql:
            return self.database_url
        return f"sqlite:///{self.duckdb_path.parent / 'state.db'}"

    @property
    def queue_url(self) -> str:
        """Where the durable queue lives: the same PostgreSQL, or `dbos.db` beside the DuckDB file."""
        if self.is_postgresql:
            return self.database_url
        return f"sqlite:///{self.duckdb_path.parent / 'dbos.db'}"

    @property
    def duckdb_path(self) -> Path:
        """The DuckDB file's path."""
        return Path(self.database_url.removeprefix("duckdb:///"))

    @property
    def key_path(self) -> Path:
        """The file that holds the key which seals tokens, readable by its owner only."""
        return self.home / "pennybridge.key"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, all from variables that begin with `PENNYBRIDGE_` or `PENNYLANE_`.

    Raises:
        ConfigurationError: The database URL is neither `duckdb:///…` nor `postgresql://…`, or the public URL
            is none.
    """
    environ = os.environ if environ is None else environ
    home = Path(environ["PENNYBRIDGE_HOME"]) if environ.get("PENNYBRIDGE_HOME") else _default_home()
    url = environ.get("PENNYBRIDGE_DATABASE_URL") or f"duckdb:///{home / 'pennybridge.duckdb'}"
    if url == "duckdb:///" or not url.startswith(("duckdb:///", "postgresql://", "postgres://")):
        found = "it names no file" if url == "duckdb:///" else f"it begins with {url.split('://')[0]!r}"
        raise ConfigurationError(
            "PENNYBRIDGE_DATABASE_URL must be duckdb:///path/to/file.duckdb or postgresql://user@host/name; "
            f"{found}. Nothing was opened."
        )
    base_url = (environ.get("PENNYLANE_BASE_URL") or PENNYLANE_BASE_URL).rstrip("/")
    return Settings(
        home=home,
        database_url=url,
        base_url=base_url,
        api_token=environ.get("PENNYLANE_API_TOKEN") or None,
        sealing_key=environ.get("PENNYBRIDGE_KEY") or None,
        client_id=environ.get("PENNYLANE_CLIENT_ID") or None,
        client_secret=environ.get("PENNYLANE_CLIENT_SECRET") or None,
        oauth_url=(environ.get("PENNYLANE_OAUTH_URL") or _oauth_beside(base_url)).rstrip("/"),
        public_url=_public_url(environ.get("PENNYBRIDGE_PUBLIC_URL") or ""),
        sync_every=parse_interval(environ.get("PENNYBRIDGE_SYNC_EVERY") or "15m"),
        syncs_at_once=_count(environ.get("PENNYBRIDGE_SYNCS_AT_ONCE") or "8"),
        log_json=environ.get("PENNYBRIDGE_LOG") == "json",
        publish_to=environ.get("PENNYBRIDGE_PUBLISH_TO") or None,
        metrics_token=environ.get("PENNYBRIDGE_METRICS_TOKEN") or None,
        passphrase=environ.get("PENNYBRIDGE_PASSPHRASE") or None,
    )


def parse_interval(text: str) -> timedelta:
    """The interval that `90s`, `15m` or `6h` means.

    Raises:
        ConfigurationError: It means none, or less than five seconds or more than a day.
    """
    found = re.fullmatch(r"(\d{1,6})([smh])", text.strip())
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]] if found else 0
    if not 5 <= seconds <= 86_400:
        raise ConfigurationError(
            f"{text!r} is no interval between syncs: write 90s, 15m or 6h, at least 5s and at most 24h. "
            "Nothing was changed."
        )
    return timedelta(seconds=seconds)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise ConfigurationError(
            f"PENNYBRIDGE_SYNCS_AT_ONCE must be a number from 1 to 64, not {text!r}. Nothing was opened."
        )
    return int(text)


def _oauth_beside(base_url: str) -> str:
    """The OAuth endpoints on the host of the API, as at Pennylane."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}/oauth"


def _public_url(text: str) -> str | None:
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise ConfigurationError(
            "PENNYBRIDGE_PUBLIC_URL must be like https://hub.example.org, where browsers reach the hub. "
            "Nothing was opened."
        )
    return text.rstrip("/") or None


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("pennybridge", appauthor=False)
