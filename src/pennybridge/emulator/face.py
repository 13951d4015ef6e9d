"""The emulator's face for people: one page at `/_emulator/`, and the forms on it."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pennybridge.clock import parse_instant
from pennybridge.emulator.faults import KINDS, Fault
from pennybridge.emulator.pages import html_answer

if TYPE_CHECKING:
    from pennybridge.emulator.server import Emulator

_MOST_ROWS = 50
_SHOWN_RESOURCES = ("customers", "customer_invoices", "billing_subscriptions")

Form = dict[str, str]
Action = Callable[["Emulator", Form], object]


def face_routes(emulator: "Emulator") -> list[Route]:
    """The page and its forms, below `/_emulator`; a form leads back to the page."""

    async def show(request: Request) -> Response:
        answer = html_answer("face.html", **_shown(emulator, request))
        return Response(answer.body, answer.status, answer.headers, answer.content_type)

    return [
        Route("/", show),
        *(Route(f"/forms/{name}", _submit(emulator, act), methods=["POST"]) for name, act in _FORMS.items()),
    ]


def _submit(emulator: "Emulator", action: Action) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        try:
            action(emulator, form)
        except (KeyError, OverflowError, ValueError) as problem:
            return RedirectResponse(f"/_emulator/?{urlencode({'problem': str(problem)})}", 303)
        return RedirectResponse("/_emulator/", 303)

    return answer


def _shown(emulator: "Emulator", request: Request) -> dict[str, Any]:
    books, api = emulator.books, emulator.api
    with books.lock:
        companies = list(books.companies.values())
        tokens = {
            token: access
            for token, access in api.tokens.in_force().items()
            if token not in _defaults(emulator)
        }
        return {
            "base_url": f"{request.base_url.scheme}://{request.base_url.netloc}{emulator.base_url.removeprefix(emulator.origin)}",
            "problem": request.query_params.get("problem"),
            "now": emulator.now,
            "frozen": emulator.clock.frozen,
            "rate_limit": api.rate_limit.enabled,
            "latency": api.latency,
            "companies": [_company(emulator, company.number) for company in companies[:_MOST_ROWS]],
            "more_companies": max(len(companies) - _MOST_ROWS, 0),
            "tokens": [
                (token, books.companies[access.company_id].name, sorted(access.scopes), access.expires_at)
                for token, access in list(tokens.items())[-_MOST_ROWS:]
            ],
            "outbox": emulator.outbox[: -_MOST_ROWS - 1 : -1],
            "subscriptions": books.select("webhook_subscriptions"),
            "faults": api.faults.scripted,
            "kinds": KINDS,
            "requests": list(api.log.recent)[: -_MOST_ROWS - 1 : -1],
            "defects": api.defects,
        }


def _defaults(emulator: "Emulator") -> set[str]:
    return {emulator.token(company.number) for company in emulator.books.companies.values()}


def _company(emulator: "Emulator", number: int) -> dict[str, Any]:
    company = emulator.books.company(number)
    assert company is not None  # noqa: S101 - it was just listed
    counts = None
    if company.fill is None:  # a company that nobody has asked for is not filled for being looked at
        counts = {name: emulator.books.count(name, company.id) for name in _SHOWN_RESOURCES}
    return {"name": company.name, "id": company.id, "token": emulator.token(number), "counts": counts}


def _clock(emulator: "Emulator", form: Form) -> None:
    match form["do"]:
        case "move":
            emulator.set_clock(emulator.now + timedelta(**{form["unit"]: float(form["count"])}))
        case "set":
            emulator.set_clock(parse_instant(form["instant"]))
        case "freeze":
            emulator.clock.freeze()
        case "run":
            emulator.clock.run()
        case "settle":
            emulator.settle()


def _fault(emulator: "Emulator", form: Form) -> None:
    times = int(form["times"]) if form["times"] else None
    emulator.api.faults.add(Fault(form["method"], form["path"], form["kind"], times=times))  # type: ignore[arg-type]


def _clear_faults(emulator: "Emulator", _: Form) -> None:
    emulator.api.faults.clear()


def _clear_requests(emulator: "Emulator", _: Form) -> None:
    emulator.api.log.clear()


def _revoke(emulator: "Emulator", form: Form) -> None:
    emulator.revoke_token(form["token"])


_FORMS: dict[str, Action] = {
    "clock": _clock,
    "fault": _fault,
    "clear-faults": _clear_faults,
    "clear-requests": _clear_requests,
    "revoke": _revoke,
}
"""Name of a form → what it does; whatever it cannot do is said at the top of the page."""
