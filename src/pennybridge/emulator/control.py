"""The control endpoints under `/_emulator/`: what tests do in Python, over HTTP, for demos and benchmarks.

`docs/reference/emulator.md` lists them with what each takes; the table below is the whole of it. What cannot
be done (an unknown record, a bad value) is answered with 400 and the reason.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pennybridge.clock import format_instant, parse_instant
from pennybridge.emulator.answers import decode
from pennybridge.emulator.faults import Fault
from pennybridge.emulator.oauth import DEFAULT_CLIENT

if TYPE_CHECKING:
    from pennybridge.emulator.server import Emulator

_LAST_REQUESTS = 50

Action = Callable[["Emulator", Request, Any], Any]


def control_routes(emulator: "Emulator") -> list[Route]:
    """The routes, below `/_emulator`."""
    table: list[tuple[str, str, Action]] = [
        ("GET", "/state", _state),
        ("POST", "/clock", _clock),
        ("POST", "/settings", _settings),
        ("POST", "/records/{resource}", _add_record),
        ("PATCH", "/records/{resource}/{id:int}", _change_record),
        ("DELETE", "/records/{resource}/{id:int}", _delete_record),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("GET", "/outbox", _outbox),
        ("DELETE", "/outbox", _clear_outbox),
        ("PATCH", "/companies/{number:int}", _change_company),
        ("GET", "/requests", _requests),
        ("DELETE", "/requests", _clear_requests),
        ("POST", "/tokens", _give_token),
        ("DELETE", "/tokens/{token}", _revoke_token),
        ("POST", "/oauth_clients", _add_oauth_client),
        ("POST", "/grants", _grant),
        ("POST", "/webhooks", _send_webhook),
        ("POST", "/reset", _reset),
    ]
    return [Route(path, _endpoint(emulator, action), methods=[method]) for method, path, action in table]


def _endpoint(emulator: "Emulator", action: Action) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            return JSONResponse(action(emulator, request, decode(body) if body else {}))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)

    return answer


def _state(emulator: "Emulator", _: Request, __: Any) -> Any:
    companies = emulator.books.companies.values()
    return {
        "base_url": emulator.base_url,
        "clock": {"now": format_instant(emulator.now), "frozen": emulator.clock.frozen},
        "settings": {
            "rate_limit": emulator.api.rate_limit.enabled,
            "latency": emulator.api.latency,
            "files_take": emulator.books.files_take.total_seconds(),
            "webhooks_twice": emulator.api.webhooks.twice,
            "may_narrow_scopes": emulator.api.oauth.may_narrow,
            "invalid_grant_status": emulator.api.oauth.invalid_grant_status,
        },
        "companies": [
            {
                "number": company.number,
                "id": company.id,
                "name": company.name,
                "token": emulator.token(company.number),
            }
            for company in companies
        ],
        "faults": [vars(fault) for fault in emulator.api.faults.scripted],
        "requests": emulator.api.log.counts.total(),
    }


def _clock(emulator: "Emulator", request: Request, body: Any) -> Any:
    if "set" in body:
        emulator.set_clock(parse_instant(body["set"]))
    if "move" in body:
        emulator.move_clock(**body["move"])
    if "freeze" in body:
        (emulator.clock.freeze if body["freeze"] else emulator.clock.run)()
    if body.get("settle"):
        emulator.settle()
    return _state(emulator, request, body)["clock"]


def _settings(emulator: "Emulator", request: Request, body: Any) -> Any:
    emulator.api.rate_limit.enabled = bool(body.get("rate_limit", emulator.api.rate_limit.enabled))
    emulator.api.latency = float(body.get("latency", emulator.api.latency))
    emulator.api.webhooks.twice = bool(body.get("webhooks_twice", emulator.api.webhooks.twice))
    oauth = emulator.api.oauth
    oauth.may_narrow = bool(body.get("may_narrow_scopes", oauth.may_narrow))
    oauth.invalid_grant_status = int(body.get("invalid_grant_status", oauth.invalid_grant_status))
    seconds = body.get("files_take", emulator.books.files_take.total_seconds())
    emulator.books.files_take = timedelta(seconds=float(seconds))
    return _state(emulator, request, body)["settings"]


def _add_record(emulator: "Emulator", request: Request, body: Any) -> Any:
    company = emulator.books.company(body.get("company", 1))
    if company is None:
        raise KeyError(f"company {body.get('company', 1)}")
    emulator.books.touch(company.id)
    resource = request.path_params["resource"]
    return emulator.books.insert(resource, company.id, body["record"], parent_id=body.get("parent_id"))


def _change_record(emulator: "Emulator", request: Request, body: Any) -> Any:
    return emulator.books.update(request.path_params["resource"], request.path_params["id"], body)


def _delete_record(emulator: "Emulator", request: Request, _: Any) -> Any:
    emulator.books.delete(request.path_params["resource"], request.path_params["id"])
    return {}


def _add_fault(emulator: "Emulator", _: Request, body: Any) -> Any:
    emulator.api.faults.add(Fault(**body))
    return {}


def _clear_faults(emulator: "Emulator", _: Request, __: Any) -> Any:
    emulator.api.faults.clear()
    return {}


def _outbox(emulator: "Emulator", _: Request, __: Any) -> Any:
    return [vars(mail) for mail in emulator.outbox]


def _clear_outbox(emulator: "Emulator", _: Request, __: Any) -> Any:
    emulator.outbox.clear()
    return []


def _change_company(emulator: "Emulator", request: Request, body: Any) -> Any:
    company = emulator.books.company(request.path_params["number"])
    if company is None:
        raise KeyError(f"company {request.path_params['number']}")
    if "closed_until" in body:
        company.closed_until = body["closed_until"] and date.fromisoformat(body["closed_until"])
    company.has_numbering = bool(body.get("has_numbering", company.has_numbering))
    closed = company.closed_until
    return {"closed_until": str(closed) if closed else None, "has_numbering": company.has_numbering}


def _requests(emulator: "Emulator", _: Request, __: Any) -> Any:
    log = emulator.api.log
    counts = [
        {"token": token, "method": method, "path": path, "status": status, "count": count}
        for (token, method, path, status), count in log.counts.items()
    ]
    return {
        "total": log.counts.total(),
        "counts": counts,
        "last": [vars(one) for one in list(log.recent)[-_LAST_REQUESTS:]],
    }


def _clear_requests(emulator: "Emulator", _: Request, __: Any) -> Any:
    emulator.api.log.clear()
    return {}


def _give_token(emulator: "Emulator", _: Request, body: Any) -> Any:
    emulator.give_token(body["token"], body.get("company", 1), scopes=body.get("scopes"))
    return {}


def _revoke_token(emulator: "Emulator", request: Request, _: Any) -> Any:
    emulator.api.tokens.revoke(request.path_params["token"])
    return {}


def _add_oauth_client(emulator: "Emulator", _: Request, body: Any) -> Any:
    named = {"name": body["name"]} if "name" in body else {}
    emulator.add_oauth_client(body["id"], body["secret"], *body.get("redirect_uris", ()), **named)
    return {}


def _grant(emulator: "Emulator", _: Request, body: Any) -> Any:
    client = emulator.api.oauth.clients[body.get("client_id", DEFAULT_CLIENT.id)]
    grant = emulator.grant(body.get("company", 1), body.get("scopes"), client=client)
    return decode(grant.answer().body)


def _send_webhook(emulator: "Emulator", _: Request, body: Any) -> Any:
    wanted = emulator.send_webhook(body["event"], body["object"], company=body.get("company", 1))
    return {"subscriptions": wanted}


def _reset(emulator: "Emulator", _: Request, __: Any) -> Any:
    emulator.reset()
    return {}
