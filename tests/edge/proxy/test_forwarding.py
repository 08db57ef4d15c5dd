"""Requests that name a whole URL: the mock's own, Twilio's, and other hosts' through a proxy."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

ROOT = "/2010-04-01/Accounts/AC00000000000000000000000000002010.json"


class Site:
    """A proxy before the mock, and so every host there is; keeps what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[web.BaseRequest], Any] = self.plain

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.asked.append((request.method, request.raw_path, dict(request.headers), body))
        found: web.StreamResponse = await self.answer(request)
        return found

    async def plain(self, _: web.BaseRequest) -> web.StreamResponse:
        headers = {"X-Site": "yes", "Set-Cookie": "a=b", "Keep-Alive": "timeout=5"}
        return web.Response(text="hello", headers=headers)

    async def moved(self, _: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://other.example/"})

    async def packed(self, _: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8bno gzip", headers={"Content-Encoding": "gzip"})

    async def broken(self, request: web.BaseRequest) -> web.StreamResponse:
        back = web.StreamResponse(headers={"Content-Length": "100"})
        await back.prepare(request)
        await back.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return back


@pytest.fixture
async def site(stack: Any) -> Site:
    site = Site()
    server = web.Server(site.handle)
    bound = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    stack.push_async_callback(server.shutdown, 0)
    stack.callback(bound.close)
    site.url = f"http://127.0.0.1:{bound.sockets[0].getsockname()[1]}"
    return site


@pytest.fixture
async def passing(proxy: Any, site: Site) -> Any:
    return await proxy(proxy_others="tunnel", proxy_upstream=site.url)


async def test_it_is_passed_on_as_it_is(passing: Any, site: Site) -> None:
    """Method, path as written, headers and body; less what concerns one connection alone."""
    line = await passing.line()
    await line.send(
        b"PUT http://example.com/a%2Fb?c=%20 HTTP/1.1\r\nHost: example.com\r\nX-Own: 1\r\n"
        b"Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic c2VjcmV0\r\n"
        b"Connection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 4\r\n\r\nbody"
    )
    answer = await line.answer()
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.header("X-Site") == "yes"
    assert answer.header("Set-Cookie") == "a=b"
    assert answer.header("Keep-Alive") is None
    [(method, path, headers, body)] = site.asked
    assert (method, path, body) == ("PUT", "http://example.com/a%2Fb?c=%20", b"body")
    via = f"1.1 {socket.gethostname()}:{passing.port}"
    assert headers == {"Host": "example.com", "X-Own": "1", "Content-Length": "4", "Via": via}


async def test_a_line_serves_several(passing: Any, site: Site) -> None:
    """Twilio's and others', one after the other, and cookies of one stay its own."""
    line = await passing.line()
    for host in ("example.com", "api.twilio.com", "other.example"):
        answer = await passing.ask(line, f"http://{host}{ROOT}", host)
        assert answer.status == 200
        assert (answer.body == b"hello") is (host != "api.twilio.com")
    assert [path for _, path, _, _ in site.asked] == [
        f"http://example.com{ROOT}",
        f"http://other.example{ROOT}",
    ]
    assert not [headers for _, _, headers, _ in site.asked if "Cookie" in headers]


async def test_who_waits_for_a_word_is_told_to_go_on(passing: Any, site: Site) -> None:
    """Java's client sends no byte of a body before it has heard so, and the other host has not."""
    line = await passing.line()
    await line.send(
        b"POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nExpect: 100-continue\r\n"
        b"Content-Length: 4\r\n\r\n"
    )
    async with asyncio.timeout(20):
        assert await line.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await line.send(b"body")
    assert (await line.answer()).body == b"hello"
    [(_, _, headers, body)] = site.asked
    assert body == b"body"
    assert "Expect" not in headers


async def test_a_request_that_went_round_in_a_circle_ends(passing: Any, site: Site) -> None:
    """By both ways; without that, one would open every file that the system has."""
    via = f"1.0 fred, 1.1 {socket.gethostname()}:{passing.port}"
    answer = await passing.get("http://example.com/", {"Via": via})
    assert answer.status == 508
    line = await passing.line()
    await line.send(f"CONNECT example.com:443 HTTP/1.1\r\nvia: {via}\r\n\r\n".encode())
    answer = await line.answer()
    assert (answer.status, answer.body) == (
        508,
        b"the proxy that was set before leads back here (--proxy-upstream)\n",
    )
    assert not site.asked


async def test_a_redirect_is_the_clients_business(passing: Any, site: Site) -> None:
    """It is not followed."""
    site.answer = site.moved
    answer = await passing.get("http://example.com/")
    assert (answer.status, answer.header("Location")) == (302, "http://other.example/")


async def test_nothing_is_unpacked(passing: Any, site: Site) -> None:
    """The bytes are the client's to understand."""
    site.answer = site.packed
    assert (await passing.get("http://example.com")).body == b"\x1f\x8bno gzip"


async def test_a_half_answer_is_no_whole_one(passing: Any, site: Site) -> None:
    """The connection ends where the other one did."""
    site.answer = site.broken
    line = await passing.line()
    await line.send(passing.caller.head("GET", "http://example.com/", {"Host": "example.com"}))
    assert (await line.rest()).endswith(b"half")


async def test_a_login_is_for_the_next_proxy_alone(proxy: Any, site: Site) -> None:
    """It stands in the setting, and the client knows nothing of it."""
    passing = await proxy(
        proxy_others="tunnel", proxy_upstream=site.url.replace("//", "//me:word@")
    )
    await passing.get("http://example.com/")
    assert site.asked[0][2]["Proxy-Authorization"] == "Basic bWU6d29yZA=="


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://127.0.0.1:1/", 403),
        ("http://[::1]:1/", 403),
        ("http://localhost:1/", 403),
        ("http://169.254.169.254/latest/meta-data", 403),
        ("http://user@example.com/", 400),
        ("http://example.com:0/", 400),
        ("http://0x7f000001/", 400),
    ],
)
async def test_some_are_never_asked(passing: Any, site: Site, url: str, status: int) -> None:
    """Loopback and link-local addresses, and what can be read in two ways."""
    assert (await passing.get(url)).status == status
    assert not site.asked


async def test_without_another_proxy_addresses_are_judged(proxy: Any) -> None:
    """A name that leads to this machine leads nowhere, whatever a second look-up would say."""
    proxied = await proxy(proxy_others="tunnel")
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo

    async def rebound(host: str, *rest: Any, **more: Any) -> Any:
        return await look_up("127.0.0.1" if host == "rebound.example" else host, *rest, **more)

    loop.getaddrinfo = rebound  # type: ignore[method-assign, assignment]
    answer = await proxied.get("http://rebound.example:1/")
    assert (answer.status, answer.body) == (
        403,
        b"rebound.example is not passed on: it is this machine itself\n",
    )


async def test_nobody_there_is_504(proxy: Any) -> None:
    """With the proxy that does not answer named."""
    proxied = await proxy(proxy_others="tunnel", proxy_upstream="http://127.0.0.1:1")
    answer = await proxied.get("http://example.com/")
    assert answer.status == 504
    assert b"example.com:80 cannot be reached" in answer.body


async def test_serve_refuses_others(proxy: Any, caplog: pytest.LogCaptureFixture) -> None:
    """By default; the answer names the setting, and a host that looks like the API is none."""
    proxied = await proxy()
    for url in ("http://example.com/", f"http://example.com{ROOT}"):
        answer = await proxied.get(url)
        assert answer.status == 403
        assert b"--proxy-others tunnel" in answer.body
    status, said = await proxied.refused("example.com:443")
    assert status == 403
    assert said == (
        "example.com is not Twilio's: start twilio-mockserver with --proxy-others tunnel to "
        "pass it on"
    )
    assert "example.com" in caplog.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "mock.localhost"])
async def test_the_mock_itself_can_be_reached_through_it(proxy: Any, host: str) -> None:
    """In both ways: a program that sends everything through its proxy finds the control API."""
    proxied = await proxy()
    authority = f"{host}:{proxied.port}"
    whole = await proxied.get(f"http://{authority}/_mock/health?")
    assert (whole.status, whole.json["status"]) == (200, "ok")
    line = await proxied.connect(authority)
    assert (await proxied.ask(line, "/_mock/health", authority)).json["status"] == "ok"


@pytest.mark.parametrize("others", ["refuse", "tunnel"])
async def test_other_services_of_this_machine_cannot(
    proxy: Any, elsewhere: Any, others: str
) -> None:
    """A port beside the mock's own is nobody's, on loopback."""
    proxied = await proxy(proxy_others=others)
    for host in ("localhost", "127.0.0.1", "[::1]"):
        status, _ = await proxied.refused(f"{host}:{elsewhere.port}")
        assert status == 403
        answer = await proxied.get(f"http://{host}:{elsewhere.port}/")
        assert answer.status == 403
    assert not elsewhere.heard


@pytest.mark.parametrize("url", ["http://api.twilio.com", "http://API.twilio.com.:8080"])
async def test_twilios_is_the_mocks(passing: Any, site: Site, url: str) -> None:
    """Whatever the port and the spelling; the control API is not there."""
    assert (await passing.get(url + ROOT)).status == 200
    assert (await passing.get(f"{url}/_mock/health")).status == 404
    assert not site.asked
