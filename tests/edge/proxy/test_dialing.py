"""Whom the proxy connects to, and through which other proxy."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.edge.gateway import judge
from mockserver.edge.proxy.dialing import Dialer, read_upstream
from mockserver.edge.proxy.target import Refused, Target


def anything(_: str) -> str:
    return ""


def nobody(_: Target) -> bool:
    return False


def dialer(
    allowed: Callable[[str], str] = judge,
    upstream: str = "",
    itself: Callable[[Target], bool] = nobody,
) -> Dialer:
    return Dialer(allowed, upstream, itself, lambda: "mock:2010")


class Far(asyncio.Protocol):
    """The other side."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.read = b""
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::127.0.0.1"),
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254"),
        *("0.0.0.0", "::", "fd00:ec2::254", "2002:7f00:1::"),
    ],
)
def test_some_addresses_are_never_dialled(address: str) -> None:
    """Loopback and link-local, however they are wrapped: a proxy is no way to this machine."""
    assert judge(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "93.184.215.14", "2606:2800::1"])
def test_others_are(address: str) -> None:
    """Private networks too: programs under test have databases there."""
    assert not judge(address)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("api.twilio.com", "never passes on"),
        ("twilio.com", "never passes on"),
        ("localhost", "this machine itself"),
        ("x.localhost", "this machine itself"),
        ("127.0.0.1", "this machine itself"),
        ("::1", "this machine itself"),
        ("169.254.169.254", "link-local"),
    ],
)
async def test_names_and_addresses_are_refused_unseen(host: str, said: str) -> None:
    """Also where another proxy would have to reach them."""
    for upstream in ("", "http://127.0.0.1:9"):
        with pytest.raises(Refused, match=said) as refused:
            await dialer(upstream=upstream).dial(Target(host, 443), Far)
        assert refused.value.status == 403


async def test_a_name_is_judged_by_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are refused are left out; a name that has no others is refused."""
    found = {
        "rebound.example": ["127.0.0.1", "::1"],
        "both.example": ["169.254.169.254", "93.184.215.14"],
    }
    asked = []

    async def look_up(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, 0, 0, "", (address, port)) for address in found[host]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    with pytest.raises(Refused, match=r"rebound\.example is not passed on: it is this machine"):
        await dialer().addresses(Target("rebound.example", 80))
    assert await dialer().addresses(Target("both.example", 80)) == ["93.184.215.14"]
    assert asked == ["rebound.example", "both.example"], "each once"


async def test_a_name_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """502, as a proxy answers that cannot find the host."""

    async def look_up(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    with pytest.raises(Refused, match=r"cannot be looked up .*Name or service") as refused:
        await dialer().dial(Target("no.example", 80), Far)
    assert refused.value.status == 502


async def test_what_was_judged_is_dialled(elsewhere: Any) -> None:
    """A connection to the address itself."""
    far = Far()
    await dialer(anything).dial(Target("127.0.0.1", elsewhere.port), lambda: far)
    assert far.transport.get_extra_info("peername") == ("127.0.0.1", elsewhere.port)
    far.transport.abort()
    await far.gone.wait()


async def test_nobody_there_is_said() -> None:
    """504, with the system's words."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        target = Target("127.0.0.1", free.getsockname()[1])
        with pytest.raises(Refused, match="cannot be reached") as refused:
            await dialer(anything).dial(target, Far)
    assert refused.value.status == 504


async def test_another_proxy_makes_the_tunnel(elsewhere: Any) -> None:
    """It is asked by name, with its login; what it says behind its head belongs to the tunnel."""
    elsewhere.answer = b"HTTP/1.0 200 OK\r\nVia: x\r\n\r\nhello"
    far = Far()
    through = dialer(upstream=f"http://me:p%40ss@127.0.0.1:{elsewhere.port}")
    await through.dial(Target("example.com", 443), lambda: far)
    far.transport.write(b"from me")
    far.transport.write_eof()
    await far.gone.wait()
    assert far.read == b"hellothe end"
    head = b"".join(elsewhere.heard).decode()
    assert head.startswith("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n")
    assert "Via: 1.1 mock:2010\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n" in head
    assert head.endswith("from me")


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Who are you" + b"?" * 9_999 + b"\r\n\r\n", b"x" * 20_000]
)
async def test_another_proxy_may_refuse(elsewhere: Any, answer: bytes) -> None:
    """What it says is told, if it is short; its password is not."""
    elsewhere.answer = answer
    through = dialer(upstream=f"http://me:secret@127.0.0.1:{elsewhere.port}")
    with pytest.raises(Refused, match=r"407 Who are you|hung up") as refused:
        await through.dial(Target("example.com", 443), Far)
    assert "secret" not in refused.value.said
    assert len(refused.value.said) < 300


async def test_proxies_do_not_ask_each_other_for_ever(elsewhere: Any) -> None:
    """A way that led through this one before ends here, under whatever name it was reached."""
    found = dialer(anything, f"http://127.0.0.1:{elsewhere.port}")
    with pytest.raises(Refused, match="leads back here") as refused:
        await found.dial(Target("example.com", 443), Far, "1.0 other, 1.1 mock:2010,1.1 third:1")
    assert refused.value.status == 508
    assert not elsewhere.heard
    assert found.via("") == "1.1 mock:2010"
    assert found.via("1.0 other , 1.1 mock:20101") == "1.0 other, 1.1 mock:20101, 1.1 mock:2010"


def test_the_environment_names_the_proxy_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """By scheme, but for hosts that it excepts; a setting goes before it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://one:3128")
    monkeypatch.setenv("http_proxy", "two:8080")
    monkeypatch.setenv("NO_PROXY", ".internal")
    found = dialer()
    target = Target("example.com", 443)
    for scheme, url in (("https", "http://one:3128"), ("http", "http://two:8080")):
        upstream = found.upstream(scheme, target)
        assert upstream is not None
        assert upstream.url == url
    assert found.upstream("https", Target("db.internal", 443)) is None
    given = dialer(upstream="http://three:1").upstream("https", Target("db.internal", 443))
    assert given is not None
    assert given.url == "http://three:1"


def test_all_proxies_may_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ALL_PROXY`, as curl has it."""
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    found = dialer().upstream("https", Target("example.com", 443))
    assert found is not None
    assert found.url == "http://all:1"


def test_the_mock_is_not_its_own_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server started in a shell that has the mock's environment would ask itself for ever."""
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:2010")
    found = dialer(itself=lambda target: target == Target("localhost", 2010))
    assert found.upstream("https", Target("example.com", 443)) is None


def test_a_proxy_is_read() -> None:
    """Its login is apart from what is shown."""
    found = read_upstream("https://me@proxy.example")
    assert (found.url, found.secure) == ("https://proxy.example:443", True)
    assert found.login == "Basic bWU6"
    assert read_upstream("proxy.example:3128").login == ""


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "http://", "http://a:b:c"])
def test_a_proxy_that_is_none_is_said(url: str) -> None:
    """Nothing is sent past it."""
    with pytest.raises(Refused):
        read_upstream(url)
