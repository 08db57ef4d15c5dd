"""The web server for one application: what is on its sockets."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mockserver.handles import webserver
from mockserver.handles.webserver import Answered, Asked, WebServer, written


@contextmanager
def serving(
    answer: Callable[[Asked], Answered], errors: list[BaseException] | None = None
) -> Iterator[WebServer]:
    server = WebServer(answer, [] if errors is None else errors)
    try:
        yield server
    finally:
        server.stop()


def ask(server: WebServer, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def test_a_request_is_read_as_it_was_sent() -> None:
    """Target, headers and body; the answer ends the connection."""
    seen: list[Asked] = []

    def answer(asked: Asked) -> Answered:
        seen.append(asked)
        return Answered(200, (("X-A", "ü"), ("Transfer-Encoding", "chunked")), b"yes")

    with serving(answer) as server:
        said = ask(
            server,
            b"POST //a%20b?x=1 HTTP/1.1\r\nHost: app.test\r\nX-A: \xfc\r\n"
            b"Content-Length: 4\r\n\r\nbody",
        )
    assert said == (
        b"HTTP/1.1 200 OK\r\nX-A: \xfc\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes"
    )
    [asked] = seen
    assert (asked.method, asked.path, asked.query, asked.body) == (
        *("POST", "//a%20b", "x=1"),
        b"body",
    )
    assert asked.headers == (("Host", "app.test"), ("X-A", "ü"), ("Content-Length", "4"))


@pytest.mark.parametrize(
    ("method", "answer", "expected"),
    [
        ("GET", Answered(299, (), b"a"), b"299 Unknown\r\nContent-Length: 1\r\n"),
        ("GET", Answered(200, (), b"a", "Fine"), b"200 Fine\r\nContent-Length: 1\r\n"),
        ("GET", Answered(204), b"204 No Content\r\n"),
        ("GET", Answered(200, (("content-length", "0"),)), b"200 OK\r\ncontent-length: 0\r\n"),
        ("HEAD", Answered(200, (), b"abc"), b"200 OK\r\nContent-Length: 3\r\n"),
    ],
)
def test_an_answer_is_written(method: str, answer: Answered, expected: bytes) -> None:
    """With its length, where it has one; to HEAD without a body."""
    asked = Asked(method, "/", (), b"", ("127.0.0.1", 1))
    body = b"" if method == "HEAD" else answer.body
    assert written(asked, answer) == b"HTTP/1.1 " + expected + b"Connection: close\r\n\r\n" + body


def test_requests_are_answered_side_by_side() -> None:
    """A crowd at once; each in a thread of its own."""
    crowd = threading.Barrier(20)

    def answer(asked: Asked) -> Answered:
        crowd.wait()
        return Answered(204)

    with serving(answer) as server:
        said: list[bytes] = []
        askers = [
            threading.Thread(target=lambda: said.append(ask(server, b"GET / HTTP/1.1\r\n\r\n")))
            for _ in range(20)
        ]
        for each in askers:
            each.start()
        for each in askers:
            each.join()
    assert len(said) == 20
    assert all(each.startswith(b"HTTP/1.1 204 ") for each in said)


@pytest.mark.parametrize("sent", [b"", b"GET", b"what?\r\n\r\n", b"GET / HTTP/9\r\n\r\n"])
def test_nonsense_is_nobodys_trouble(sent: bytes) -> None:
    """The application is not asked, and the next request is answered."""
    seen: list[str] = []

    def answer(asked: Asked) -> Answered:
        seen.append(asked.target)
        return Answered(204)

    errors: list[BaseException] = []
    with serving(answer, errors) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(sent)
        assert b"204" in ask(server, b"GET /x HTTP/1.1\r\n\r\n")
    assert (seen, errors) == (["/x"], [])


def test_an_answer_that_cannot_be_written_is_kept() -> None:
    """A header with letters that HTTP does not have, say."""
    errors: list[BaseException] = []
    with serving(lambda _: Answered(200, (("X-A", "世"),)), errors) as server:
        assert ask(server, b"GET / HTTP/1.1\r\n\r\n") == b""
    assert [type(each) for each in errors] == [UnicodeEncodeError]


def test_stopping_waits_for_what_is_under_way() -> None:
    """And then nobody listens."""
    asked, stopping = threading.Event(), threading.Event()
    done: list[bool] = []

    def answer(_: Asked) -> Answered:
        asked.set()
        stopping.wait()
        done.append(True)
        return Answered(204)

    with serving(answer) as server:
        port = server.port
        line = socket.create_connection(("127.0.0.1", port))
        line.sendall(b"GET / HTTP/1.1\r\n\r\n")
        asked.wait()
        stopping.set()
    assert done == [True]
    line.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_guard_on_sockets_does_not_catch_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Socket blockers put a class of theirs in the place of Python's."""
    client = socket.socket()

    class Guarded(socket.socket):
        def __new__(cls, *_: object, **__: object) -> "Guarded":
            raise RuntimeError("no sockets in tests")

    with monkeypatch.context() as patched, client:
        patched.setattr(socket, "socket", Guarded)
        with serving(lambda _: Answered(204)) as server:
            client.connect(("127.0.0.1", server.port))
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 204 ")


def test_requests_that_hang_are_waited_for_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a server takes no longer with four applications' requests than with one."""
    monkeypatch.setattr(webserver, "PATIENCE", 0.5)
    begun, over = threading.Semaphore(0), threading.Event()

    def hang(asked: Asked) -> Answered:
        begun.release()
        over.wait()
        return Answered(204)

    server = WebServer(hang, [])
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(4)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\n\r\n")
        begun.acquire()
    started = time.perf_counter()
    server.stop()
    took = time.perf_counter() - started
    over.set()
    for line in lines:
        line.close()
    assert 0.5 <= took < 1.9
