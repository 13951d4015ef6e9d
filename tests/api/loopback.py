"""A real HTTP server on loopback that answers what a test tells it to: for all that is not Pennylane."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOST_KEPT = 2**20
"""Bytes of a request's body that are kept; larger ones are read and dropped."""


@dataclass(frozen=True)
class Reply:
    """An answer; `body=None` cuts the connection without one."""

    status: int = 200
    body: bytes | None = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Request], Reply]


@dataclass
class Server:
    """A running server and what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that gave up is what some tests are about."""


@contextmanager
def serve(answer: Answer) -> Iterator[Server]:
    """Serve until the block ends."""
    seen = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one piece: the second of two would wait until the first is acknowledged, 40 ms

        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length) if length <= MOST_KEPT else self._pass_over(length)
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            seen.requests.append(request)
            reply = answer(request)
            if reply.body is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            if reply.content_type:
                self.send_header("content-type", reply.content_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def _pass_over(self, length: int) -> bytes:
            while length:
                length -= len(self.rfile.read(min(length, 65536)))
            return b""

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names http.server calls

        def log_message(self, *_: Any) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    seen.url = f"http://127.0.0.1:{server.server_port}/api/external/v2"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
