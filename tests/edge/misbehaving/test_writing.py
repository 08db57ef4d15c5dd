"""Answers that are written otherwise than at once and whole, to clients that do not help."""

import asyncio
import select
import socket
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.misbehaving import writing

if TYPE_CHECKING:
    from tests.edge.conftest import Caller
    from tests.edge.misbehaving.conftest import Rule

LARGE = "x" * 20_000_000
"""More than the buffers of both sides hold."""


def taken(line: socket.socket) -> int:
    """How much had come when the connection was reset; fails where it ended in peace."""
    came = 0
    try:
        while piece := line.recv(1 << 20):
            came += len(piece)
    except ConnectionResetError:
        return came
    raise AssertionError(f"no reset after {came} bytes")


async def test_who_reads_nothing_is_reset_all_the_same(
    api: "Caller", rule: "Rule", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first part of the answer is not waited for without end."""
    monkeypatch.setattr(writing, "FLUSHING", 0.05)
    rule({"status": 200, "body": LARGE, "reset": "during"}, {}, times=1)
    loop = asyncio.get_running_loop()
    with socket.socket() as line:
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", api.server.port))
        await loop.sock_sendall(line, api.head("GET", api.path))
        ends = select.poll()
        ends.register(line, 0)
        assert await asyncio.to_thread(ends.poll, 20_000), "no end within 20 s"
        assert taken(line) < len(LARGE) // 2


async def test_a_client_that_is_gone_is_not_written_to(api: "Caller", rule: "Rule") -> None:
    """While its request waited, it hung up: what it asked for is done, and that is all."""
    rule({"latency": "50ms", "reset": "during"}, times=1)
    line = await api.line()
    form = b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
    await line.send(api.head("POST", api.path, length=len(form)) + form)
    line.writer.transport.abort()
    async with asyncio.timeout(20):
        while not await api.sids():
            continue


@pytest.mark.parametrize("length", [0, 1, 19, 20, 21, 1000])
def test_pieces_are_the_whole(length: int) -> None:
    """Few, none empty, and in order."""
    body = bytes(number % 251 for number in range(length))
    pieces = list(writing._pieces(body))
    assert b"".join(pieces) == body
    assert len(pieces) <= writing.PIECES
    assert all(pieces)
