"""The talk between handle and server: past blocked sockets, over connections that are kept."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, NoReturn

import pytest

from mockserver import MockTwilio
from mockserver.handles import connection
from mockserver.handles.connection import IDLE_KEPT, ControlClient, Pool
from mockserver.handles.errors import ControlError, ServerGone

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Serving = Callable[..., AbstractContextManager[tuple[str, list[int]]]]


@pytest.fixture
def serving() -> Serving:
    """`serving(*answers)`: one connection after the other, hung up on after its answers."""
    return _serving


@contextmanager
def _serving(*connections: tuple[bytes, ...]) -> Iterator[tuple[str, list[int]]]:
    """The URL, and how many requests each connection brought."""
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answers in connections:
                with listener.accept()[0] as line:
                    seen.append(0)
                    for answer in answers:
                        line.recv(65536)
                        seen[-1] += 1
                        line.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
        thread.join()


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox."""
    with MockTwilio() as twilio:
        yield twilio


def ask(url: str) -> None:
    """One call, after which nothing is open."""
    with closing(Pool(url)) as pool:
        ControlClient(pool).call("GET", "/health")


def test_a_connection_is_kept(serving: Serving) -> None:
    """Calls made one after another share one."""
    with serving((OK, OK, OK)) as (url, seen):
        pool = Pool(url)
        for _ in range(3):
            assert ControlClient(pool).call("GET", "/health") == {}
        pool.close()
    assert seen == [3]


def test_a_connection_that_was_closed_while_idle_is_replaced(serving: Serving) -> None:
    """Once, in silence: the server may hang up on the idle."""
    with serving((OK,), (OK,)) as (url, seen):
        pool = Pool(url)
        ControlClient(pool).call("POST", "/reset", {})
        ControlClient(pool).call("POST", "/reset", {})
        pool.close()
    assert seen == [1, 1]


def test_a_fresh_connection_that_is_cut_is_a_failure(serving: Serving) -> None:
    """Trying again would only hide it."""
    with serving((b"",)) as (url, _), pytest.raises(ServerGone, match="no server answers"):
        ask(url)


def test_a_stranger_is_recognised(serving: Serving) -> None:
    """Something answers at the address, but it is no mock server."""
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"
    with serving((page,)) as (url, _), pytest.raises(ServerGone, match="no twilio-mockserver"):
        ask(url)


def test_a_refusal_without_our_error_is_one_all_the_same(serving: Serving) -> None:
    """A proxy's error page in JSON, say."""
    page = b"HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\n[]"
    with serving((page,)) as (url, _), pytest.raises(ControlError, match="502") as refused:
        ask(url)
    assert (refused.value.status, refused.value.type) == (502, "")


def test_an_answer_that_does_not_come_is_given_up() -> None:
    """After the time that the caller has."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        pool = Pool(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with pytest.raises(ServerGone, match=r"did not answer GET /_mock/health within 0\.05 s"):
            ControlClient(pool).call("GET", "/health", timeout=0.05)


def test_threads_do_not_share_a_connection(twilio: MockTwilio) -> None:
    """Each call has one to itself; only a few are kept open afterwards."""
    problems: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                assert twilio.messages() == []
        except BaseException as problem:  # noqa: BLE001 - shown by the test
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(2 * IDLE_KEPT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(twilio._control.pool._idle) <= IDLE_KEPT


def test_localhost_is_both_loopbacks() -> None:
    """IPv4 first, then IPv6, without asking a resolver, which may be blocked as well."""
    assert connection._addresses("localhost", 7) == [
        (socket.AF_INET, ("127.0.0.1", 7)),
        (socket.AF_INET6, ("::1", 7, 0, 0)),
    ]
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with listener:
        made = connection._Connection("localhost", listener.getsockname()[1], timeout=5)
        made.connect()
        made.close()


def test_blocked_sockets_do_not_block_the_handle(
    twilio: MockTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blocker puts its own class in the place of `socket.socket`, or a guard on `connect`."""

    class Guarded(socket.socket):
        def __new__(cls, *_: Any, **__: Any) -> NoReturn:
            raise RuntimeError("sockets are blocked")

    def guard(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("hosts are blocked")

    twilio._control.pool.close()
    monkeypatch.setattr(socket, "getaddrinfo", guard)
    monkeypatch.setattr(socket.socket, "connect", guard)
    monkeypatch.setattr(socket, "socket", Guarded)
    with pytest.raises(RuntimeError, match="blocked"):
        socket.create_connection(("127.0.0.1", 9))
    assert twilio.messages() == []
    with MockTwilio(url=twilio.base_url.replace("localhost", "127.0.0.1")) as guest:
        assert guest.messages() == []


@pytest.mark.parametrize("url", ["https://localhost:1", "http://", "localhost:99999"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """With an example of one that is."""
    with pytest.raises(ValueError, match=r"http://localhost:2010 is one|out of range"):
        Pool(url)


def test_an_address_may_leave_things_out() -> None:
    """The scheme, the port; a path before ours stays."""
    assert Pool("localhost:2010").url == "http://localhost:2010"
    assert Pool("http://mock/twilio/").url == "http://mock/twilio"


def test_a_server_that_answered_may_refuse_for_a_while(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault can have it so: the handle tries again, and gives up in the end; then it is quick."""
    monkeypatch.setattr(connection, "PAUSE", 0.0)
    tried: list[int] = []
    with serving((OK,)) as (url, _), closing(Pool(url)) as pool:
        client = ControlClient(pool)
        client.call("GET", "/health")
        port = int(url.rpartition(":")[2])
    original = connection._Connection.connect

    def connect(line: connection._Connection) -> None:
        tried.append(line.port)
        original(line)

    monkeypatch.setattr(connection._Connection, "connect", connect)
    with pytest.raises(ServerGone, match="the fault `refuse` does that"):
        client.call("GET", "/health")
    assert tried == [port] * connection.REFUSALS
    tried.clear()
    with pytest.raises(ServerGone, match="refused"):
        client.call("GET", "/health")
    assert tried == [port]


def test_a_dead_server_is_not_waited_for(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its end is known, the first refusal is told, with the reason."""
    monkeypatch.setattr(connection, "PAUSE", 60.0)
    said: list[str] = []
    with serving((OK,)) as (url, _), closing(Pool(url, lambda: "".join(said))) as pool:
        ControlClient(pool).call("GET", "/health")
    said.append("it ended with status 1")
    with pytest.raises(ServerGone, match="it ended with status 1"):
        ControlClient(pool).call("GET", "/health")
