"""Many tunnels at once, the port for TLS, bad certificates, and the CA's pages."""

import asyncio
import gc
import os
import socket
import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from mockserver.config import Settings
from mockserver.server import Server

ROOT = "/2010-04-01/Accounts/AC00000000000000000000000000002010.json"


@pytest.fixture
async def secured(serve: Any, tmp_path: Path) -> Any:
    """A server with a port for TLS."""
    return await serve(ca_dir=str(tmp_path / "ca"), https_port=0)


async def trust(caller: Any) -> ssl.SSLContext:
    """What a program trusts that was given the CA; checked as Python 3.13 does."""
    pem = (await caller.call("GET", "/_mock/ca.pem", headers={"Host": "localhost"})).body
    context = ssl.create_default_context(cadata=pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def tunnel(caller: Any, context: ssl.SSLContext, host: str = "api.twilio.com") -> Any:
    line = await caller.line()
    await line.send(f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
    await line.reader.readuntil(b"\r\n\r\n")
    await line.writer.start_tls(context, server_hostname=host)
    return line


async def breaks_off(caller: Any, context: ssl.SSLContext, reason: str) -> None:
    """A client in a tunnel to the API that does not like what it is shown."""
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    writer.write(b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        await writer.start_tls(context, server_hostname="api.twilio.com")
    writer.transport.abort()


def held() -> int:
    """Open files of this process, sockets among them."""
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")
async def test_two_hundred_tunnels_leave_nothing_behind(serve: Any, tmp_path: Path) -> None:
    """All are answered at once, several times; afterwards sockets and tasks are as before."""
    caller = await serve(ca_dir=str(tmp_path / "ca"))
    context = await trust(caller)
    async with AsyncExitStack() as stack:
        caller.stack, kept = stack, caller.stack
        await tunnel(caller, context)
    caller.stack = kept
    while caller.server._proxy.gateway.open:  # noqa: ASYNC110
        await asyncio.sleep(0)
    gc.collect()
    files, tasks = held(), len(asyncio.all_tasks())
    lines = len(caller.server._listener.connections)

    async def talk() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
        writer.write(b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await writer.start_tls(context, server_hostname="api.twilio.com")
        for _ in range(10):
            writer.write(caller.head("GET", ROOT))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r", 1)[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    async with asyncio.timeout(60):
        await asyncio.gather(*(talk() for _ in range(200)))
        while caller.server._proxy.gateway.open:  # noqa: ASYNC110
            await asyncio.sleep(0)
    gc.collect()
    assert (held(), len(asyncio.all_tasks())) == (files, tasks)
    assert len(caller.server._listener.connections) == lines


@pytest.mark.parametrize("host", ["api.twilio.com", "events.twilio.com"])
async def test_the_port_for_tls_shows_what_is_asked_for(secured: Any, host: str) -> None:
    """As under a network alias: no proxy, no tunnel."""
    port = int(secured.server.https_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=await trust(secured), server_hostname=host
    )
    for _ in range(2):
        writer.write(secured.head("GET", ROOT, {"Host": host}))
        assert (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1] in (b"200", b"404")
        await reader.read(100_000)
    writer.close()
    await writer.wait_closed()


async def test_who_asks_for_another_host_is_shown_the_apis(secured: Any) -> None:
    """The CA may not sign `localhost`; a client that does not check is served."""
    port = int(secured.server.https_url.rpartition(":")[2])
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'localhost'"):
        await asyncio.open_connection("localhost", port, ssl=await trust(secured))
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("localhost", port, ssl=careless)
    writer.write(b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    writer.close()
    await writer.wait_closed()


async def test_who_speaks_no_tls_there_is_told(secured: Any) -> None:
    """In words that a browser shows."""
    port = int(secured.server.https_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"speaks TLS" in await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_does_not_trust_it_is_named(
    secured: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The commonest mistake of all; the log says what to do."""
    await breaks_off(secured, ssl.create_default_context(), "unable to get")
    async with asyncio.timeout(20):
        while "does it trust the mock's CA?" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_the_end_of_the_server_ends_all(tmp_path: Path) -> None:
    """Tunnels, handshakes that stand still, and connections that said nothing."""
    settings = Settings(port=0, https_port=0, ca_dir=str(tmp_path / "ca"))
    async with Server(settings) as server:
        ends = []
        for sent in (b"", b"CONN", b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n"):
            ends.append(await asyncio.open_connection("127.0.0.1", server.port))
            ends[-1][1].write(sent)
        port = int(server.https_url.rpartition(":")[2])
        ends.append(await asyncio.open_connection("127.0.0.1", port))
        ends[-1][1].write(b"\x16\x03\x01")
        await ends[2][0].readuntil(b"\r\n\r\n")
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 0.9
    for reader, writer in ends:
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_who_comes_in_the_last_moment_is_sent_away(secured: Any) -> None:
    """The event loop makes a protocol first, and connects it a little later."""
    gateway = secured.server._proxy.gateway
    near, far = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=near)
    made = gateway.secured((await gateway.certificates()).context("api.twilio.com"))
    transport.set_protocol(made)
    asyncio.get_running_loop().call_soon(made.connection_made, transport)
    await gateway.close()
    assert gateway.open == 0
    assert far.recv(1) == b""
    far.close()


@pytest.mark.parametrize(
    ("certificate", "reason"), [("expired", "expired"), ("wrong_host", "Hostname mismatch")]
)
async def test_a_rule_spoils_a_certificate(secured: Any, certificate: str, reason: str) -> None:
    """For its host alone, as often as it says, in any sandbox's name."""
    rule = {"when": {"host": "api.twilio.com"}, "then": {"certificate": certificate}, "times": 1}
    body = str(rule).replace("'", '"').encode()
    made = await secured.call("POST", "/_mock/faults", body, {"Host": "localhost"})
    assert made.status == 201
    context = await trust(secured)
    await tunnel(secured, context, "notify.twilio.com")
    await breaks_off(secured, context, reason)
    await tunnel(secured, context)


async def test_the_cas_certificate_can_be_fetched(secured: Any, tmp_path: Path) -> None:
    """Alone and behind the system's roots, of the server and not of a sandbox; no key anywhere."""
    own = await secured.call("GET", "/_mock/ca.pem", headers={"Host": "localhost"})
    bundle = await secured.call("GET", "/_mock/ca-bundle.pem", headers={"Host": "localhost"})
    for answer in (own, bundle):
        assert answer.status == 200
        assert answer.header("Content-Type") == "application/x-pem-file"
        assert b"PRIVATE" not in answer.body
    assert own.body == (tmp_path / "ca" / "ca.pem").read_bytes()
    assert bundle.body == (tmp_path / "ca" / "ca-bundle.pem").read_bytes()
    assert bundle.body.endswith(own.body)
    for name in ("ca-key.pem", "leaves/api.twilio.com.pem"):
        assert (
            await secured.call("GET", f"/_mock/{name}", headers={"Host": "localhost"})
        ).status == 404


async def test_the_cas_certificate_is_not_at_twilio(secured: Any) -> None:
    """There nothing of the mock's is."""
    assert (await secured.call("GET", "/_mock/ca.pem")).status == 404
