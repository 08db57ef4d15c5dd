"""What bad weather does to a request, as a receiver on a raw socket sees it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.edge.outbound.spoiling import MOST_PIECES, CutOff, spoiled
from mockserver.world.clock import stopwatch
from mockserver.world.ports import Limits, Parcel, Unreachable, Wire

Make = Callable[..., Parcel]

BODY = b"MessageSid=SM1&To=%2B14155550123"


@dataclass
class Watcher:
    """Notes when each piece of a body came, and what was there when the connection ended."""

    url: str = ""
    head: bytes = b""
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def body(self) -> bytes:
        return b"".join(piece for _, piece in self.pieces)

    @property
    def length(self) -> int:
        """As the head announces it."""
        lines = [line.partition(b": ") for line in self.head.split(b"\r\n")]
        return int({name: value for name, _, value in lines}[b"Content-Length"])

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            while len(self.body) < self.length and (piece := await reader.read(65_536)):
                self.pieces.append((stopwatch(), piece))
            if len(self.body) == self.length:
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        self.ended.set()


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    watcher = Watcher()
    server = await asyncio.start_server(watcher, "127.0.0.1", 0)
    watcher.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/status"
    async with server:
        yield watcher


async def test_a_trickle_comes_byte_by_byte(
    watcher: Watcher, courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Over the time that is said; the head announces the whole, and the answer counts."""
    slow = replace(parcel(watcher.url), wire=Wire(trickle=0.4))
    started = stopwatch()
    answer = await courier.deliver(slow, limits)
    assert stopwatch() - started >= 0.3
    assert (answer.status, watcher.body, watcher.length) == (204, BODY, len(BODY))
    times = [at for at, _ in watcher.pieces]
    assert len(times) > len(BODY) // 2
    assert times[-1] - times[0] >= 0.2
    assert b"Transfer-Encoding" not in watcher.head


async def test_pauses_that_no_timer_knows_add_up() -> None:
    """A tenth of a second over 1,000 bytes is 0.1 ms for each, which a timer may round away."""
    for size in (1_000, MOST_PIECES, 10 * MOST_PIECES):
        started = stopwatch()
        pieces = [piece async for piece in spoiled(bytes(size), Wire(trickle=0.1))]
        assert stopwatch() - started >= 0.098
        assert len(pieces) == min(size, MOST_PIECES)


async def test_a_trickle_may_take_too_long(
    watcher: Watcher, courier: HttpCourier, parcel: Make
) -> None:
    """It is bounded by the time for all attempts, as every request is."""
    slow = replace(parcel(watcher.url), wire=Wire(trickle=5))
    with pytest.raises(Unreachable) as caught:
        await courier.deliver(slow, Limits(connect=5, read=5, total=0.6))
    assert (caught.value.code, caught.value.phase) == (11203, "read")
    await asyncio.wait_for(watcher.ended.wait(), 20)
    assert 0 < len(watcher.body) < len(BODY)


async def test_a_cut_connection_ends_in_the_middle(
    watcher: Watcher, courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Half of what the head announces; what was sent, and why nobody answered, is told."""
    cut = replace(parcel(watcher.url), wire=Wire(cut=True))
    with pytest.raises(Unreachable, match="in the middle of the body, as a weather rule") as caught:
        await courier.deliver(cut, limits)
    await asyncio.wait_for(watcher.ended.wait(), 20)
    assert watcher.body == BODY[: len(BODY) // 2]
    assert watcher.length == len(BODY)
    assert (caught.value.code, caught.value.phase) == (11205, "read")
    assert ("Content-Length", str(len(BODY))) in caught.value.sent_headers


async def test_a_cut_on_a_kept_connection_is_one_request(
    watcher: Watcher, courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """It is not sent again on another; the next request is as good as ever."""
    with pytest.raises(Unreachable):
        await courier.deliver(replace(parcel(watcher.url), wire=Wire(cut=True)), limits)
    await asyncio.wait_for(watcher.ended.wait(), 20)
    watcher.pieces.clear()
    assert (await courier.deliver(parcel(watcher.url), limits)).status == 204
    assert watcher.body == BODY


async def test_nobody_there_is_no_cut(courier: HttpCourier, parcel: Make, limits: Limits) -> None:
    """What cannot be connected to is told of as such."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    cut = replace(parcel(f"http://127.0.0.1:{port}/"), wire=Wire(cut=True))
    with pytest.raises(Unreachable) as caught:
        await courier.deliver(cut, limits)
    assert (caught.value.code, caught.value.phase) == (11202, "connect")


@pytest.mark.parametrize("wire", [Wire(trickle=9), Wire(cut=True)])
async def test_a_get_has_no_body_to_spoil(
    watcher: Watcher, courier: HttpCourier, parcel: Make, limits: Limits, wire: Wire
) -> None:
    """It goes out as ever."""
    heard = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        heard.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        get = replace(parcel(url, method="GET"), wire=wire)
        assert (await courier.deliver(get, limits)).status == 204
    assert heard.is_set()


async def test_a_missing_signature_is_no_header(
    watcher: Watcher, courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Not an empty one."""
    await courier.deliver(replace(parcel(watcher.url), signature=""), limits)
    assert b"signature" not in watcher.head.lower()


@given(st.binary(min_size=1, max_size=3 * MOST_PIECES))
def test_a_trickle_loses_nothing(body: bytes) -> None:
    """All of the body comes, in its order, in a bounded number of pieces."""

    async def act() -> list[bytes]:
        return [piece async for piece in spoiled(body, Wire(trickle=1e-9))]

    pieces = asyncio.run(act())
    assert b"".join(pieces) == body
    assert len(pieces) == min(len(body), -(-len(body) // -(-len(body) // MOST_PIECES)))


@given(st.binary(min_size=1, max_size=99))
def test_a_cut_leaves_half(body: bytes) -> None:
    """And then says that it is over."""

    async def act() -> bytes:
        pieces = spoiled(body, Wire(cut=True))
        found = await anext(pieces)
        with pytest.raises(CutOff):
            await anext(pieces)
        return found

    assert asyncio.run(act()) == body[: len(body) // 2]
