"""A web server for one application of a test: a thread that listens, one for each request.

Standard library only, and nothing in it waits for a clock, so that a frozen one does not hang it;
its sockets are of our own making, so that socket blockers do not catch it. PYTEST_DONT_REWRITE
"""

import _socket
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from mockserver.handles.connection import plain_socket

LOOPBACK: Final = "127.0.0.1"

BACKLOG: Final = 1_024
"""Connections that may wait to be accepted; callbacks come in crowds."""

PATIENCE: Final = 5.0
"""Seconds of wall time for requests under way when the server ends."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    target: str
    """Path and query as they were sent."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: tuple[str, int]

    @property
    def path(self) -> str:
        """Still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """Still percent-encoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str = ""


BROKEN: Final = Answered(500, (("Content-Type", "text/plain"),), b"Internal Server Error")

Answer = Callable[[Asked], Answered]
"""What answers requests, in several threads at once; it raises nothing."""


class _Handler(BaseHTTPRequestHandler):
    """Reads one request, writes one answer, and hangs up."""

    server: Any  # a `WebServer`, which is no `socketserver.BaseServer`

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if self.raw_requestline and self.parse_request():
            length = int(self.headers.get("Content-Length") or 0)
            head = tuple(self.headers.items())
            body = self.rfile.read(length)
            target = self.requestline.split()[1]  # `self.path` has lost a second slash
            asked = Asked(self.command, target, head, body, self.client_address)
            self.wfile.write(written(asked, self.server.answer(asked)))

    def log_message(self, *_: Any) -> None:
        """The mock's journal has it all."""


def written(asked: Asked, answer: Answered) -> bytes:
    """An answer as HTTP/1.1; to HEAD without its body, but with the length of it."""
    kept = [(name, value) for name, value in answer.headers if name.lower() not in _HOP_BY_HOP]
    known = any(name.lower() == "content-length" for name, _ in kept)
    if not known and answer.status not in (204, 304):
        kept.append(("Content-Length", str(len(answer.body))))
    lines = [f"{name}: {value}" for name, value in (*kept, ("Connection", "close"))]
    reason = answer.reason or _phrase(answer.status)
    head = "\r\n".join([f"HTTP/1.1 {answer.status} {reason}", *lines, "", ""])
    return head.encode("latin-1") + (b"" if asked.method == "HEAD" else answer.body)


_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})
"""Headers about a connection, which is ours."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class WebServer:
    """Listens on a free port of loopback."""

    def __init__(self, answer: Answer, errors: list[BaseException]) -> None:
        """`errors` gets what kept an answer from being sent."""
        self.answer, self._errors = answer, errors
        self._listener = plain_socket()(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.bind((LOOPBACK, 0))
        self._listener.listen(BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        self._stopping = False
        self._requests: set[threading.Thread] = set()
        self._all_over = threading.Event()
        """Whether it is stopping, and no request is under way."""
        self._thread = threading.Thread(target=self._accept, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; requests under way are waited for, all together for `PATIENCE`."""
        self._stopping = True
        with plain_socket()(socket.AF_INET, socket.SOCK_STREAM) as knock:
            _socket.socket.connect(knock, (LOOPBACK, self.port))  # a guard may be on `connect`
        self._thread.join()
        self._listener.close()
        if self._requests:
            self._all_over.wait(PATIENCE)

    def _accept(self) -> None:
        while True:
            number, address = self._listener._accept()  # type: ignore[attr-defined]  # as `accept`
            made = plain_socket()(fileno=number)
            if self._stopping:
                made.close()
                return
            thread = threading.Thread(target=self._serve, args=(made, address), daemon=True)
            self._requests.add(thread)
            thread.start()

    def _serve(self, made: socket.socket, address: tuple[str, int]) -> None:
        try:
            with made:
                _Handler(made, address, self)  # type: ignore[arg-type]  # as much as it needs
        except OSError:
            pass  # the mock hung up, and its journal says why
        except Exception as problem:  # noqa: BLE001 - the test is told
            self._errors.append(problem)
        finally:
            self._requests.discard(threading.current_thread())
            if self._stopping and not self._requests:
                self._all_over.set()
