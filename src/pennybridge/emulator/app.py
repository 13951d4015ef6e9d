"""How a request is answered: token, rate limit, operation, scope, books, contract, faults — in this order.

`EmulatedApi` decides, without knowing HTTP servers; `create_app` puts it behind Starlette.
"""

import asyncio
import itertools
import traceback
from collections.abc import Callable, Iterable
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl
from zlib import crc32

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from pennybridge.emulator.access import Access, Tokens, check_scope
from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.books import Books
from pennybridge.emulator.calls import Call
from pennybridge.emulator.consent import answer_oauth
from pennybridge.emulator.contract import PREFIX, Contract, Operation
from pennybridge.emulator.faults import Fault, Faults, instead, spoil
from pennybridge.emulator.files import file_answer, pdf_answer
from pennybridge.emulator.oauth import OAuth
from pennybridge.emulator.rate_limit import RateLimit
from pennybridge.emulator.reads import READS
from pennybridge.emulator.rendering import Rendering
from pennybridge.emulator.request_check import check_request
from pennybridge.emulator.request_log import Request, RequestLog
from pennybridge.emulator.uploads import FileStore, Form, read_body
from pennybridge.emulator.webhooks import Webhooks
from pennybridge.emulator.writes import WRITES

_NOT_DONE = 501
_CLOSES = ("cut", "timeout", "cut_body", "lost_answer", "timeout_after")
"""Faults that end with the connection."""


class EmulatedApi:
    """The Company API over some books.

    Args:
        books: What is read and written.
        rate_limit: Counts requests; switched on unless told otherwise.
        check_contract: Hold every answer against the contract; a defect then fails the request loudly.
        latency: Seconds before each answer.
        september_2026: Answer the fields of invoices that came in September 2026.
    """

    def __init__(
        self,
        books: Books,
        *,
        rate_limit: RateLimit | None = None,
        check_contract: bool = False,
        latency: float = 0.0,
        september_2026: bool = True,
    ) -> None:
        self.books = books
        self.contract = Contract()
        self.tokens = Tokens(books, self.contract)
        self.oauth = OAuth(books, self.tokens)
        self.webhooks = Webhooks(books)
        self.rate_limit = rate_limit or RateLimit()
        self.check_contract = check_contract
        self.latency = latency
        self.september_2026 = september_2026
        self.faults = Faults()
        self.log = RequestLog()
        self.defects: list[Exception] = []
        self._request_ids = itertools.count(1)

    def reset(self, books: Books, *, rate_limit: bool, latency: float) -> None:
        """Begin again with other books: no tokens but the default ones, no faults, an empty log."""
        self.books = books
        self.tokens = Tokens(books, self.contract)
        self.oauth = OAuth(books, self.tokens)
        self.webhooks.forget()
        self.webhooks = Webhooks(books)
        self.rate_limit = RateLimit(enabled=rate_limit)
        self.latency = latency
        self.faults.clear()
        self.log.clear()
        self.defects.clear()

    def answer(self, request: Request, fault: Fault | None = None) -> Answer:
        """The answer to a request, complete with headers; the fault says what goes wrong with it."""
        headers, refused = self.rate_limit.take(request.token)
        found = self.contract.match(request.method, request.path)
        if fault and fault.kind == "revoked":
            self.tokens.revoke(request.token)
        answer = refused or (instead(fault) if fault else None)
        if answer is None:
            answer = self._carry_out(request, found)
            answer = spoil(fault, answer, request) if fault else answer
        self.log.add(request, found[0].path if found else request.path, answer.status)
        number = next(self._request_ids)
        return Answer(
            answer.status,
            answer.body,
            answer.content_type,
            {
                **headers,
                **answer.headers,
                "api-version-expires-at": "",
                "cache-control": "max-age=0, private, must-revalidate",
                "date": format_datetime(self.books.clock(), usegmt=True),
                "etag": f'W/"{crc32(answer.body):08x}"',
                "x-request-id": f"{number:08x}-e000-4000-8000-{crc32(request.path.encode()):012x}",
            },
        )

    def answer_oauth(self, request: Request, fault: Fault | None = None) -> Answer:
        """The answer of an OAuth endpoint, which knows no rate limit; faults strike it as any other."""
        answer = instead(fault) if fault else None
        if answer is None:
            answer = answer_oauth(self.oauth, request)
            answer = spoil(fault, answer, request) if fault else answer
        self.log.add(request, request.path, answer.status)
        return answer

    def _carry_out(self, request: Request, found: tuple[Operation, dict[str, str]] | None) -> Answer:
        try:
            access = self.tokens.access(request.token)
            if found is None:
                return Refusal(404, "Not Found").answer()
            answer = self._handled(request, found, access)
        except Refusal as refusal:
            answer = refusal.answer()
        if self.check_contract and found and answer.status != _NOT_DONE:
            self.contract.check_answer(found[0], answer.status, answer.body)
        return answer

    def _handled(self, request: Request, found: tuple[Operation, dict[str, str]], access: Access) -> Answer:
        """A read, or a write that happens whole or not at all; what was asked is checked before the scope."""
        operation, values = found
        is_read = operation.method == "GET"
        data = None if is_read else check_request(self.contract, operation, request, values)
        check_scope(operation, access)
        handler = (READS if is_read else WRITES).get(operation.name)
        if handler is None:
            raise Refusal(_NOT_DONE, f"The emulator does not do {operation.name} yet")
        with self.books.lock:
            call = self._call(request, found, access, data)
            if is_read:
                return handler(call)
            with self.books.transaction():
                return handler(call)

    def _call(
        self, request: Request, found: tuple[Operation, dict[str, str]], access: Access, data: Any
    ) -> Call:
        company = self.books.touch(access.company_id)
        now = self.books.clock()
        return Call(
            books=self.books,
            operation=found[0],
            company=company,
            access=access,
            values=found[1],
            query=request.query,
            rendering=Rendering(request.origin, request.origin + PREFIX, now, self.september_2026),
            now=now,
            data=data,
        )


class _ApiEndpoint:
    """The API as ASGI: reads the request, waits out latency and faults, sends the answer."""

    def __init__(self, api: EmulatedApi, answer: Callable[[Request, Fault | None], Answer]) -> None:
        self.api = api
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read_request(scope, receive, self.api.books.files)
        fault = self.api.faults.take(request.method, request.path)
        kind = fault.kind if fault else None
        if self.api.latency:
            await asyncio.sleep(self.api.latency)
        if kind in ("cut", "timeout"):
            self.api.log.add(request, request.path, 0)
        else:
            answer = self._answered(request, fault)
            if fault and kind == "slow":
                await asyncio.sleep(fault.seconds)
            if kind not in ("lost_answer", "timeout_after"):
                await _send_answer(answer, send, cut=kind == "cut_body")
        if kind in ("timeout", "timeout_after"):
            await _wait_for_disconnect(receive)
        if kind in _CLOSES:
            _close(scope)

    def _answered(self, request: Request, fault: Fault | None) -> Answer:
        try:
            return self._answer(request, fault)
        except Exception as defect:  # noqa: BLE001 - whatever it is, the client and the test must see it
            self.api.defects.append(defect)
            return Answer(500, "".join(traceback.format_exception(defect)).encode(), "text/plain")


async def _read_request(scope: Scope, receive: Receive, store: FileStore) -> Request:
    headers = Headers(scope=scope)
    body: bytes = b""
    form: Form | Refusal | None = None
    if scope["method"] not in ("GET", "HEAD"):
        body, form = await read_body(headers, receive, store)
    return Request(
        method=scope["method"],
        path=scope["path"].removeprefix(PREFIX),
        query=dict(parse_qsl(scope["query_string"].decode(errors="replace"), keep_blank_values=True)),
        token=headers.get("authorization", "").removeprefix("Bearer "),
        origin=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
        body=body,
        content_type=headers.get("content-type", ""),
        form=form,
    )


async def _send_answer(answer: Answer, send: Send, *, cut: bool = False) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.encode(), value.encode()) for name, value in answer.headers.items()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = answer.body[: len(answer.body) // 2] if cut else answer.body
    message: Message = {"type": "http.response.body", "body": body, "more_body": cut}
    await send(message)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _close(scope: Scope) -> None:
    protocol: Any = scope["state"]["protocol"]
    protocol.transport.close()


def create_app(api: EmulatedApi, control: Iterable[BaseRoute] = ()) -> Starlette:
    """The emulator's web application: the API, its public files, and the control endpoints."""
    return Starlette(
        routes=[
            Mount(PREFIX, app=_ApiEndpoint(api, api.answer)),
            Mount("/oauth", app=_ApiEndpoint(api, api.answer_oauth)),
            Route("/public/{kind}/pdf", pdf_answer(lambda: api.books)),
            Route("/public/file", file_answer(lambda: api.books)),
            Mount("/_emulator", routes=list(control)),
            Route("/", RedirectResponse("/_emulator/")),
        ]
    )
