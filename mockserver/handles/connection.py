"""HTTP to the control API, past whatever the test run did to sockets. PYTEST_DONT_REWRITE

`http.client` over sockets of our own making: socket blockers put a class of theirs in the place of
`socket.socket`, or a guard on its `connect`; libraries that mock HTTP patch clients. None of that
is meant for the talk between a handle and its server.
"""

import _socket
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from io import BytesIO
from typing import Any, BinaryIO, Final
from urllib.parse import urlencode, urlsplit

from mockserver.handles.errors import ControlError, ServerGone

IDLE_KEPT: Final = 8
"""Connections kept open between calls; more are only needed while many threads call at once."""

PATIENCE: Final = 75.0
"""Seconds of wall time for one call. `advance` may take the server 60."""

REFUSALS: Final = 200
"""How often a server that has answered before may refuse a connection; with `PAUSE`, for 10 s."""

PAUSE: Final = 0.05
"""Seconds of wall time between two attempts to connect."""

SHUT: Final = (
    f"it has refused connections for {REFUSALS * PAUSE:g} s, though it answered before; the fault "
    "`refuse` does that, for the whole server"
)

PIECE: Final = 1 << 18
"""Bytes of a large answer that are read at once."""

STALE: Final = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)
"""What a connection says that the server closed while it was idle."""


def plain_socket() -> type[socket.socket]:
    """The class `socket.socket` as Python made it, even where a blocker's subclass replaced it."""
    mine = [each for each in socket.socket.__mro__ if each.__module__ == "socket"]
    return mine[-1] if mine else socket.socket


class _Connection(HTTPConnection):
    """Connects at the level below `socket.socket`; Nagle off, since a call is one small packet."""

    def connect(self) -> None:
        problem = OSError(f"{self.host} has no address")
        for family, address in _addresses(self.host, self.port):
            made = plain_socket()(family, socket.SOCK_STREAM)
            try:
                made.settimeout(self.timeout)
                _socket.socket.connect(made, address)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as refused:
                made.close()
                if not isinstance(problem, ConnectionRefusedError):  # it may be open again soon
                    problem = refused
                continue
            self.sock = made
            return
        raise problem


def _addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Where to connect; `localhost` is both loopbacks, without asking a resolver."""
    if host == "localhost":
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port, 0, 0))]
    found = _socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class Pool:
    """Open connections to one server, shared by threads; each is used by one call at a time."""

    def __init__(self, url: str, obituary: Callable[[], str] = str) -> None:
        """Raise `ValueError` for what is no `http://` address of a server.

        `obituary` is asked for the reason when nobody answers there.
        """
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(
                f"{url!r} is not the address of a server: http://localhost:2010 is one"
            )
        self._host, self._port = parts.hostname, parts.port or 80
        self.url = f"http://{parts.netloc}{parts.path.rstrip('/')}"
        self._obituary = obituary
        self._path = parts.path.rstrip("/")
        self._idle: list[_Connection] = []
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._answered = False
        """Whether somebody answers there, as far as is known."""

    def exchange(
        self, method: str, path: str, body: bytes | None, timeout: float
    ) -> tuple[int, bytes]:
        """Status and body of one answer; raise `ServerGone`."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        answer, content = self.send(method, path, body, headers, timeout)
        return answer.status, content

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[HTTPResponse, bytes]:
        """One answer, for its status and headers, and its body; raise `ServerGone`.

        A connection that was closed while idle is replaced once; a fresh one is not. A server that
        answered before, and lives, may refuse connections for 10 s: a `refuse` fault does that.
        """
        asked = (method, path, body, headers, timeout)
        kept = self._take()
        try:
            if kept is not None:
                try:
                    return self._once(kept, *asked)
                except STALE:
                    kept.close()
            return self._once(self._connected(timeout), *asked)
        except TimeoutError as late:
            text = f"{self.url} did not answer {method} {path} within {timeout:g} s"
            raise ServerGone(text) from late
        except (OSError, HTTPException) as problem:
            reason = self._obituary() or problem
            raise ServerGone(f"no server answers at {self.url}: {reason}") from problem

    def carry(
        self, method: str, path: str, body: bytes | BinaryIO | None, into: BinaryIO, timeout: float
    ) -> tuple[int, bytes]:
        """Status and body of one answer; a 2xx goes `into` a file instead. Raise `ServerGone`.

        What is large goes in pieces, on a connection of its own. What the file says is raised as
        it is. A server that refuses connections for a while is waited for, as in `send`.
        """
        with self._reaching(f"{method} {path}"):
            connection = self._connected(timeout)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            with self._reaching(f"{method} {path}"):
                connection.request(method, self._path + path, body, headers)
                answer = connection.getresponse()
                if answer.status >= 300:
                    return answer.status, answer.read()
                piece = answer.read(PIECE)
            while piece:
                into.write(piece)
                with self._reaching(f"{method} {path}"):
                    piece = answer.read(PIECE)
        finally:
            connection.close()
        return answer.status, b""

    @contextmanager
    def _reaching(self, call: str) -> Iterator[None]:
        """Whatever goes wrong with the connection is that the server is gone."""
        try:
            yield
        except (OSError, HTTPException) as problem:
            reason = self._obituary() or problem
            raise ServerGone(f"{call} broke off at {self.url}: {reason}") from problem

    def close(self) -> None:
        """Close what is idle. A pool can be used again afterwards."""
        while (kept := self._take()) is not None:
            kept.close()

    def _connected(self, timeout: float) -> _Connection:
        """A new connection; a fault may have it that there is none for a while."""
        for _ in range(REFUSALS):
            connection = _Connection(self._host, self._port, timeout=timeout)
            try:
                connection.connect()
            except ConnectionRefusedError:
                if not self._answered or self._obituary():
                    raise
            else:
                return connection
            threading.Event().wait(PAUSE)  # not `sleep`, which tests like to replace
        self._answered = False
        raise ConnectionRefusedError(SHUT)

    def _once(
        self,
        connection: _Connection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        timeout: float,
    ) -> tuple[HTTPResponse, bytes]:
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        try:
            connection.request(method, self._path + path, body, headers)
            answer: HTTPResponse = connection.getresponse()
            content = answer.read()
        except BaseException:
            connection.close()
            raise
        self._answered = True
        self._keep(connection)
        return answer, content

    def _take(self) -> _Connection | None:
        with self._lock:
            self._disown()
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: _Connection) -> None:
        with self._lock:
            if len(self._idle) < IDLE_KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def _disown(self) -> None:
        """After a fork, the connections are the other process's."""
        if self._owner != os.getpid():
            self._owner = os.getpid()
            self._idle.clear()


class ControlClient:
    """The control API of one sandbox; of the server itself where `sandbox` is ""."""

    def __init__(self, pool: Pool, sandbox: str = "") -> None:
        self.pool = pool
        self._prefix = f"/_mock/sandboxes/{sandbox}" if sandbox else "/_mock"

    def call(
        self,
        method: str,
        path: str,
        document: object = None,
        query: Mapping[str, object] | None = None,
        timeout: float = PATIENCE,
    ) -> Any:
        """The answer's document; raise `ControlError` for a refusal, `ServerGone` for none."""
        body = None if document is None else json.dumps(document).encode()
        asked = f"{self._prefix}{path}{_query(query or {})}"
        status, answer = self.pool.exchange(method, asked, body, timeout)
        return _document(self.pool.url, status, answer)

    def text(self, path: str) -> bytes:
        """An answer that is no document, of the server itself; raise as `call` does."""
        status, answer = self.pool.exchange("GET", f"/_mock{path}", None, PATIENCE)
        if status >= 400:
            _document(self.pool.url, status, answer)
        return answer

    def fetch(self, path: str, into: BinaryIO, timeout: float) -> None:
        """A large answer into a file; raise as `call` does."""
        status, refusal = self.pool.carry("GET", f"{self._prefix}{path}", None, into, timeout)
        _document(self.pool.url, status, refusal)

    def send(self, method: str, path: str, body: bytes | BinaryIO, timeout: float) -> Any:
        """A large body, or a file's content; the answer's document. Raise as `call` does."""
        said = BytesIO()
        status, refusal = self.pool.carry(method, f"{self._prefix}{path}", body, said, timeout)
        return _document(self.pool.url, status, refusal or said.getvalue())


def _query(values: Mapping[str, object]) -> str:
    return f"?{urlencode(values, doseq=True)}" if values else ""


def _document(url: str, status: int, body: bytes) -> Any:
    try:
        document = json.loads(body) if body else {}
    except ValueError:
        raise ServerGone(f"what answers at {url} is no twilio-mockserver: {body[:80]!r}") from None
    if status >= 400:
        raise ControlError(status, document if isinstance(document, dict) else {})
    return document
