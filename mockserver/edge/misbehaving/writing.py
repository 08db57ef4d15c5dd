"""Answers that are written otherwise than at once and whole."""

import asyncio
import socket
import struct
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from mockserver.edge.http.reply import Written

PIECES: Final = 20
"""At most so many pieces of a body that trickles."""

FLUSHING: Final = 1.0
"""Seconds of wall time that a client gets to take the first part of an answer that is cut."""

POLL: Final = 0.001
"""Seconds between two looks at whether it was taken; transports tell nobody but their protocol."""

NO_LINGER: Final = struct.pack("ii", 1, 0)
"""`SO_LINGER` for no time: closing then sends a reset in place of the usual end."""


class Trickled(Written):
    """The head at once, the body in pieces over so many seconds."""

    def __init__(
        self, head: str, body: bytes, status: int, keep_alive: bool, seconds: float
    ) -> None:
        super().__init__(head, b"", status=status, keep_alive=keep_alive)
        self._pieces = list(_pieces(body))
        self._pause = seconds / max(1, len(self._pieces))

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write everything, once; raise `ConnectionResetError` when nobody waits for the rest."""
        if self._gone:
            return
        await super().prepare(request)
        for piece in self._pieces:
            await asyncio.sleep(self._pause)
            _open_transport(request).write(piece)


class Reset(Written):
    """What is given of the answer, perhaps nothing, then a reset."""

    def __init__(self, head: str, body: bytes, status: int) -> None:
        super().__init__(head, body, status=status, keep_alive=False)

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write it, once, and cut the connection; raise `ConnectionResetError` when it is gone."""
        if self._gone:
            return
        transport = _open_transport(request)
        if any(self._parts):
            await super().prepare(request)
            await _flushed(transport)
        self._gone = True
        cut(transport)


def cut(transport: asyncio.Transport) -> None:
    """End a connection with a reset; what was not sent yet is lost."""
    plug = transport.get_extra_info("socket")
    if plug is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()


def _open_transport(request: web.BaseRequest) -> asyncio.Transport:
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client went away")
    return transport


async def _flushed(transport: asyncio.Transport) -> None:
    """Return when the system has taken all that was written, or the client takes nothing."""
    clock = asyncio.get_running_loop().time
    end = clock() + FLUSHING
    await asyncio.sleep(0)
    while transport.get_write_buffer_size() and clock() < end:
        if transport.is_closing():
            return
        await asyncio.sleep(POLL)


def _pieces(body: bytes) -> Iterator[bytes]:
    size = -(-len(body) // PIECES) or 1
    return (body[at : at + size] for at in range(0, len(body), size))
