"""TLS that does not say whose certificate it wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.edge.outbound.tls import covers, silent
from mockserver.world.ports import Limits, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]
Certificate = Callable[[str], ssl.SSLContext]


@asynccontextmanager
async def serving(receiver: "Receiver", context: ssl.SSLContext) -> AsyncIterator[tuple[int, Any]]:
    """The port, and the server names that clients send."""
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], names


async def test_an_override_keeps_the_name_back(
    receiver: "Receiver",
    parcel: Make,
    limits: Limits,
    certificate: Certificate,
    trust: ssl.SSLContext,
) -> None:
    """`sni=n`, also on the way of redirects, whose own overrides do not count.

    Connections are not shared: those with a name are kept, and so are those without.
    """
    courier = HttpCourier(ssl_context=trust)
    async with serving(receiver, certificate("right")) as (port, names):
        url = f"https://localhost:{port}/"
        receiver.answers = [receiver.answer("307 There", f"Location: {url}#sni=n")]
        for fragment in ("", "#sni=n", "#sni=y"):
            assert (await courier.deliver(parcel(url + fragment), limits)).status == 204
        assert names == ["localhost", "localhost", None]
        receiver.closing = True
        receiver.answers = [receiver.answer("307 There", f"Location: {url}")]
        await courier.deliver(parcel(f"{url}#sni=n"), limits)
        await courier.close()
    assert names[3:] == [None]
    assert len(receiver.requests) == 6


@pytest.mark.parametrize(("name", "code"), [("right", 0), ("other", 11235), ("expired", 11236)])
async def test_certificates_are_checked_all_the_same(
    receiver: "Receiver",
    parcel: Make,
    limits: Limits,
    certificate: Certificate,
    trust: ssl.SSLContext,
    name: str,
    code: int,
) -> None:
    """For their names, too: the server has shown the one that it shows to everybody."""
    courier = HttpCourier(ssl_context=trust)
    async with serving(receiver, certificate(name)) as (port, _):
        there = parcel(f"https://127.0.0.1:{port}/#sni=n")
        if code:
            with pytest.raises(Unreachable) as problem:
                await courier.deliver(there, limits)
            assert (problem.value.code, problem.value.phase) == (code, "connect")
        else:
            assert (await courier.deliver(there, limits)).status == 204
        await courier.close()


async def test_the_systems_roots_count(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    certificate: Certificate,
) -> None:
    """A certificate of one's own is 11237 without a server name as well."""
    async with serving(receiver, certificate("right")) as (port, _):
        with pytest.raises(Unreachable) as problem:
            await courier.deliver(parcel(f"https://127.0.0.1:{port}/#sni=n"), limits)
    assert problem.value.code == 11237


def test_it_has_the_same_roots(trust: ssl.SSLContext) -> None:
    """And demands a certificate."""
    context = silent(trust)
    assert context.get_ca_certs() == trust.get_ca_certs()
    assert context.verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        (("DNS", "app.example"), "app.example", True),
        (("DNS", "App.Example"), "app.EXAMPLE.", True),
        (("DNS", "app.example"), "other.example", False),
        (("DNS", "*.example"), "app.example", True),
        (("DNS", "*.example"), "a.b.example", False),
        (("DNS", "*.example"), "example", False),
        (("DNS", "*."), "example", False),
        (("DNS", "*pp.example"), "app.example", False),
        (("DNS", "127.0.0.1"), "127.0.0.1", False),
        (("IP Address", "127.0.0.1"), "127.0.0.1", True),
        (("IP Address", "127.0.0.2"), "127.0.0.1", False),
        (("IP Address", "0:0:0:0:0:0:0:1"), "::1", True),
        (("URI", "app.example"), "app.example", False),
    ],
)
def test_a_certificates_names(name: tuple[str, str], host: str, expected: bool) -> None:
    """A star is a whole label, the first; an address is an address."""
    assert covers([("DNS", "unrelated.test"), name], host) == expected
