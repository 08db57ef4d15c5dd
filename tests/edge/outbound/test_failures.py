"""When a callback does not arrive."""

import asyncio
import gc
import ssl
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Limits, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]


async def failure(courier: HttpCourier, parcel: Parcel, limits: Limits) -> Unreachable:
    with pytest.raises(Unreachable) as problem:
        await courier.deliver(parcel, limits)
    return problem.value


async def test_a_name_is_resolved_and_checked(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """`localhost` is this machine, whatever addresses it has."""
    await courier.deliver(parcel(f"http://localhost:{receiver.port}/"), limits)
    assert dict(receiver.headers_of(receiver.requests[0]))["Host"] == f"localhost:{receiver.port}"


async def test_a_name_for_a_forbidden_address_is_not_called(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is judged is the address that would be connected to, not the name."""
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _names("203.0.113.9"))
    problem = await failure(courier, parcel("http://app.example/"), limits)
    assert problem.phase == "refused"
    assert "app.example (203.0.113.9)" in problem.reason
    assert "--webhook-allow app.example" in problem.reason


async def test_of_several_addresses_the_allowed_ones_are_called(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name with a public and a private address leads to the private one."""
    addresses = ("203.0.113.9", "127.0.0.1", "169.254.169.254")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _names(*addresses))
    await courier.deliver(parcel(f"http://app.example:{receiver.port}/"), limits)
    assert len(receiver.requests) == 1


def _names(*addresses: str) -> Callable[..., object]:
    """Stands for the system's name service: every name has these addresses."""

    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host[0].isdigit():
            return [(2, 1, 6, "", (host, port))]
        return [(2, 1, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


async def test_a_name_that_nobody_knows(courier: HttpCourier, parcel: Make, limits: Limits) -> None:
    """`.invalid` never exists (RFC 2606): 11210."""
    problem = await failure(courier, parcel("http://app.invalid/"), limits)
    assert (problem.code, problem.phase, problem.sent_headers) == (11210, "connect", ())


@pytest.mark.parametrize(
    "start",
    [
        "http://app.invalid",
        "https://app.invalid",
        "http://app.invalid:8080",
        "https://app.invalid:80",
    ],
)
async def test_a_name_that_nobody_knows_can_be_led_elsewhere(
    courier: HttpCourier, parcel: Make, limits: Limits, start: str
) -> None:
    """The flag is written out as it has to be: a map goes by scheme and port, too."""
    problem = await failure(courier, parcel(f"{start}/status"), limits)
    assert f"`--webhook-map {start}=http://localhost:PORT`" in problem.reason


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://my_app/", 21609),
        ("nonsense", 11100),
        ("http://127.0.0.1:0/", 11100),
        ("http://8.8.8.8/", 11200),
        ("http://bücher.invalid/", 11210),
    ],
)
async def test_what_cannot_be_called_says_so(
    courier: HttpCourier, parcel: Make, limits: Limits, url: str, code: int
) -> None:
    """Every such URL is `Unreachable`, with a code and a sentence."""
    problem = await failure(courier, parcel(url), limits)
    assert problem.code == code
    assert problem.reason


async def test_a_header_that_cannot_be_sent(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """Nothing is smuggled into a request by way of a header."""
    smuggler = Parcel("status", receiver.url, "POST", (), "s\r\nX-Evil: 1", "t", "AC1")
    problem = await failure(courier, smuggler, limits)
    assert problem.code == 11100
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nobody_listens(
    courier: HttpCourier, parcel: Make, limits: Limits, host: str
) -> None:
    """A refused connection is 11202, of a name with several addresses too."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    problem = await failure(courier, parcel(f"http://{host}:{port}/"), limits)
    assert (problem.code, problem.phase, problem.sent_headers) == (11202, "connect", ())
    assert f"{host}:{port}" in problem.reason


@pytest.mark.parametrize(
    ("scheme", "limits", "code", "phase"),
    [
        ("https", Limits(connect=0.05, read=30, total=30), 11201, "connect"),
        ("https", Limits(connect=30, read=30, total=0.05), 11203, "connect"),
        ("http", Limits(connect=30, read=0.05, total=30), 11200, "read"),
        ("http", Limits(connect=30, read=30, total=0.05), 11203, "read"),
    ],
)
async def test_nobody_answers(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    scheme: str,
    limits: Limits,
    code: int,
    phase: str,
) -> None:
    """Each limit has its code, and the phase tells whether there was a connection, TLS included."""
    receiver.hanging = True
    problem = await failure(courier, parcel(f"{scheme}://127.0.0.1:{receiver.port}/"), limits)
    assert (problem.code, problem.phase) == (code, phase)
    assert "0.05 s" in problem.reason
    assert bool(problem.sent_headers) == (phase == "read")


async def test_the_total_time_is_for_all_redirects(
    receiver: "Receiver", courier: HttpCourier, parcel: Make
) -> None:
    """An answer that does not end is over with it as well."""
    receiver.answers = [
        receiver.answer("307 Again", "Location: /next"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    ]
    limits = Limits(connect=30, read=30, total=0.1)
    problem = await failure(courier, parcel(receiver.url), limits)
    assert (problem.code, problem.phase) == (11203, "read")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"", 11205),
        (b"HTTP/1.1 500", 11205),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 11206),
        (b"HTTP/1.1 abc OK\r\n\r\n", 11206),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 9\r\n\r\nhalf", 11206),
        (b"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 11206),
        (b"HTTP/1.1 302 Found\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 11206),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_broken_answer(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    reply: bytes,
    code: int,
    method: str,
) -> None:
    """Closed without an answer is 11205, not HTTP is 11206; the request is not made again."""
    receiver.answers = [reply]
    problem = await failure(courier, parcel(receiver.url, method=method), limits)
    assert (problem.code, problem.phase) == (code, "read")
    assert list(problem.sent_headers) == receiver.headers_of(receiver.requests[0])
    assert len(receiver.requests) == 1


async def test_a_closed_courier_carries_nothing(
    receiver: "Receiver", parcel: Make, limits: Limits
) -> None:
    """Neither what comes later nor what is under way; closing twice is fine."""
    courier = HttpCourier()
    receiver.hanging = True
    under_way = asyncio.create_task(courier.deliver(parcel(receiver.url), limits))
    await receiver.visited.wait()
    await courier.close()
    await courier.close()
    with pytest.raises(Unreachable):
        await under_way
    assert (await failure(courier, parcel(receiver.url), limits)).phase == "refused"


async def test_a_cancelled_delivery_is_cancelled(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """A reset of the sandbox gives up what is in flight, and later parcels go out as ever."""
    receiver.hanging = True
    under_way = asyncio.create_task(courier.deliver(parcel(receiver.url), limits))
    await receiver.visited.wait()
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    receiver.hanging = False
    assert (await courier.deliver(parcel(receiver.url), limits)).status == 204


async def test_a_delivery_that_is_over_is_forgotten(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Its task can be collected, however it ended: a million deliveries leave nothing behind."""
    receiver.answers = [b""]
    for url, end in [(receiver.url, 11205), (receiver.url, 204), ("http://app.invalid/", 11210)]:
        task = asyncio.create_task(outcome(courier, parcel(url), limits))
        await asyncio.wait({task})
        assert task.result() == end
        left = weakref.ref(task)
        del task
        gc.collect()
        assert left() is None


async def outcome(courier: HttpCourier, parcel: Parcel, limits: Limits) -> int:
    try:
        return (await courier.deliver(parcel, limits)).status
    except Unreachable as problem:
        return problem.code


@pytest.mark.parametrize(("name", "code"), [("right", 0), ("other", 11235), ("expired", 11236)])
async def test_certificates_are_checked(
    receiver: "Receiver",
    parcel: Make,
    limits: Limits,
    certificate: Callable[[str], ssl.SSLContext],
    trust: ssl.SSLContext,
    name: str,
    code: int,
) -> None:
    """The right one is accepted; another name and an old one have their alerts."""
    courier = HttpCourier(ssl_context=trust)
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=certificate(name))
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        if code:
            problem = await failure(courier, parcel(url), limits)
            assert (problem.code, problem.phase) == (code, "connect")
        else:
            assert (await courier.deliver(parcel(url), limits)).status == 204
        await courier.close()


async def test_an_unknown_authority_is_refused(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    certificate: Callable[[str], ssl.SSLContext],
) -> None:
    """With the system's roots a certificate of one's own is 11237."""
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=certificate("right"))
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        problem = await failure(courier, parcel(url), limits)
    assert (problem.code, problem.phase) == (11237, "connect")
    assert "certificate" in problem.reason


async def test_tls_to_a_plain_server(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """A server that speaks no TLS: 11220."""
    receiver.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    problem = await failure(courier, parcel(f"https://127.0.0.1:{receiver.port}/"), limits)
    assert (problem.code, problem.phase) == (11220, "connect")
