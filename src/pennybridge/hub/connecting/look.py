"""A quick look at a company's customers before anything of it is stored: who they are, what they carry.

Read through the API a hundred records a page, without lines: 10,000 invoices take a good twenty seconds at
Pennylane's rate. Only sums are kept, in this process, until it ends.
"""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal

from pennybridge.api.payloads import Customer
from pennybridge.connections.connection import Connection, Connections
from pennybridge.errors import PennybridgeError

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass
class Seen:
    """A customer, and what it carries."""

    id: int
    name: str
    reference: str | None
    documents: int = 0
    """Customer invoices and credit notes, drafts among them."""
    billed_eur: Decimal = Decimal(0)
    """Tax included; drafts left out, credit notes taken off."""


@dataclass
class Look:
    """How far a look is; filled by a thread while pages read it."""

    customers: dict[int, Seen] = field(default_factory=dict)
    invoices: int = 0
    """Read so far."""
    is_over: bool = False
    is_wanted: bool = True
    """It ends early once nobody wants it."""
    problem: PennybridgeError | str = ""

    def matching(self, text: str) -> list[Seen]:
        """Customers whose name, reference or id holds a text, those that carry most first."""
        wanted = text.strip().casefold()
        found = [
            each
            for each in list(self.customers.values())
            if wanted in f"{each.name}\n{each.reference or ''}\n{each.id}".casefold()
        ]
        return sorted(found, key=lambda each: (-abs(each.billed_eur), -each.documents, each.name.casefold()))


class Looks:
    """At most one look per connection, begun when it is first asked for."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._looks: dict[str, Look] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="look")

    def of(self, connection: Connection, *, again: bool = False) -> Look:
        """The look at a connection, begun if there was none; `again` if the last one is over."""
        with self._lock:
            look = self._looks.get(connection.id)
            if look is None or (again and look.is_over):
                look = self._looks[connection.id] = Look()
                self._threads.submit(self._run, connection, look)
            return look

    def forget(self, connection: Connection) -> None:
        """Let go of what was seen, and look no further."""
        with self._lock:
            if look := self._looks.pop(connection.id, None):
                look.is_wanted = False

    def close(self) -> None:
        """Stop looking."""
        with self._lock:
            for look in self._looks.values():
                look.is_wanted = False
        self._threads.shutdown(cancel_futures=True)

    def _run(self, connection: Connection, look: Look) -> None:
        try:
            self._look(connection, look)
        except PennybridgeError as error:
            look.problem = error
        except Exception as error:  # noqa: BLE001 - the page must not wait for ever; the text could hold a secret
            look.problem = f"The look stopped on a fault of Pennybridge ({type(error).__name__})."
        look.is_over = True

    def _look(self, connection: Connection, look: Look) -> None:
        with self._connections.client(connection) as client:
            for customer in client.customers.list(sort="id"):
                look.customers[customer.id] = Seen(customer.id, customer.name, _reference(customer))
                if not look.is_wanted:
                    return
            for invoice in client.customer_invoices.list(sort="id"):
                look.invoices += 1
                seen = look.customers.get(invoice.customer.id) if invoice.customer else None
                if seen is not None:
                    seen.documents += 1
                    seen.billed_eur += Decimal(0) if invoice.draft else invoice.amount or Decimal(0)
                if not look.is_wanted:
                    return


def _reference(customer: Customer) -> str | None:
    """The company's own word for a customer; a UUID that Pennylane made says nothing."""
    given = customer.external_reference or ""
    return customer.reference or (None if _UUID.fullmatch(given) else given or None)
