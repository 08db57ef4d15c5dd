"""Callbacks that go elsewhere than they say."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.signature import signed_url
from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Limits, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]

PUBLIC = "https://App.example:8443"


@pytest.fixture
async def mapped(receiver: "Receiver") -> AsyncIterator[HttpCourier]:
    """Knows the receiver under its public address."""
    courier = HttpCourier(webhook_map=[(PUBLIC, receiver.url)])
    yield courier
    await courier.close()


async def failure(courier: HttpCourier, parcel: Parcel, limits: Limits) -> Unreachable:
    with pytest.raises(Unreachable) as problem:
        await courier.deliver(parcel, limits)
    return problem.value


# -- by URL ----------------------------------------------------------------------------------------


async def test_an_application_learns_its_public_address(
    receiver: "Receiver", mapped: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """As behind a tunnel: `Host` as written, and what a proxy adds; the journal has it all."""
    result = await mapped.deliver(parcel(f"{PUBLIC}/sms?x=1"), limits)
    [request] = receiver.requests
    headers = dict(receiver.headers_of(request))
    assert request.startswith(b"POST /sms?x=1 HTTP/1.1\r\n")
    assert list(result.sent_headers) == receiver.headers_of(request)
    seen = f"{headers['X-Forwarded-Proto']}://{headers['Host']}/sms?x=1"
    assert seen == signed_url(f"{PUBLIC}/sms?x=1")
    assert headers["X-Forwarded-Host"] == headers["Host"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_goes_where_it_says_was_not_forwarded(
    receiver: "Receiver", mapped: HttpCourier, parcel: Make, limits: Limits, method: str
) -> None:
    """Whatever else the map says."""
    await mapped.deliver(parcel(receiver.url, method=method), limits)
    assert b"X-Forwarded" not in receiver.requests[0]


async def test_a_sandboxs_own_map_goes_first(
    receiver: "Receiver", parcel: Make, limits: Limits
) -> None:
    """For redirects, too; other sandboxes know nothing of it."""
    courier = HttpCourier(webhook_map=[(PUBLIC, "http://127.0.0.1:1")])
    routes = ((PUBLIC, receiver.url), ("http://other.example", f"{receiver.url}/other"))
    receiver.answers = [receiver.answer("307 There", "Location: http://other.example/x")]
    there = parcel(f"{PUBLIC}/sms")
    await courier.deliver(replace(there, routes=routes), limits)
    assert [request.split(b" ")[1] for request in receiver.requests] == [b"/sms", b"/other/x"]
    assert (await failure(courier, there, limits)).code == 11202
    await courier.close()


@pytest.mark.parametrize(
    ("location", "host", "proto"),
    [
        (f"{PUBLIC}/b", "App.example:8443", "https"),
        ("/b", "app.example:8443", "https"),
        ("http://127.0.0.1:{port}/b", "127.0.0.1:{port}", None),
        ("http://localhost:{port}/b", "localhost:{port}", None),
    ],
)
async def test_redirects_lead_both_ways(
    receiver: "Receiver",
    mapped: HttpCourier,
    parcel: Make,
    limits: Limits,
    location: str,
    host: str,
    proto: str | None,
) -> None:
    """To the public address, and to the application's own; each hop is looked up in the map."""
    there = location.format(port=receiver.port)
    receiver.answers = [receiver.answer("302 There", f"Location: {there}")]
    result = await mapped.deliver(parcel(f"{PUBLIC}/a"), limits)
    assert (result.status, result.error_code) == (204, 0)
    headers = dict(receiver.headers_of(receiver.requests[1]))
    assert headers["Host"] == host.format(port=receiver.port)
    assert headers.get("X-Forwarded-Proto") == proto


async def test_a_password_stays_with_the_application(
    receiver: "Receiver", mapped: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Its own address is the same place as its public one; another name for it is not."""
    hops = (receiver.url, f"http://localhost:{receiver.port}")
    receiver.answers = [receiver.answer("307 There", f"Location: {hop}/") for hop in hops]
    await mapped.deliver(parcel(PUBLIC.replace("//", "//u:p@")), limits)
    given = ["Authorization" in dict(receiver.headers_of(each)) for each in receiver.requests]
    assert given == [True, True, False]


@pytest.mark.parametrize("address", ["169.254.169.254", "8.8.8.8", "[fe80::1]"])
async def test_a_mapped_application_leads_nowhere_else(
    receiver: "Receiver", mapped: HttpCourier, parcel: Make, limits: Limits, address: str
) -> None:
    """Its redirects are judged like everybody's."""
    receiver.answers = [receiver.answer("302 There", f"Location: http://{address}/")]
    problem = await failure(mapped, parcel(PUBLIC), limits)
    assert (problem.code, problem.phase, len(receiver.requests)) == (11200, "refused", 1)


# -- by host ---------------------------------------------------------------------------------------


@pytest.fixture
async def outside(receiver: "Receiver") -> AsyncIterator[int]:
    """The port of the receiver at another address, as outside a container."""
    server = await asyncio.start_server(receiver, "127.0.0.2", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_another_host_stands_in(
    receiver: "Receiver", parcel: Make, limits: Limits, outside: int, host: str
) -> None:
    """Where the first refuses the connection; the next ones one after the other."""
    pairs = [("localhost", "127.0.0.3"), ("localhost", "127.0.0.2"), ("localhost", "127.0.0.4")]
    courier = HttpCourier(webhook_map=pairs)
    for method in ("POST", "GET"):
        await courier.deliver(parcel(f"http://{host}:{outside}/sms", method=method), limits)
    await courier.close()
    assert len(receiver.requests) == 2
    headers = dict(receiver.headers_of(receiver.requests[0]))
    assert headers["Host"] == headers["X-Forwarded-Host"] == f"{host}:{outside}"


async def test_who_is_there_needs_no_stand_in(
    receiver: "Receiver", parcel: Make, limits: Limits
) -> None:
    """Also where the connection is closed without an answer: it was not refused."""
    courier = HttpCourier(webhook_map=[("localhost", "127.0.0.2")])
    receiver.answers = [b""]
    assert (await failure(courier, parcel(receiver.url), limits)).code == 11205
    await courier.deliver(parcel(receiver.url), limits)
    await courier.close()
    assert b"X-Forwarded" not in b"".join(receiver.requests)


async def test_the_map_by_url_comes_first(
    receiver: "Receiver", parcel: Make, limits: Limits, outside: int
) -> None:
    """And the host is the one that it leads to; so are those of redirects."""
    pairs = [(PUBLIC, f"http://localhost:{outside}"), ("localhost", "127.0.0.2")]
    courier = HttpCourier(webhook_map=pairs)
    receiver.answers = [
        receiver.answer("302 There", f"Location: http://127.0.0.1:{outside}/b"),
        receiver.answer("302 There", f"Location: {PUBLIC}/c"),
    ]
    assert (await courier.deliver(parcel(f"{PUBLIC}/a"), limits)).status == 204
    await courier.close()
    assert [each.split(b" ")[1] for each in receiver.requests] == [b"/a", b"/b", b"/c"]


async def test_a_stand_in_shows_the_certificate_of_the_first(
    receiver: "Receiver",
    parcel: Make,
    limits: Limits,
    certificate: Callable[[str], ssl.SSLContext],
    trust: ssl.SSLContext,
) -> None:
    """It is the same application, which is only reached in another way."""
    courier = HttpCourier(webhook_map=[("localhost", "127.0.0.2")], ssl_context=trust)
    server = await asyncio.start_server(receiver, "127.0.0.2", 0, ssl=certificate("right"))
    port = server.sockets[0].getsockname()[1]
    async with server:
        for host in ("127.0.0.1", "localhost"):
            assert (await courier.deliver(parcel(f"https://{host}:{port}/"), limits)).status == 204
        problem = await failure(courier, parcel(f"https://127.0.0.5:{port}/"), limits)
        await courier.close()
    assert problem.code == 11202
    assert f"127.0.0.2:{port}: its certificate is not accepted" in problem.reason


async def test_nobody_is_there_at_all(parcel: Make, limits: Limits, unused_tcp_port: int) -> None:
    """The error is the first one's, and names what was tried; the policy holds for all."""
    pairs = [("localhost", host) for host in ("127.0.0.2", "app.invalid", "8.8.8.8", "169.254.0.9")]
    courier = HttpCourier(webhook_map=pairs, contained=True)
    problem = await failure(courier, parcel(f"http://localhost:{unused_tcp_port}/"), limits)
    await courier.close()
    assert (problem.code, problem.phase, problem.sent_headers) == (11202, "connect", ())
    assert problem.reason.startswith(f"localhost:{unused_tcp_port}: the connection was refused")
    assert f"127.0.0.2:{unused_tcp_port}: the connection was refused" in problem.reason
    assert "the host name is not known" in problem.reason
    assert "--webhook-allow 8.8.8.8" in problem.reason
    assert "169.254.0.9 is never called" in problem.reason
    assert "container" not in problem.reason


async def test_a_container_that_does_not_know_its_host(
    parcel: Make, limits: Limits, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker on Linux has to be told."""

    async def nobody_knows(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody_knows)
    courier = HttpCourier(webhook_map=[("localhost", "host.docker.internal")])
    problem = await failure(courier, parcel(f"http://[::1]:{unused_tcp_port}/"), limits)
    await courier.close()
    assert f"Tried as well: host.docker.internal:{unused_tcp_port}: " in problem.reason
    assert "--add-host=host.docker.internal:host-gateway" in problem.reason


# -- in a container --------------------------------------------------------------------------------

WAY_OUT = "`--webhook-map localhost=host.docker.internal`"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("contained", [True, False])
async def test_the_way_out_of_a_container_is_named(
    parcel: Make, limits: Limits, unused_tcp_port: int, host: str, contained: bool
) -> None:
    """Where loopback refuses the connection, and only in a container."""
    courier = HttpCourier(contained=contained)
    problem = await failure(courier, parcel(f"http://{host}:{unused_tcp_port}/"), limits)
    await courier.close()
    assert problem.code == 11202
    assert (WAY_OUT in problem.reason) == contained


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n"])
async def test_the_way_out_is_named_to_nobody_else(
    receiver: "Receiver", parcel: Make, limits: Limits, answer: bytes
) -> None:
    """Somebody was there; or a name was not found."""
    courier = HttpCourier(contained=True)
    receiver.answers = [answer]
    for url in (receiver.url, "http://app.invalid/"):
        assert WAY_OUT not in (await failure(courier, parcel(url), limits)).reason
    await courier.close()
