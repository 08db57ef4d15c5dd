"""A door listens, is shut for a while, and is at the same port all the time."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from mockserver.door import Door, open_sockets

HOST = "127.0.0.1"
PATIENCE = 20


class Greeter(asyncio.Protocol):
    """Says hello, and again whatever it is told."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"hello")

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door(open_sockets(HOST, 0)[0], Greeter)
    await door.open()
    yield door
    door.close()


async def greeted(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(HOST, port)
    assert await reader.readexactly(5) == b"hello"
    return reader, writer


async def once_open(port: int) -> None:
    """Return when somebody can come in."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await greeted(port)
            except ConnectionRefusedError:
                continue
            writer.close()
            return


async def test_who_knocks_at_a_shut_door_is_refused(door: Door) -> None:
    """Who is in stays in; later it is open again, at the same port."""
    port = door.port
    reader, writer = await greeted(port)
    door.shut(0.05)
    assert door.port == port
    with pytest.raises(ConnectionRefusedError):
        await greeted(port)
    writer.write(b"still here")
    assert await reader.readexactly(10) == b"still here"
    await once_open(port)
    writer.close()


async def test_shut_twice_it_is_shut_for_the_longer_time(door: Door) -> None:
    """A shorter time does not open it earlier."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    door.shut(0.1)
    door.shut(0.01)
    await once_open(door.port)
    assert loop.time() - started >= 0.09


async def test_nobody_else_takes_the_port_of_a_shut_door(door: Door) -> None:
    """It is held by a socket that does not listen."""
    door.shut(60)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, door.port))


@pytest.mark.parametrize("shut", [False, True])
async def test_a_closed_door_stays_closed(shut: bool) -> None:
    """Also where it was to be opened again; the port is free."""
    door = Door(open_sockets(HOST, 0)[0], Greeter)
    await door.open()
    if shut:
        door.shut(0.0)
    door.close()
    with pytest.raises(ConnectionRefusedError):
        await greeted(door.port)
    again = Door(open_sockets(HOST, door.port)[0], Greeter)
    await again.open()
    await once_open(again.port)
    again.close()


async def test_localhost_is_one_port_on_both_loopbacks() -> None:
    """Where there are both."""
    found = open_sockets("localhost", 0)
    assert len({bound.getsockname()[1] for bound in found}) == 1
    for bound in found:
        bound.close()
