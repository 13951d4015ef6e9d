"""What commands work on, built from the settings when first asked for, and closed when the command ends."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from pennybridge.clock import Clock, system_clock
from pennybridge.settings import Settings, load_settings

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.api.oauth import Application
    from pennybridge.connections.authorizations import Authorizations
    from pennybridge.connections.connection import Connections
    from pennybridge.connections.tokens import Vault
    from pennybridge.hub.engine.engine import Engine
    from pennybridge.invoicing.submissions import Submissions
    from pennybridge.store import Database
    from pennybridge.store.state import StateDatabase


class Workspace:
    """The one place where a command's parts are put together; a block that ends closes what it opened."""

    def __init__(self, settings: Settings | None = None, clock: Clock = system_clock) -> None:
        self.settings = settings or load_settings()
        self.clock = clock
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def database(self, *, read_only: bool = False) -> "Database":
        """The books; opened at each call, so a command asks once."""
        from pennybridge.store import open_database

        if not read_only and not self.settings.is_postgresql:
            self.settings.duckdb_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = open_database(
            self.settings.database_url, read_only=read_only, clock=self.clock, tell=_tell
        )
        return self._open.enter_context(database)

    @cached_property
    def state(self) -> "StateDatabase":
        """The hub's own state: connections, submissions."""
        from pennybridge.store.state import open_state

        return self._open.enter_context(open_state(self.settings.state_url, tell=_tell))

    @cached_property
    def connections(self) -> "Connections":
        """The connections, with the vault that seals their tokens."""
        from pennybridge.connections.connection import Connections

        return Connections(
            self.state,
            vault=self.vault,
            clock=self.clock,
            pace_folder=self.settings.home / "pace",
            application=self._application,
        )

    def authorizations(self, public_url: str) -> "Authorizations":
        """Consents by OAuth, for a hub that browsers reach at this address."""
        from pennybridge.connections.authorizations import Authorizations

        return Authorizations(
            self.state,
            self.connections,
            vault=self.vault,
            clock=self.clock,
            application=self._application,
            base_url=self.settings.base_url,
            redirect_uri=f"{public_url}/oauth/callback",
        )

    @cached_property
    def vault(self) -> "Vault":
        """Seals grants, and opens them."""
        from pennybridge.connections.tokens import Vault

        return Vault(self.settings.key_path, self.settings.sealing_key)

    @cached_property
    def _application(self) -> "Application | None":
        """How Pennylane knows this installation, if the settings say so."""
        from pennybridge.api.oauth import Application
        from pennybridge.api.secret import Secret

        known = self.settings
        if known.client_id is None or known.client_secret is None:
            return None
        return Application(known.client_id, Secret(known.client_secret), known.oauth_url)

    @cached_property
    def engine(self) -> "Engine":
        """The schedule of syncs, as pages and commands see it."""
        from pennybridge.hub.engine.engine import Engine

        return Engine(
            state=self.state,
            connections=self.connections,
            clock=self.clock,
            every=self.settings.sync_every,
        )

    @contextmanager
    def client_of(self, connection: str | None) -> "Iterator[tuple[Client, Submissions]]":
        """A client of the company for the block, and its journal of submissions.

        Raises:
            ConfigurationError: No connection is meant, none was named of several, or it is not active.
        """
        from pennybridge.invoicing.submissions import Submissions

        chosen = self.connections.to_sync([connection] if connection else [])
        if len(chosen) > 1:
            self.company_id(connection)  # which says that one must be named
        with self.connections.client(chosen[0]) as client:
            yield client, Submissions(self.state, chosen[0].company_id, clock=self.clock)

    def company_id(self, connection: str | None) -> int:
        """The company that a connection speaks for, or the only one connected.

        Raises:
            ConfigurationError: No connection is meant, or none was named and there is not exactly one.
        """
        from pennybridge.errors import ConfigurationError

        if connection is not None:
            return self.connections.find(connection).company_id
        companies = {known.company_id: known.name for known in self.connections.known()}
        if len(companies) == 1:
            return next(iter(companies))
        if not companies:
            raise ConfigurationError("No company is connected yet. Run `pennybridge connect` first.")
        raise ConfigurationError(
            f"Say which company with --connection; there are: {', '.join(companies.values())}."
        )


def _tell(text: str) -> None:
    click.echo(text, err=True)
