"""How a tunnel to the mock begins: what a client may send, in what pieces, and what it is told."""

import asyncio
import ssl
from typing import Any

import pytest

ROOT = "/2010-04-01/Accounts/AC00000000000000000000000000002010.json"
HEALTH = "/_mock/health"


async def test_several_requests_go_through_one_tunnel(proxy: Any) -> None:
    """TLS inside, the certificate checked strictly, the connection kept."""
    proxied = await proxy()
    line = await proxied.tunnel("api.twilio.com")
    for _ in range(3):
        answer = await proxied.ask(line, ROOT)
        assert answer.status == 200
        assert answer.header("Connection") == "keep-alive"
    assert proxied.open == 1


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("messaging.twilio.com", "/v1/Services"),
        ("notify.twilio.com", "/v1/Services"),
        ("api.dublin.ie1.twilio.com", ROOT),
    ],
)
async def test_every_host_is_itself(proxy: Any, host: str, path: str) -> None:
    """Absolute URLs in answers begin with `https` and the host that was asked."""
    proxied = await proxy()
    answer = await proxied.ask(await proxied.tunnel(host), path, host)
    assert answer.status == 200
    if "meta" in answer.json:
        assert answer.json["meta"]["url"].startswith(f"https://{host}/v1/Services")


@pytest.mark.parametrize("host", ["verify.twilio.com", "twilio.com", "a.b.c.d.e.twilio.com"])
async def test_what_is_not_served_is_twilios_own_404(proxy: Any, host: str) -> None:
    """Never does a request leave for the real one."""
    proxied = await proxy()
    answer = await proxied.ask(await proxied.tunnel(host), "/v2/Services", host)
    answer.refused(404, 20404)


@pytest.mark.parametrize("named", ["api.twilio.com", "localhost", "twilio.com"])
async def test_the_control_api_is_not_in_there(proxy: Any, named: str) -> None:
    """Not even for a client that writes another Host than the tunnel's."""
    proxied = await proxy()
    answer = await proxied.ask(await proxied.tunnel("api.twilio.com"), HEALTH, named)
    assert answer.status == 404
    assert answer.code == 20404


@pytest.mark.parametrize("port", [80, 443, 8443])
async def test_the_first_byte_says_whether_it_is_tls(proxy: Any, port: int) -> None:
    """Plain HTTP in a tunnel is served too, whatever the port."""
    proxied = await proxy()
    line = await proxied.connect(f"api.twilio.com:{port}")
    assert (await proxied.ask(line, ROOT)).status == 200
    secured = await proxied.tunnel("api.twilio.com", port)
    assert (await proxied.ask(secured, ROOT)).status == 200


@pytest.mark.parametrize("authority", ["API.Twilio.COM:443", "api.twilio.com.:443"])
async def test_spelling_is_no_way_out(proxy: Any, authority: str) -> None:
    """Capitals and a dot at the end are the same host."""
    proxied = await proxy(proxy_others="tunnel")
    line = await proxied.connect(authority)
    assert (await proxied.ask(line, ROOT)).status == 200


async def test_a_client_may_say_hello_early(proxy: Any) -> None:
    """Bytes right behind the CONNECT belong into the tunnel."""
    proxied = await proxy()
    line = await proxied.line()
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = proxied.trust.wrap_bio(back, there, server_hostname="api.twilio.com")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    await line.send(b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n" + there.read())
    await line.reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(20):
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                back.write(await line.reader.read(65_536))
    assert client.getpeercert()["subject"][-1] == (("commonName", "api.twilio.com"),)


async def test_a_whole_plain_request_may_come_early(proxy: Any) -> None:
    """The same without TLS."""
    proxied = await proxy()
    line = await proxied.line()
    head = proxied.caller.head("GET", ROOT, {"Host": "api.twilio.com"})
    await line.send(b"CONNECT api.twilio.com:80 HTTP/1.1\r\n\r\n" + head)
    await line.reader.readuntil(b"\r\n\r\n")
    assert (await line.answer()).status == 200


async def test_the_head_may_come_in_pieces(proxy: Any) -> None:
    """One byte at a time, as slow networks do."""
    proxied = await proxy()
    line = await proxied.line()
    for byte in b"CONNECT api.twilio.com:443 HTTP/1.1\r\nUser-Agent: x\r\n\r\n":
        await line.send(bytes([byte]))
        await asyncio.sleep(0)
    await line.reader.readuntil(b"\r\n\r\n")
    await line.writer.start_tls(proxied.trust, server_hostname="api.twilio.com")
    assert (await proxied.ask(line, ROOT)).status == 200


@pytest.mark.parametrize("method", ["COPY", "C", "CONNECTED"])
async def test_other_words_with_a_c_are_requests(proxy: Any, method: str) -> None:
    """They are refused as such, in one piece or in two."""
    proxied = await proxy()
    head = proxied.caller.head(method, ROOT, {"Host": "api.twilio.com"})
    for pieces in ([head], [head[:1], head[1:]]):
        line = await proxied.line()
        for piece in pieces:
            await line.send(piece)
            await asyncio.sleep(0)
        assert (await line.answer()).status in (400, 405)


async def test_a_header_may_begin_with_a_c_and_a_break(proxy: Any) -> None:
    """Only the first bytes of a connection may be the half of CONNECT."""
    proxied = await proxy()
    line = await proxied.line()
    for byte in proxied.caller.head("GET", ROOT, {"Cookie": "CONNECT a"}):
        await line.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await line.answer()).status == 200


async def test_a_tunnel_may_follow_other_requests(proxy: Any) -> None:
    """On the same connection, which a proxy's client may keep."""
    proxied = await proxy()
    line = await proxied.line()
    assert (await proxied.ask(line, f"http://api.twilio.com{ROOT}")).status == 200
    await line.send(b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n")
    await line.reader.readuntil(b"\r\n\r\n")
    await line.writer.start_tls(proxied.trust, server_hostname="api.twilio.com")
    assert (await proxied.ask(line, ROOT)).status == 200


async def test_there_is_no_tunnel_in_a_tunnel(proxy: Any) -> None:
    """A CONNECT inside TLS is a request that nobody serves."""
    proxied = await proxy()
    line = await proxied.tunnel("api.twilio.com")
    await line.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n")
    assert (await line.answer()).status == 404
    assert await line.rest() == b""


@pytest.mark.parametrize(
    "authority",
    [
        "api.twilio.com",
        "api.twilio.com:0",
        "api.twilio.com:65536",
        "api.twilio.com:x",
        "user@api.twilio.com:443",
        "https://api.twilio.com:443",
        "api%2Etwilio.com:443",
        "api\u3002twilio\u3002com:443",
        "::1:443",
        "127.1:443",
        "2130706433:443",
        "-a.twilio.com:443",
        "a..b:443",
        "a." * 2_000 + "twilio.com:443",
    ],
)
async def test_what_is_no_host_and_port_is_refused(proxy: Any, authority: str) -> None:
    """There is one reading of a target, or none."""
    proxied = await proxy(proxy_others="tunnel")
    status, said = await proxied.refused(authority)
    assert status == 400
    assert len(said) <= 200


@pytest.mark.parametrize("host", ["api.twilio.com", "verify.ie1.twilio.com"])
async def test_tls_may_come_without_a_connect(proxy: Any, host: str) -> None:
    """As where a program is led to the mock by another name: who is asked for is who is shown."""
    proxied = await proxy()
    line = await proxied.line()
    await asyncio.wait_for(line.writer.start_tls(proxied.trust, server_hostname=host), 20)
    for _ in range(2):
        answer = await proxied.ask(line, ROOT, host)
        assert answer.status == (200 if host == "api.twilio.com" else 404)
    line.writer.transport.abort()
    await proxied.empty()


async def test_a_hello_may_come_in_pieces(proxy: Any) -> None:
    """One byte at a time; what is no hello after all ends the connection, and nothing else."""
    proxied = await proxy()
    line = await proxied.line()
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = proxied.trust.wrap_bio(back, there, server_hostname="api.twilio.com")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    for byte in there.read():
        await line.send(bytes([byte]))
        await asyncio.sleep(0)
    async with asyncio.timeout(20):
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                back.write(await line.reader.read(65_536))
    other = await proxied.line()
    await other.send(b"\x16GET / HTTP/1.1\r\n\r\n")
    assert not (await other.rest()).startswith(b"HTTP")
    line.writer.transport.abort()
    await proxied.empty()


@pytest.mark.parametrize("length", [248, 252, 253])
async def test_a_name_may_be_as_long_as_dns_allows(proxy: Any, length: int) -> None:
    """Longer than the name of a file may be, with which its certificate is kept."""
    proxied = await proxy()
    host = ("a" * 49 + ".") * 6
    host = f"{host[-(length - len('.twilio.com')) : -1]}a.twilio.com"
    assert len(host) == length
    answer = await proxied.ask(await proxied.tunnel(host), ROOT, "api.twilio.com")
    assert answer.status == 200


@pytest.mark.parametrize(
    "line",
    [
        *(b"CONNECT", b"CONNECT  ", b"CONNECT a:1 HTTP/2\r\n\r\n"),
        b"CONNECT api.twilio.com:443 HTTP/1.1\n\n",
    ],
)
async def test_what_is_no_connect_is_refused(proxy: Any, line: bytes) -> None:
    """It says so and hangs up."""
    proxied = await proxy()
    raw = await proxied.line()
    await raw.send(line if line.endswith(b"\n") else line + b" \r\n\r\n")
    assert (await raw.rest()).startswith(b"HTTP/1.1 400 ")


async def test_a_head_has_an_end(proxy: Any) -> None:
    """Headers without end are cut off."""
    proxied = await proxy()
    line = await proxied.line()
    await line.send(b"CONNECT api.twilio.com:443 HTTP/1.1\r\nX: " + b"x" * 20_000)
    assert (await line.rest()).startswith(b"HTTP/1.1 431 ")
    assert proxied.open == 0


@pytest.mark.parametrize(
    "sent", [b"", b"CONN", b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n", b"\x16", b"\x16\x03\x01"]
)
async def test_a_client_may_go_away_at_any_time(proxy: Any, sent: bytes) -> None:
    """Nothing of it is left behind."""
    proxied = await proxy()
    line = await proxied.line()
    await line.send(sent)
    line.writer.transport.abort()
    await proxied.empty()
