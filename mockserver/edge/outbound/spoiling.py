"""Bodies that come slowly, or not to their end: what weather does to a request on the wire.

Loaded when the first such request goes out. `Content-Length` is always that of the whole body.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from mockserver.world.clock import stopwatch
from mockserver.world.ports import Unreachable, Wire

MOST_PIECES: Final = 2_000
"""Pieces that a body comes in: byte by byte up to so many bytes, else in larger ones. Ours."""


class CutOff(Exception):
    """The connection is to be closed here."""


async def spoiled(body: bytes, wire: Wire) -> AsyncIterator[bytes]:
    """The body as the wire lets it through; raise `CutOff` in its middle where that is cut."""
    if wire.cut:
        yield body[: len(body) // 2]
        raise CutOff("the weather cuts the connection here")
    size = -(-len(body) // MOST_PIECES)
    pause, due = wire.trickle * size / len(body), stopwatch()
    for place in range(0, len(body), size):
        yield body[place : place + size]
        due += pause
        await asyncio.sleep(max(0.0, due - stopwatch()))  # a timer rounds; in sum it must not


def cut_off() -> Unreachable:
    """What came of a request whose connection was cut: nobody could answer it."""
    said = "the connection was closed in the middle of the body, as a weather rule has it"
    return Unreachable(said, code=11205, phase="read")
