"""Applications behind a web server, without one."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from flask import Flask

from mockserver.handles.gateways import Asgi, Public, Wsgi, is_asgi
from mockserver.handles.webserver import Answered, Asked

PUBLIC = Public.of("https://app.example.com/hooks")
HEADERS = (
    ("Host", "app.example.com"),
    ("Content-Type", "text/x"),
    ("Content-Length", "4"),
    ("X-Two", "1"),
    ("X-Two", "2"),
)
ASKED = Asked("POST", "/hooks//a%20b%C3%BC?x=%7e&y", HEADERS, b"body", ("127.0.0.1", 4))

Start = Callable[..., Any]
Errors = list[BaseException]


# -- which of the two ------------------------------------------------------------------------------


def wsgi(environ: Any, start_response: Any) -> Any:
    """WSGI, plainly."""


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """ASGI, plainly."""


class AsyncCall:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Returning:
    """As some middleware: no coroutine function, but what it returns can be awaited."""

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any: ...


class Iterating:
    """PEP 3333 allows a class: its instances are what is iterated over."""

    def __init__(self, environ: Any, start_response: Any) -> None: ...

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


async def anything(*args: Any) -> None:
    """Takes whatever it is given, in a coroutine."""


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (wsgi, False),
        (Flask("app"), False),
        (Iterating, False),
        (lambda environ, start_response, more=None: None, False),
        (lambda *args: None, False),
        (partial(lambda wrapped, environ, start: None, wsgi), False),
        (asgi, True),
        (AsyncCall(), True),
        (Returning(), True),
        (partial(asgi), True),
        (anything, True),
    ],
)
def test_the_kinds_are_told_apart(app: Any, expected: bool) -> None:
    """By how they are called."""
    assert is_asgi(app) == expected


async def two(_: Any, __: Any) -> None:
    """A coroutine function with WSGI's parameters."""


@pytest.mark.parametrize("app", [None, "app", 7, web.Application(), two, lambda scope: None, dict])
def test_what_is_neither_is_refused(app: Any) -> None:
    """With what to do about it; aiohttp's applications need a server of aiohttp's."""
    with pytest.raises(TypeError, match=r"webhooks_to\('http://localhost:8080', …\)"):
        is_asgi(app)


@pytest.mark.parametrize("url", ["", "app.example.com", "ftp://app.example.com", "https:///x"])
def test_a_public_address_is_an_address(url: str) -> None:
    """With a scheme and a host."""
    with pytest.raises(ValueError, match=r"https://app\.example\.com"):
        Public.of(url)


# -- WSGI ------------------------------------------------------------------------------------------


def ask_wsgi(app: Any) -> tuple[Answered, Errors]:
    errors: Errors = []
    return Wsgi(app, PUBLIC, errors).answer(ASKED), errors


def test_a_wsgi_application_sees_its_public_address() -> None:
    """Scheme, host and port; the path is whole, and the request as it was sent is there, too."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("204 Nothing", [("X-A", "1")])
        return []

    answer, errors = ask_wsgi(app)
    assert (answer, errors) == (Answered(204, (("X-A", "1"),), b"", "Nothing"), [])
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/hooks//a b\u00c3\u00bc",
        "QUERY_STRING": "x=%7e&y",
        "RAW_URI": "/hooks//a%20b%C3%BC?x=%7e&y",
        "SERVER_NAME": "app.example.com",
        "SERVER_PORT": "443",
        "HTTP_HOST": "app.example.com",
        "HTTP_X_TWO": "1,2",
        "CONTENT_TYPE": "text/x",
        "CONTENT_LENGTH": "4",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "https",
        "body": b"body",
    }
    assert {name: seen[name] for name in expected} == expected
    assert "PATH" not in seen


def test_a_wsgi_answer_may_come_in_pieces() -> None:
    """Written, yielded, and begun anew with an error; what can be closed is closed."""
    closed = []

    class Pieces:
        def __iter__(self) -> Iterator[bytes]:
            yield b"b"
            yield b"c"

        def close(self) -> None:
            closed.append(True)

    def app(_: Any, start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [])
        start_response("500 Oops", [("X-A", "1")], (None, None, None))(b"a")
        return Pieces()

    answer, errors = ask_wsgi(app)
    assert (answer, errors) == (Answered(500, (("X-A", "1"),), b"abc", "Oops"), [])
    assert closed == [True]


def _fail(*_: Any) -> Any:
    pytest.fail("in the application")


def _late(_: Any, start_response: Start) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield b"a"
    raise KeyError("late")


def _twice(_: Any, start_response: Start) -> Iterable[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (lambda environ, start: 1 / 0, "division by zero"),
        (_fail, "in the application"),
        (_late, "late"),
        (_twice, "called twice"),
        (lambda environ, start: [], "did not call start_response"),
        (lambda environ, start: start("two hundred", []) and [], "two"),
    ],
)
def test_what_a_wsgi_application_raises_is_kept(app: Any, said: str) -> None:
    """And answered with 500, a failed assertion of the test too."""
    answer, [problem] = ask_wsgi(app)
    assert answer.status == 500
    assert said in str(problem)


# -- ASGI ------------------------------------------------------------------------------------------


@contextmanager
def running(app: Any) -> Iterator[tuple[Asgi, Errors]]:
    """Until it was shut down."""
    errors: Errors = []
    gateway = Asgi(app, PUBLIC, errors)
    try:
        yield gateway, errors
    finally:
        gateway.stop()


async def answering(send: Any, *pieces: bytes, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-a", b"1")]})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


def test_an_asgi_application_sees_its_public_address() -> None:
    """As a WSGI one does; the body comes once, and then the end."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        seen.extend((scope, await receive()))
        await answering(send, b"a", b"b", status=201)
        seen.append(await receive())

    with running(app) as (gateway, errors):
        assert gateway.answer(ASKED) == Answered(201, (("x-a", "1"),), b"ab")
    scope, *events = seen
    assert events == [
        {"type": "http.request", "body": b"body", "more_body": False},
        {"type": "http.disconnect"},
    ]
    expected = {
        "method": "POST",
        "scheme": "https",
        "path": "/hooks//a bü",
        "raw_path": b"/hooks//a%20b%C3%BC",
        "query_string": b"x=%7e&y",
        "root_path": "",
        "server": ("app.example.com", 443),
        "client": ("127.0.0.1", 4),
        "state": {},
    }
    assert {name: scope[name] for name in expected} == expected
    assert scope["headers"][0] == (b"host", b"app.example.com")
    assert [str(each) for each in errors] == []


def test_requests_are_answered_side_by_side() -> None:
    """On one event loop, which is not the test's."""
    threads = set()
    both: list[asyncio.Event] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        threads.add(threading.current_thread())
        both.append(asyncio.Event())
        if len(both) == 2:
            for each in both:
                each.set()
        await both[0].wait()
        await answering(send)

    with running(app) as (gateway, errors):
        one = threading.Thread(target=gateway.answer, args=(ASKED,))
        one.start()
        assert gateway.answer(ASKED).status == 200
        one.join()
    assert (len(threads), errors) == (1, [])
    assert threading.current_thread() not in threads


def test_what_follows_an_answer_is_waited_for_at_the_end() -> None:
    """The answer does not wait for a background task; stopping does."""
    answered, done = threading.Event(), []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await answering(send)
        await asyncio.to_thread(answered.wait)
        done.append(True)
        raise KeyError("afterwards")

    with running(app) as (gateway, errors):
        assert gateway.answer(ASKED).status == 200
        assert done == []
        answered.set()
    assert done == [True]
    assert [str(each) for each in errors] == ["'afterwards'"]


async def _mute(scope: Any, receive: Any, send: Any) -> None:
    """Says nothing."""


async def _half(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})


async def _fails(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        pytest.fail("in the application")


async def _headless(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.body"})
        raise KeyError("no start")


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (_mute, "without a whole answer"),
        (_half, "without a whole answer"),
        (_fails, "in the application"),
        (_headless, "no start"),
    ],
)
def test_what_an_asgi_application_raises_is_kept(app: Any, said: str) -> None:
    """And answered with 500."""
    with running(app) as (gateway, errors):
        assert gateway.answer(ASKED).status == 500
    [problem] = errors
    assert said in str(problem)


# -- lifespans -------------------------------------------------------------------------------------


def living(log: list[str], startup: str = "complete", shutdown: str = "complete") -> Any:
    """An application that starts up and shuts down, or fails to."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            log.append(f"request {scope['state']}")
            scope["state"]["own"] = 1
            await answering(send)
            return
        for what, how in (("startup", startup), ("shutdown", shutdown)):
            assert (await receive())["type"] == f"lifespan.{what}"
            scope["state"]["pool"] = 7
            log.append(what)
            await send({"type": f"lifespan.{what}.{how}", "message": "no database"})

    return app


def test_an_application_starts_up_and_shuts_down() -> None:
    """Around all requests, on their loop; what it puts into the state, each request finds."""
    log: list[str] = []
    with running(living(log)) as (gateway, errors):
        for _ in range(2):
            gateway.answer(ASKED)
    assert log == ["startup", "request {'pool': 7}", "request {'pool': 7}", "shutdown"]
    assert errors == []


def test_an_application_that_cannot_start_is_told_about() -> None:
    """At once, and not with the first webhook."""
    with (
        pytest.raises(RuntimeError, match="startup failed: no database"),
        running(living([], startup="failed")),
    ):
        pytest.fail("it has started")


def test_a_failed_shut_down_is_kept() -> None:
    """The test is over by then."""
    with running(living([], shutdown="failed")) as (_, errors):
        pass
    assert [str(each) for each in errors] == ["the application's shutdown failed: no database"]


def test_an_application_may_leave_early() -> None:
    """Having started up, it need not wait for the end."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
        else:
            await answering(send)

    with running(app) as (gateway, errors):
        assert gateway.answer(ASKED).status == 200
    assert errors == []


def test_an_application_that_hangs_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test run ends; the request is answered with 500."""
    monkeypatch.setattr("mockserver.handles.gateways.PATIENCE", 0.05)
    asked = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        asked.set()
        await asyncio.Event().wait()

    answers: list[Answered] = []
    with running(app) as (gateway, errors):
        thread = threading.Thread(target=lambda: answers.append(gateway.answer(ASKED)))
        thread.start()
        asked.wait()
    thread.join()
    assert ([each.status for each in answers], errors) == ([500], [])
