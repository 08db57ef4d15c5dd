"""How long it took until there was a connection, and what is told of how far a request came."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Limits, Parcel
from mockserver.world.windows import LONG

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]


async def test_a_connection_that_is_there_takes_no_time(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Or next to none: neither a new one to a receiver that listens, nor one that was kept."""
    new, kept = [await courier.deliver(parcel(receiver.url), limits) for _ in range(2)]
    assert receiver.connections == 1
    assert 0 < new.waited < LONG
    assert 0 <= kept.waited < LONG


@contextlib.contextmanager
def crowded() -> Iterator[socket.socket]:
    """A listening socket whose backlog is full: nobody accepts."""
    with contextlib.ExitStack() as exits:
        listening = exits.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        while True:
            waiting = exits.enter_context(socket.socket())
            waiting.settimeout(0.05)
            try:
                waiting.connect(listening.getsockname())
            except TimeoutError:
                break
        yield listening


@pytest.mark.skipif(sys.platform != "linux", reason="how a full backlog shows is Linux's way")
async def test_a_full_backlog_shows(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """The system asks again after a second, though somebody listens at once afterwards."""
    with crowded() as listening:
        port = listening.getsockname()[1]
        attempt = asyncio.create_task(courier.deliver(parcel(f"http://127.0.0.1:{port}"), limits))
        for _ in range(20):
            await asyncio.sleep(0)
        async with await asyncio.start_server(receiver, sock=listening.dup()):
            answer = await attempt
    assert answer.status == 204
    assert answer.waited >= LONG
