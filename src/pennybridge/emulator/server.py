"""Starting the emulator: in a thread for tests and demos, or as a process of its own (`run`)."""

import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pennybridge.emulator.access import DEFAULT_TOKEN
from pennybridge.emulator.additions import Additions
from pennybridge.emulator.app import EmulatedApi, create_app
from pennybridge.emulator.books import Books
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.consent import approve_url
from pennybridge.emulator.contract import PREFIX
from pennybridge.emulator.control import control_routes
from pennybridge.emulator.face import face_routes
from pennybridge.emulator.faults import Fault, Kind
from pennybridge.emulator.life import live
from pennybridge.emulator.oauth import DEFAULT_CLIENT, Grant, OAuthClient
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.rate_limit import RateLimit
from pennybridge.emulator.request_log import LoggedRequest

_IDLE_SECONDS = 75
"""How long an idle connection stays open, as with nginx; of Pennylane's servers it is not known.

At uvicorn's own 5 s a client that pauses can write on a connection just as it is closed.
"""


class _Protocol(H11Protocol):
    """HTTP as uvicorn speaks it, but a request can close its own connection: that is how faults cut it."""

    def __init__(
        self, config: uvicorn.Config, server_state: Any, app_state: dict[str, Any], _loop: Any = None
    ) -> None:
        super().__init__(config, server_state, {**app_state, "protocol": self}, _loop)


def _listening_socket(host: str, port: int) -> socket.socket:
    # The protocol is named: only then does asyncio switch Nagle's algorithm off, which costs 40 ms an answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(128)
    return listening


class Emulator(Additions):
    """A running emulator: `with Emulator() as emulator: …`, then real HTTP at `emulator.base_url`.

    It begins without companies: `emulator.books.add_company("Acme")`, or `fill=` one of the seeds;
    `add_customer` and its sisters make a first one by themselves.

    Args:
        start: The emulator's instant to begin with; now by default.
        frozen: Whether its clock stands still until it is moved.
        seed: Everything random follows from it.
        rate_limit: Whether to refuse what exceeds 25 requests per 5 s.
        check_contract: Hold every answer against the contract; what fails is answered 500 and kept in
            `defects`.
        latency: Seconds before each answer.
        lag: Mean seconds from a change to its event.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        path: A file for very large books, which must not exist; memory by default.
    """

    def __init__(
        self,
        *,
        start: datetime | None = None,
        frozen: bool = True,
        seed: int = 1,
        rate_limit: bool = False,
        check_contract: bool = True,
        latency: float = 0.0,
        lag: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        path: Path | None = None,
    ) -> None:
        self._make_clock = partial(EmulatorClock, start, frozen=frozen)
        self._make_books = partial(Books, seed=seed, lag=lag, path=path, lives=(live,))
        self._defaults: dict[str, Any] = {"rate_limit": rate_limit, "latency": latency}
        self.clock = self._make_clock()
        self.api = EmulatedApi(
            self._make_books(self.clock),
            rate_limit=RateLimit(enabled=rate_limit),
            check_contract=check_contract,
            latency=latency,
        )
        self._check_contract = check_contract
        self._socket = _listening_socket(host, port)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        app = create_app(self.api, [*face_routes(self), *control_routes(self)])
        config = uvicorn.Config(
            app,
            http=_Protocol,
            timeout_keep_alive=_IDLE_SECONDS,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="emulator", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.api.webhooks.forget()
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()
        self._socket.close()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host, port = self._socket.getsockname()
        return f"http://{host}:{port}"

    @property
    def base_url(self) -> str:
        """What a client needs: the API's base URL."""
        return self.origin + PREFIX

    @property
    def books(self) -> Books:
        """All state; `books.add_company`, `insert`, `update`, `delete`."""
        return self.api.books

    @property
    def requests(self) -> list[LoggedRequest]:
        """What was asked since the start or the last reset, oldest first."""
        return list(self.api.log.recent)

    @property
    def outbox(self) -> list[Mail]:
        """Mails that would have been sent, oldest first; clear it as you like."""
        return self.books.outbox

    @property
    def defects(self) -> list[Exception]:
        """What went wrong inside the emulator, answers outside the contract among it; must stay empty."""
        return self.api.defects

    def token(self, number: int = 1) -> str:
        """The API token of the company with this number."""
        return f"{DEFAULT_TOKEN}{number}"

    def give_token(self, token: str, number: int = 1, *, scopes: Iterable[str] | None = None) -> None:
        """Put a token in force, with these scopes or all; also the way to narrow or restore one."""
        self.api.tokens.give(token, self._existing(number), scopes)

    def _existing(self, number: int) -> int:
        company = self.books.company(number)
        if company is None:
            raise KeyError(f"company {number}")
        return company.id

    def revoke_token(self, token: str) -> None:
        """From now on the token gets 401."""
        self.api.tokens.revoke(token)

    def add_oauth_client(
        self, client_id: str, secret: str, *redirect_uris: str, name: str = "Another application"
    ) -> OAuthClient:
        """Register an application; its redirect address must then equal one of these, or may be any."""
        client = OAuthClient(client_id, secret, name, redirect_uris)
        self.api.oauth.add_client(client)
        return client

    def grant(
        self, company: int = 1, scopes: Iterable[str] | None = None, *, client: OAuthClient = DEFAULT_CLIENT
    ) -> Grant:
        """A pair of OAuth tokens as a consent would give it, with these scopes or all."""
        with self.books.lock:
            wanted = sorted(self.api.tokens.every_scope) if scopes is None else scopes
            return self.api.oauth.grant(client.id, self._existing(company), wanted)

    def approve(self, authorize_url: str, company: int = 1, scopes: Iterable[str] | None = None) -> str:
        """Say yes to an authorize address without a browser; gives the address it would be sent to."""
        wanted = None if scopes is None else tuple(scopes)
        return approve_url(self.api.oauth, authorize_url, self._existing(company), wanted)

    def fail_next(self, method: str, path: str, kind: Kind, **options: Any) -> None:
        """Script a fault; `path` without `/api/external/v2`, with `*`; options as of `faults.Fault`."""
        self.api.faults.add(Fault(method, path, kind, **options))

    def send_webhook(self, event: str, about: Mapping[str, Any], *, company: int = 1) -> int:
        """Tell the webhook subscriptions of a company of an event; gives how many want it.

        Changes of `e_invoicing.status` on customer invoices tell themselves; `dms_file.created` only so.
        """
        return self.api.webhooks.tell(self._existing(company), event, about)

    def wait_for_webhooks(self) -> None:
        """Return when every delivery that is due was attempted; retries become due as the clock moves."""
        self.api.webhooks.wait()

    def hide_events(self, seconds: float) -> None:
        """From now on events appear so long after their `processed_at`; 0 ends it."""
        self.books.changelog.lateness = timedelta(seconds=seconds)

    def move_clock(self, **span: float) -> None:
        """Move time on (`days=30`), and let happen what happens meanwhile in companies already in use."""
        self.set_clock(self.now + timedelta(**span))

    def set_clock(self, instant: datetime) -> None:
        """Jump to an instant; forwards, what happens meanwhile happens."""
        self.clock.set(instant)
        for company in list(self.books.companies.values()):
            if company.lived_until:
                self.books.touch(company.id)

    def settle(self) -> None:
        """Move time on until nothing is under way: PDFs are made and every event has appeared."""
        while pending := self.books.settled_at():
            self.clock.set(pending + timedelta(milliseconds=1))
            self.books.finish_due()

    def reset(self) -> None:
        """Forget companies, faults, tokens and requests; the clock begins again."""
        self.clock = self._make_clock()
        self.api.reset(self._make_books(self.clock), **self._defaults)
        self.api.check_contract = self._check_contract


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    companies: int = 1,
    seed: int = 1,
    data: Path | None = None,
    rate_limit: bool = True,
    latency: int = 0,
    clock: datetime | None = None,
    check_contract: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> None:
    """Serve seeded companies until SIGINT or SIGTERM.

    Args:
        host: Address to listen on.
        port: Port; 0 for a free one.
        companies: How many; each is filled when it is first asked for.
        seed: The books follow from it.
        data: The UCI retail file (parquet), which then fills the first company.
        rate_limit: Whether to refuse what exceeds 25 requests per 5 s.
        latency: Milliseconds each answer takes.
        clock: The emulator's day to begin with; now by default. It runs from there.
        check_contract: Hold every answer against the contract; what fails is answered with 500.
        say: Is told, once it listens, the base URL, the tokens and its page, one line each.
    """
    start = clock.replace(tzinfo=clock.tzinfo or UTC) if clock else None
    with Emulator(
        start=start,
        frozen=False,
        seed=seed,
        rate_limit=rate_limit,
        check_contract=check_contract,
        latency=latency / 1000,
        host=host,
        port=port,
    ) as emulator:
        fill_with_seeds(emulator.books, companies, data)
        last = "" if companies == 1 else f" … {emulator.token(companies)}"
        say(f"Pennylane emulator at {emulator.base_url}")
        say(f"API tokens: {emulator.token(1)}{last}")
        say(f"Look at it: {emulator.origin}/_emulator/")
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        ended.wait()


def fill_with_seeds(books: Books, companies: int, data: Path | None = None) -> None:
    """Add companies whose books are made when first touched.

    The first has years of history, or what a file holds; the others are small, made in milliseconds.
    """
    from pennybridge.emulator.load_retail import load_retail
    from pennybridge.emulator.seed.company import seed_company
    from pennybridge.emulator.seed.small import seed_small

    for number in range(1, companies + 1):
        if number > 1:
            books.add_company(f"Atelier Numérique {number}", fill=seed_small)
        elif data:
            books.add_company("UCI Online Retail", fill=partial(load_retail, path=data))
        else:
            books.add_company("Atelier Numérique", fill=seed_company)
