"""Tunnels to other hosts: bytes, halves, hurry and patience."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from mockserver.edge.proxy import relay
from mockserver.edge.proxy.relay import Tunnel

GRANTED = b"HTTP/1.1 200 OK\r\n\r\n"


class Upstream:
    """A proxy before the mock: grants every CONNECT, then does as `then` says."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[str] = []
        self.then = self.echo
        self.gone, self.over = asyncio.Event(), asyncio.Event()
        self.heard = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode().split(" ")[1])
        writer.write(GRANTED)
        try:
            await self.then(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            self.gone.set()

    async def echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.heard += len(data)
            writer.write(data)
            await writer.drain()

    async def at_the_end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers when it has heard all."""
        everything = await reader.read()
        writer.write(b"%d bytes" % len(everything))

    async def hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speaks first, ends its half, and listens on."""
        writer.write(b"hello")
        writer.write_eof()
        self.heard = len(await reader.read())

    async def mute(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Neither reads nor writes while the test runs."""
        await self.over.wait()

    async def cut(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hangs up rudely."""
        await reader.read(1)
        writer.transport.abort()


@pytest.fixture
async def upstream(stack: Any) -> Upstream:
    made = Upstream()
    server = await stack.enter_async_context(await asyncio.start_server(made.serve, "127.0.0.1", 0))
    made.port = server.sockets[0].getsockname()[1]
    stack.callback(made.over.set)
    return made


async def flood(line: Any, seconds: float) -> int:
    """Send as much as goes out in that time; the number of bytes."""
    sent = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                line.writer.write(b"x" * 1_000_000)
                await line.writer.drain()
                sent += 1_000_000
    return sent


@pytest.fixture
async def tunnelling(proxy: Any, upstream: Upstream) -> Any:
    return await proxy(proxy_others="tunnel", proxy_upstream=upstream.url)


async def test_bytes_go_both_ways(tunnelling: Any, upstream: Upstream) -> None:
    """As they are, in their order."""
    line = await tunnelling.connect("example.com:443")
    for text in (b"one", b"\x16\x03\x01", b"\x00" * 100_000):
        await line.send(text)
        assert await line.reader.readexactly(len(text)) == text
    assert upstream.asked == ["example.com:443"]
    assert tunnelling.open == 1


async def test_what_comes_early_is_not_lost(tunnelling: Any) -> None:
    """Bytes right behind the CONNECT."""
    line = await tunnelling.line()
    await line.send(b"CONNECT example.com:443 HTTP/1.1\r\n\r\nearly")
    head = await line.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert await line.reader.readexactly(5) == b"early"


async def test_a_half_may_end_first(tunnelling: Any, upstream: Upstream) -> None:
    """The other half goes on: the answer comes after the client has ended its own."""
    upstream.then = upstream.at_the_end
    line = await tunnelling.connect("example.com:443")
    await line.send(b"x" * 1_000)
    line.writer.write_eof()
    assert await line.rest() == b"1000 bytes"
    await tunnelling.empty()


async def test_the_other_half_may_end_first(tunnelling: Any, upstream: Upstream) -> None:
    """A host that speaks first and hears the rest."""
    upstream.then = upstream.hello
    line = await tunnelling.connect("example.com:25")
    assert await line.rest() == b"hello"
    await line.send(b"thanks")
    line.writer.write_eof()
    await upstream.gone.wait()
    assert upstream.heard == 6
    await tunnelling.empty()


@pytest.mark.parametrize("ending", ["close", "abort"])
async def test_with_the_client_the_tunnel_ends(
    tunnelling: Any, upstream: Upstream, ending: str
) -> None:
    """Nothing is left of either side."""
    line = await tunnelling.connect("example.com:443")
    getattr(line.writer.transport, ending)()
    await upstream.gone.wait()
    await tunnelling.empty()


async def test_with_the_host_the_tunnel_ends(tunnelling: Any, upstream: Upstream) -> None:
    """A connection that is cut there ends here, and with the client's half it is gone."""
    upstream.then = upstream.cut
    line = await tunnelling.connect("example.com:443")
    await line.send(b"x")
    with suppress(ConnectionResetError):
        assert await line.rest() == b""
    line.writer.close()
    await tunnelling.empty()


async def test_a_side_that_does_not_read_stops_the_other(
    tunnelling: Any, upstream: Upstream
) -> None:
    """The mock keeps no more than its buffers hold, however much there is to send."""
    upstream.then = upstream.mute
    line = await tunnelling.connect("example.com:443")
    sent = await flood(line, 1)
    [tunnel] = tunnelling.caller.server._proxy.gateway._tunnels
    kept = tunnel.far.transport.get_write_buffer_size()
    line.writer.transport.abort()
    assert 0 < kept < 2_000_000
    assert sent < 100_000_000


async def test_a_half_that_is_still_ends_in_the_end(
    tunnelling: Any, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that never answers a client that has ended is given up."""
    monkeypatch.setattr(relay, "HALF_OPEN", 0.05)
    upstream.then = upstream.mute
    line = await tunnelling.connect("example.com:443")
    line.writer.write_eof()
    assert await line.rest() == b""
    await tunnelling.empty()


async def test_a_side_that_never_reads_again_is_cut_off(
    tunnelling: Any, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile nobody would see the client go."""
    monkeypatch.setattr(relay, "STALLED", 0.2)
    upstream.then = upstream.mute
    line = await tunnelling.connect("example.com:443")
    with suppress(ConnectionError):
        await flood(line, 5)
    await tunnelling.empty()


class Pipe(asyncio.Transport):
    """A client's or a host's connection that keeps what is written, and how it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.ended: list[str] = []
        self.protocol: asyncio.BaseProtocol | None = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: "bytes | bytearray | memoryview[int]") -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.ended.append("closed")

    def abort(self) -> None:
        self.ended.append("aborted")

    def is_closing(self) -> bool:
        return bool(self.ended)


async def test_last_words_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not read what is left is cut off some time after the host went."""
    monkeypatch.setattr(relay, "LAST_WORDS", 0.05)
    tunnel, far, near = Tunnel(set()), Pipe(), Pipe()
    tunnel.far.connection_made(far)
    tunnel.join(near, b"hello")
    assert far.written == b"hello"
    tunnel.far.connection_lost(None)
    assert near.ended == ["closed"]
    async with asyncio.timeout(20):
        while near.ended != ["closed", "aborted"]:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_an_error_on_one_side_is_one_on_the_other() -> None:
    """A half of an answer is not taken for a whole one."""
    tunnel, far, near = Tunnel(set()), Pipe(), Pipe()
    tunnel.far.connection_made(far)
    tunnel.join(near, b"")
    tunnel.far.connection_lost(ConnectionResetError())
    assert near.ended == ["aborted"]


async def test_the_end_of_the_server_ends_tunnels_at_once(
    tunnelling: Any, upstream: Upstream
) -> None:
    """It waits for nobody."""
    lines = [await tunnelling.connect("example.com:443") for _ in range(20)]
    started = asyncio.get_running_loop().time()
    await tunnelling.caller.server.__aexit__()
    assert asyncio.get_running_loop().time() - started < 0.9
    for line in lines:
        with suppress(ConnectionResetError):
            assert not await line.rest()
    assert not tunnelling.open


async def test_a_client_may_go_while_the_host_is_dialled(proxy: Any, elsewhere: Any) -> None:
    """The other connection is given up."""
    elsewhere.answer = b"HTTP/1.1"  # and no more
    upstream = f"http://127.0.0.1:{elsewhere.port}"
    proxied = await proxy(proxy_others="tunnel", proxy_upstream=upstream)
    line = await proxied.line()
    await line.send(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(20):
        while not elsewhere.heard:  # noqa: ASYNC110
            await asyncio.sleep(0)
    line.writer.transport.abort()
    await proxied.empty()


async def test_a_host_may_go_before_the_client_is_told() -> None:
    """The tunnel ends instead of waiting for bytes that cannot come."""
    tunnels: set[Tunnel] = set()
    tunnel = Tunnel(tunnels)
    assert tunnels == {tunnel}
    tunnel.far.data_received(b"bye")
    tunnel.far.connection_lost(None)
    assert not tunnels
    client = Pipe()
    tunnel.join(client, b"hello")
    assert client.protocol is tunnel.near
    assert client.written == b"bye"
    assert client.ended == ["closed"]
