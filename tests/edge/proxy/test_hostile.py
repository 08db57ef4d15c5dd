"""A program that means harm: through the proxy it finds no service of this machine but the mock."""

import asyncio
import socket
from typing import Any

import pytest

LOOPBACK = (
    *("localhost", "LOCALHOST", "localhost.", "x.localhost", "127.0.0.1", "127.0.0.1."),
    *("127.1", "127.0.1", "127.255.255.254", "0177.0.0.1", "2130706433", "0x7f000001", "0x7f.1"),
    *("[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::1%lo]", "[::1%25lo]"),
    *("0.0.0.0", "0", "0x0", "[::]", "[::ffff:0.0.0.0]", "0.1.2.3"),
    *("%6cocalhost", "127.0.0.1%00.example.com", "user@localhost", "example.com@localhost"),
    *(
        "localhost#.example.com",
        "localhost\\.example.com",
        "\u2460\u2461\u2466.0.0.1",
        "loc\u00e5l",
    ),
)
"""This machine, or what some reader of addresses takes for it."""

LINK_LOCAL = ("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]")


@pytest.fixture
async def passing(proxy: Any) -> Any:
    """A proxy that passes other hosts on."""
    return await proxy(proxy_others="tunnel")


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_spelling_reaches_another_service(passing: Any, elsewhere: Any, host: str) -> None:
    """Neither by a tunnel nor by a whole URL; the service hears nothing at all."""
    status, _ = await passing.refused(f"{host}:{elsewhere.port}")
    assert status in (400, 403)
    line = await passing.line()
    url = f"http://{host}:{elsewhere.port}/"
    await line.send(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert (await line.answer()).status in (400, 403)
    assert not elsewhere.heard


@pytest.mark.parametrize("port", [22, 80, 443, 5432])
@pytest.mark.parametrize("host", ["localhost", "[::1]", *LINK_LOCAL])
async def test_no_port_is_another_matter(passing: Any, host: str, port: int) -> None:
    """Databases and shells of this machine, and what clouds tell about it."""
    status, said = await passing.refused(f"{host}:{port}")
    assert status == 403
    assert "is not passed on" in said
    assert (await passing.get(f"http://{host}:{port}/latest/meta-data/")).status == 403


async def test_no_name_in_dns_is_a_way(
    passing: Any, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that leads to this machine by all of its addresses, each of which is judged."""
    every = ["127.0.0.1", "::1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0", "::"]

    async def look_up(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET6, 1, 6, "", (each, port, 0, 0)) for each in every]

    lines = [await passing.line() for _ in range(2)]
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    where = f"rebound.example:{elsewhere.port}"
    await lines[0].send(f"CONNECT {where} HTTP/1.1\r\n\r\n".encode())
    await lines[1].send(f"GET http://{where}/ HTTP/1.1\r\nHost: {where}\r\n\r\n".encode())
    for line in lines:
        assert (await line.answer()).status == 403
    assert not elsewhere.heard


async def test_a_host_header_is_no_way(passing: Any, elsewhere: Any) -> None:
    """In a request that does not name a whole URL it means the mock, whatever it says."""
    for path in ("/", "//localhost/", f"/http://localhost:{elsewhere.port}/"):
        line = await passing.line()
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{elsewhere.port}\r\n\r\n"
        await line.send(head.encode())
        assert (await line.answer()).code == 20404
    assert not elsewhere.heard


async def test_what_follows_a_tunnel_to_the_mock_stays_there(passing: Any, elsewhere: Any) -> None:
    """A whole URL inside it names another service: refused, as outside."""
    line = await passing.connect(f"localhost:{passing.port}")
    url = f"http://localhost:{elsewhere.port}/"
    assert (await passing.ask(line, url, "localhost")).status == 403
    assert not elsewhere.heard


@pytest.mark.parametrize(
    "host", ["twilio.com.", "api.twilio.com", "API.Twilio.com.", "x.twilio.com"]
)
@pytest.mark.parametrize("port", [22, 25])
async def test_twilios_ports_are_the_mocks_too(passing: Any, host: str, port: int) -> None:
    """Whatever is said there, the mock hears it."""
    line = await passing.connect(f"{host}:{port}")
    await line.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    answer = await line.answer()
    assert (answer.status, answer.code) == (400, 20001)


async def test_a_strangers_name_for_the_mock_is_refused_inside_too(
    passing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tunnel to itself ends where the control API looks at the names."""

    async def look_up(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]

    line = await passing.line()
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    where = f"rebound.example:{passing.port}"
    await line.send(f"CONNECT {where} HTTP/1.1\r\n\r\n".encode())
    await line.reader.readuntil(b"\r\n\r\n")
    assert (await passing.ask(line, "/_mock/messages", where)).status == 421
