"""Applications behind a web server: WSGI, and ASGI on an event loop in a thread of its own.

Each request looks to the application as if it came to its public address. PYTEST_DONT_REWRITE
"""

import asyncio
import inspect
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from mockserver.handles.webserver import BROKEN, PATIENCE, Answered, Asked

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
AsgiApp = Callable[[Event, Receive, Send], Awaitable[None]]

ASGI: Final = {"version": "3.0", "spec_version": "2.4"}


@dataclass(frozen=True, slots=True)
class Public:
    """The address at which an application believes to be."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> "Public":
        """Raise `ValueError` for what is no http address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address like https://app.example.com")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(parts.scheme, parts.hostname, port, parts.path)


class Gateway(Protocol):
    """Has an application answer requests; what it raises is kept in `errors`, and answered 500."""

    def answer(self, asked: Asked) -> Answered: ...

    def stop(self) -> None: ...


# -- which of the two ------------------------------------------------------------------------------


def is_asgi(app: object) -> bool:
    """Tell an ASGI application from a WSGI one; raise `TypeError` for what is neither.

    By how it is called: with scope, receive and send, or with environ and start_response. Where
    both would do, a coroutine function is ASGI.
    """
    two, three = _takes(app, 2), _takes(app, 3)
    if two and three:
        return _is_coroutine(app)
    if three or (two and not _is_coroutine(app)):
        return three
    kind = f"{type(app).__module__}.{type(app).__qualname__}"
    raise TypeError(
        f"{kind} is neither a WSGI nor an ASGI application. Start it on a server of its own and "
        "name that: webhooks_to('http://localhost:8080', …); or say asgi=True or False"
    )


def _takes(app: object, count: int) -> bool:
    try:
        inspect.signature(app).bind(*range(count))  # type: ignore[arg-type]  # TypeError, then
    except (TypeError, ValueError):
        return False
    return True


def _is_coroutine(app: object) -> bool:
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(
        getattr(app, "__call__", None)  # noqa: B004 - the method, not whether there is one
    )


# -- WSGI ------------------------------------------------------------------------------------------


class Wsgi:
    """A `Gateway` to a WSGI application (PEP 3333), which is called in the request's thread."""

    def __init__(self, app: WsgiApp, public: Public, errors: list[BaseException]) -> None:
        self._app, self._public, self._errors = app, public, errors

    def answer(self, asked: Asked) -> Answered:
        """As `Gateway.answer`."""
        try:
            return self._ask(environ(asked, self._public))
        except BaseException as problem:  # noqa: BLE001 - the test is told; `pytest.fail` is one
            self._errors.append(problem)
            return BROKEN

    def _ask(self, environ: dict[str, Any]) -> Answered:
        heads: list[tuple[str, list[tuple[str, str]]]] = []
        body = bytearray()

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], None]:
            if heads and exc_info is None:
                raise RuntimeError("start_response was called twice")
            heads.append((status, headers))
            return body.extend

        chunks = self._app(environ, start_response)
        try:
            for chunk in chunks:
                body += chunk
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        if not heads:
            raise RuntimeError("the application did not call start_response")
        status, _, reason = heads[-1][0].partition(" ")
        return Answered(int(status), tuple(heads[-1][1]), bytes(body), reason)

    def stop(self) -> None:
        """Nothing is left to do."""


def environ(asked: Asked, public: Public) -> dict[str, Any]:
    """A request as WSGI has it."""
    found: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(asked.path).decode("latin-1"),
        "QUERY_STRING": asked.query,
        "RAW_URI": asked.target,
        "REQUEST_URI": asked.target,
        "SERVER_NAME": public.host,
        "SERVER_PORT": str(public.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": asked.client[0],
        "REMOTE_PORT": str(asked.client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": BytesIO(asked.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


# -- ASGI ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Exchange:
    """One request and its answer, as events."""

    body: bytes | None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether all of the answer is there, or will never be."""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    sent: bytearray = field(default_factory=bytearray)
    whole: bool = False

    async def receive(self) -> Event:
        if self.body is not None:
            body, self.body = self.body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.over.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            pairs = event.get("headers") or ()
            self.headers = tuple((_text(name), _text(value)) for name, value in pairs)
        elif event["type"] == "http.response.body":
            self.sent += event.get("body", b"")
            self.whole = not event.get("more_body", False)
            if self.whole:
                self.over.set()

    @property
    def answered(self) -> Answered:
        if not (self.whole and self.status):
            return BROKEN
        return Answered(self.status, self.headers, bytes(self.sent))


def _text(data: bytes) -> str:
    return bytes(data).decode("latin-1")


class AsgiOnLoop:
    """A `Gateway` to an ASGI application that somebody else starts, on a loop that he runs."""

    def __init__(
        self,
        app: AsgiApp,
        public: Public,
        errors: list[BaseException],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """The loop may be known later."""
        self._app, self._public, self._errors = app, public, errors
        self._state: dict[str, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        if loop is not None:
            self._loop = loop

    def answer(self, asked: Asked) -> Answered:
        """As `Gateway.answer`; what the application does after its answer goes on."""
        answering = self._answer(asked)
        try:
            return asyncio.run_coroutine_threadsafe(answering, self._loop).result()
        except CancelledError:  # it took too long when all was stopped
            return BROKEN
        except RuntimeError as problem:  # the loop is closed
            answering.close()
            self._errors.append(problem)
            return BROKEN

    def stop(self) -> None:
        """The loop goes on, and what is under way on it."""

    async def _answer(self, asked: Asked) -> Answered:
        exchange = _Exchange(asked.body)
        scope = http_scope(asked, self._public, self._state)
        task = self._loop.create_task(self._run(scope, exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await exchange.over.wait()
        return exchange.answered

    async def _run(self, scope: Event, exchange: _Exchange) -> None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            raise
        except BaseException as problem:  # noqa: BLE001 - the test is told; `pytest.fail` is one
            self._errors.append(problem)
        else:
            if not exchange.whole:
                text = "the application ended without a whole answer"
                self._errors.append(RuntimeError(text))
        finally:
            exchange.over.set()


class Asgi(AsgiOnLoop):
    """A `Gateway` to an ASGI application, from its start-up to its shut-down."""

    def __init__(self, app: AsgiApp, public: Public, errors: list[BaseException]) -> None:
        """Return once it has started; raise `RuntimeError` when it cannot."""
        super().__init__(app, public, errors)
        self._loop: asyncio.AbstractEventLoop
        self._end: asyncio.Event
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._main, name="webhooks-asgi", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """Shut down, once what is under way is done; what is not in time is cancelled."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(PATIENCE)

    def _main(self) -> None:
        try:
            asyncio.run(self._live())
        except Exception as problem:  # noqa: BLE001 - whoever started it, or the test, is told
            if self._ready.is_set():
                self._errors.append(problem)
            self._problem = problem
        finally:
            self._ready.set()

    async def _live(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with lifespan(self._app, self._state):
            self._ready.set()
            await self._end.wait()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()


def http_scope(asked: Asked, public: Public, state: dict[str, Any]) -> Event:
    """A request as ASGI has it."""
    return {
        "type": "http",
        "asgi": dict(ASGI),
        "http_version": "1.1",
        "method": asked.method,
        "scheme": public.scheme,
        "path": unquote(asked.path),
        "raw_path": asked.path.encode("latin-1"),
        "query_string": asked.query.encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in asked.headers
        ],
        "client": asked.client,
        "server": (public.host, public.port),
        "state": dict(state),
    }


@asynccontextmanager
async def lifespan(app: AsgiApp, state: dict[str, Any]) -> AsyncIterator[None]:
    """Have an application start up and shut down, where it knows how; raise `RuntimeError`.

    One that raises when it is asked, or returns, does not know: that is no failure.
    """
    asked: asyncio.Queue[Event] = asyncio.Queue()
    said: asyncio.Queue[str] = asyncio.Queue()

    async def send(event: Event) -> None:
        await said.put(event.get("message", "") if event["type"].endswith(".failed") else "ok")

    async def run() -> None:
        with suppress(Exception):  # it has said so, or does not know about lifespans
            await app({"type": "lifespan", "asgi": dict(ASGI), "state": state}, asked.get, send)
        for _ in range(2):  # whatever is still waited for: nothing more will be said
            await said.put("ok")

    task = asyncio.get_running_loop().create_task(run())
    for what in ("startup", "shutdown"):
        await asked.put({"type": f"lifespan.{what}"})
        message = await said.get()
        if message != "ok":
            raise RuntimeError(f"the application's {what} failed: {message}")
        if what == "startup":
            yield
    await task
