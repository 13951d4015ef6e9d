"""The client of one company's books: records for people, bytes for the sync, careful writes.

>>> from pennybridge.api.client import Client          # doctest: +SKIP
>>> with Client("token") as client:                    # doctest: +SKIP
...     for invoice in client.customer_invoices.list(date_from=date(2026, 1, 1)):
...         print(invoice.invoice_number, invoice.currency_amount, invoice.currency)
"""

import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from pennybridge.api import payloads
from pennybridge.api.answers import Answer
from pennybridge.api.collections import BillingSubscriptions, Collection, CustomerInvoices, Customers
from pennybridge.api.exchange import Call, Exchange, Upload
from pennybridge.api.filters import Filter, encode_filters
from pennybridge.api.limiter import Limiter
from pennybridge.api.pages import CHANGES, PAGE, ChangesPage, Cursors, Page, decode
from pennybridge.api.resources import Resource, resource
from pennybridge.api.retries import Retries
from pennybridge.api.secret import Secret
from pennybridge.clock import Clock, format_instant, system_clock
from pennybridge.errors import ChangelogGapError, ConfigurationError, RejectedError
from pennybridge.settings import PENNYLANE_BASE_URL

ME = msgspec.json.Decoder(payloads.Me)
MAX_UPLOAD = 100 * 1024 * 1024
"""Bytes that Pennylane takes in one file: https://pennylane.readme.io/reference/postfileattachments."""


class Client:
    """A company's books at Pennylane, as one token sees them. Safe to share between threads."""

    def __init__(
        self,
        token: Secret | str,
        *,
        base_url: str = PENNYLANE_BASE_URL,
        limiter: Limiter | None = None,
        clock: Clock = system_clock,
        timeout: float = 60.0,
        retries: Retries | None = None,
        background: bool = False,
        renew_token: Callable[[Secret], Secret | None] | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            token: An API token, or an OAuth access token.
            base_url: Pennylane's Company API, or an emulator of it.
            limiter: Shared by all that use the token: `Limiter.shared(folder, token)` for all processes
                of the machine; by default this client paces itself alone.
            clock: Says when requests are sent (`read_at`).
            timeout: Seconds to wait for the connection (at most 10), and between two pieces of an answer.
            retries: How patiently reads are sent again.
            background: Whether requests give way to those that a person waits for, under the same limiter.
            renew_token: Called with the token that Pennylane refused (401); gives the one to use from
                then on, or None when there is no other.
        """
        self._exchange = Exchange(
            token if isinstance(token, Secret) else Secret(token),
            base_url,
            limiter=limiter or Limiter(),
            retries=retries or Retries(),
            clock=clock,
            timeout=timeout,
            background=background,
            renew_token=renew_token,
        )
        self.customers = Customers(self, "customers", payloads.Customer)
        self.products = Collection(self, "products", payloads.Product)
        self.customer_invoices = CustomerInvoices(self, "customer_invoices", payloads.CustomerInvoice)
        self.billing_subscriptions = BillingSubscriptions(
            self, "billing_subscriptions", payloads.BillingSubscription
        )
        self.quotes = Collection(self, "quotes", payloads.Quote)
        self.categories = Collection(self, "categories", payloads.Category)
        self.category_groups = Collection(self, "category_groups", payloads.CategoryGroup)
        self.ledger_accounts = Collection(self, "ledger_accounts", payloads.LedgerAccount)
        self.transactions = Collection(self, "transactions", payloads.Transaction)
        self.bank_accounts = Collection(self, "bank_accounts", payloads.BankAccount)
        self.journals = Collection(self, "journals", payloads.Journal)
        self.customer_invoice_templates = Collection(self, "customer_invoice_templates", payloads.Template)

    def __repr__(self) -> str:
        return f"Client({self._exchange.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def give_up(self) -> None:
        """Send nothing more: requests that wait for their turn end with a `SyncStoppedError`."""
        self._exchange.give_up()

    def close(self) -> None:
        """Close the connections to Pennylane."""
        self._exchange.close()

    def me(self) -> payloads.Me:
        """Whose books the token opens, and what it may do; needs no scope.

        Raises:
            AuthenticationError: The token is wrong, expired or revoked.
            NotPennylaneError: The base URL leads elsewhere.
        """
        answer = self.get("/me")
        return decode(ME, answer.body, url=answer.url, request_id=answer.request_id)

    # Pages of bytes: what the sync reads.

    def page(
        self,
        of: Resource | str,
        *,
        filter: Sequence[Filter] = (),  # noqa: A002  (Pennylane's word)
        sort: str | None = "id",
        limit: int | None = None,
        cursor: str | None = None,
        include: str | None = None,
        parent_id: int | None = None,
    ) -> Page:
        """One page of a list, each record as the bytes that came.

        Args:
            of: The resource or its name.
            filter: As `[("id", "in", [4096, 8192])]`; send the same with every cursor.
            sort: `id`, `-id`…; not sent to the few lists that take no sort.
            limit: Records per page; by default as many as the list gives.
            cursor: `next_cursor` of the page before.
            include: `invoice_lines` for customer invoices.
            parent_id: For lists that hang on a record, its id.

        Raises:
            ApiError: No such page came; reads are retried first.
        """
        row = resource(of)
        params = {"limit": str(limit or row.page_limit)}
        if sort and row.sorts:
            params["sort"] = sort
        if filter:
            params["filter"] = encode_filters(row, filter)
        if include:
            params["include"] = include
        if cursor:
            params["cursor"] = cursor
        answer = self._exchange.send(Call("GET", row.list_path(parent_id), params))
        body = decode(PAGE, answer.body, url=answer.url, request_id=answer.request_id)
        lines = body.included.invoice_lines if body.included else None
        return Page(
            body.items,
            body.has_more,
            body.next_cursor,
            answer.read_at,
            answer.request_id,
            lines,
            answer.seconds,
            answer.server_time,
        )

    def pages(
        self,
        of: Resource | str,
        *,
        filter: Sequence[Filter] = (),  # noqa: A002  (Pennylane's word)
        sort: str | None = "id",
        limit: int | None = None,
        cursor: str | None = None,
        include: str | None = None,
        parent_id: int | None = None,
    ) -> Iterator[Page]:
        """Every page of a list, from `cursor` on; arguments as for `page`.

        Raises:
            ApiError: Also when a cursor leads in circles; the pages before it stand.
        """
        cursors = Cursors(cursor)
        while True:
            page = self.page(
                of, filter=filter, sort=sort, limit=limit, cursor=cursor, include=include, parent_id=parent_id
            )
            yield page
            cursor = cursors.after(page)
            if cursor is None:
                return

    def changes(
        self,
        of: Resource | str,
        *,
        start_date: datetime | None = None,
        cursor: str | None = None,
        limit: int = 1000,
    ) -> ChangesPage:
        """One page of a resource's changelog, oldest first.

        Without `start_date` or `cursor` it begins with the oldest that Pennylane keeps.

        Raises:
            ChangelogGapError: `start_date` is older than the four weeks that Pennylane keeps.
            ConfigurationError: The resource has no changelog, or both `start_date` and `cursor` were given.
        """
        row = resource(of)
        if row.changelog is None:
            raise ConfigurationError(f"Pennylane keeps no changelog of {row.name}. Nothing was sent.")
        if start_date and cursor:
            raise ConfigurationError("A changelog is read from a start date or from a cursor, not both.")
        params = {"limit": str(limit)}
        if start_date:
            params["start_date"] = format_instant(start_date)
        if cursor:
            params["cursor"] = cursor
        try:
            answer = self._exchange.send(Call("GET", row.changelog, params))
        except RejectedError as error:
            if error.status == 422 and start_date:
                raise ChangelogGapError(
                    f"The changelog of {row.name} no longer reaches back to {format_instant(start_date)}: "
                    f"{error} A full load is due: pennybridge sync --full {row.name}."
                ) from error
            raise
        body = decode(CHANGES, answer.body, url=answer.url, request_id=answer.request_id)
        return ChangesPage(
            body.items,
            body.has_more,
            body.next_cursor,
            answer.read_at,
            answer.request_id,
            answer.seconds,
            answer.server_time,
        )

    # Single requests: what invoicing sends.

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read any path under the base URL."""
        return self._exchange.send(Call("GET", path, params))

    def post(self, path: str, body: object = None) -> Answer:
        """Send a write.

        `body` is anything msgspec encodes; a `Decimal` becomes text, as Pennylane wants its amounts.

        Raises:
            TransportError, ServerError: It may or may not have been carried out (`sent` tells whether it
            left);
                look it up before sending it again.
            ApiError: It was refused; nothing was changed.
        """
        return self._write("POST", path, body)

    def put(self, path: str, body: object = None) -> Answer:
        """As `post`, with PUT."""
        return self._write("PUT", path, body)

    def delete(self, path: str) -> Answer:
        """As `post`, with DELETE."""
        return self._write("DELETE", path, None)

    def upload(
        self,
        file: Path,
        *,
        to: str = "/file_attachments",
        filename: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a file as it is read from disk, without holding it in memory; errors as for `post`.

        Args:
            file: At most 100 MB.
            to: A path that takes `multipart/form-data`, as `/customer_invoices/e_invoices/imports`.
            filename: What Pennylane shall call it; its own name by default.
            fields: Further form fields.

        Raises:
            ConfigurationError: The file is over 100 MB, empty or absent; nothing was sent.
        """
        size = file.stat().st_size if file.is_file() else 0
        if not 0 < size <= MAX_UPLOAD:
            what = (
                f"has {size:,} bytes; Pennylane takes up to {MAX_UPLOAD:,}" if size else "is empty or absent"
            )
            raise ConfigurationError(f"{file} {what}. Nothing was sent.")
        name = filename or file.name
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        with file.open("rb") as opened:
            return self._exchange.send(Call("POST", to, upload=Upload(opened, name, kind, fields or {})))

    def _write(self, method: str, path: str, body: object) -> Answer:
        encoded = None if body is None else msgspec.json.encode(body)
        return self._exchange.send(Call(method, path, body=encoded))
