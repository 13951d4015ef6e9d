"""What an address asks for, read kindly: what cannot be meant is left out rather than refused."""

from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from starlette.datastructures import QueryParams

from pennybridge.hub.accounts.books import Books, open_books, to_id
from pennybridge.hub.accounts.customers import ONLY, CustomerFilter
from pennybridge.hub.accounts.invoices import STATES, InvoiceFilter
from pennybridge.hub.accounts.words import tone, word
from pennybridge.hub.company import Company
from pennybridge.hub.languages import language_of
from pennybridge.hub.view import show

LONGEST_SEARCH = 200


def _books(request: Request, company: Company) -> Books:
    hub = request.app.state
    return open_books(hub.database, company.company_id, hub.clock().astimezone().date())


CompanyBooks = Annotated[Books, Depends(_books)]
"""A route's parameter: the books of the company that the address names."""


def show_accounts(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page of accounts; its template finds `link`, `word` and `tone` too."""
    language = language_of(request)
    return show(
        request,
        f"accounts/{template}",
        status=status,
        link=links(request.query_params),
        word=lambda name: word(name).to(language),
        tone=tone,
        **values,
    )


def links(given: QueryParams) -> Callable[..., str]:
    """Makes the address of this list with other parameters; None takes one out, another filter the page.

    >>> links(QueryParams("q=a&only=owes&only=mrr&page=3"))(sort="-open", q=None)
    '?only=owes&only=mrr&sort=-open'
    """

    def link(**changes: object) -> str:
        dropped = changes.keys() | {"page"}
        kept = [(name, value) for name, value in given.multi_items() if name not in dropped and value]
        added = [(name, str(value)) for name, value in changes.items() if value is not None]
        return f"?{urlencode(kept + added)}"

    return link


def page_number(given: QueryParams) -> int:
    """The page asked for, the first unless said."""
    return min(to_id(given.get("page", "")) or 1, 1_000_000)


def customer_filter(given: QueryParams) -> CustomerFilter:
    """The customers asked for."""
    return CustomerFilter(
        search=_text(given, "q"),
        only=frozenset(given.getlist("only")) & ONLY.keys(),
        country=_text(given, "country"),
        customer_type=_text(given, "type"),
        rating=_text(given, "rating"),
    )


def invoice_filter(given: QueryParams) -> InvoiceFilter:
    """The invoices asked for."""
    state = _text(given, "state")
    return InvoiceFilter(
        search=_text(given, "q"),
        state=state if state in STATES else "",
        first=day(given, "from"),
        last=day(given, "to"),
        customer_id=to_id(_text(given, "customer")),
    )


def day(given: QueryParams, name: str) -> date | None:
    """A day as browsers send it; None when it is none."""
    try:
        return date.fromisoformat(_text(given, name))
    except ValueError:
        return None


def _text(given: QueryParams, name: str) -> str:
    return given.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]
