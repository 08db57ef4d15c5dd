"""Makes a snapshot of what came in, beside the event loop.

One that lies as we lay it is read line by line. Any other is laid anew first: a large one by a
process of its own, since there is no reader of JSON in pieces that is quick and ours to depend on,
and what most clients put is what they got.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import orjson

from mockserver.world.beside import beside
from mockserver.world.snapshot import checked
from mockserver.world.snapshot_form import BadSnapshot, Snapshot
from mockserver.world.snapshot_reading import Unlaid, lines_of, read
from mockserver.world.snapshot_relay import relaid

SMALL: Final = 1 << 20
"""Bytes that a library reads in one go within a few milliseconds."""

BEGINNING: Final = b"{\n"

READ: Final = 1 << 18
"""Bytes that are read from the process at once."""


class NotJson(ValueError):
    """What came is no document; the text says where."""


async def arrived(body: Sequence[bytes], fits: Callable[[Any], None]) -> Snapshot:
    """The snapshot in the chunks of a body.

    `fits` is shown an outline of what lies otherwise, before more is read of it, and may raise.
    Raise `NotJson`, or `BadSnapshot`.
    """
    try:
        snapshot = await beside(lambda: _read_at_once(body))
    except (Unlaid, BadSnapshot):
        lines = lines_of(await _relaid(body))
        fits(orjson.loads(next(lines)))
        snapshot = await beside(lambda: _read(lines))
    return await beside(partial(checked, snapshot))


def _read_at_once(body: Sequence[bytes]) -> Snapshot:
    """Without joining what may be one long line."""
    if not b"".join(body[:2]).startswith(BEGINNING):
        raise Unlaid("it is all in one line")
    return read(lines_of(body))


def _read(lines: Iterator[bytes]) -> Snapshot:
    try:
        return read(lines)
    except Unlaid as wrong:
        raise BadSnapshot(str(wrong)) from None


async def _relaid(body: Sequence[bytes]) -> Sequence[bytes]:
    if sum(map(len, body)) > SMALL:
        return await _relaid_elsewhere(body)
    content = b"".join(body)
    try:
        return await beside(lambda: list(relaid(content)))
    except (ValueError, RecursionError) as wrong:
        raise NotJson(str(wrong)) from None


async def _relaid_elsewhere(body: Sequence[bytes]) -> Sequence[bytes]:
    command = (sys.executable, "-m", "mockserver.world.snapshot_relay")
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        return await _talk(child, body)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _talk(child: Process, body: Sequence[bytes]) -> Sequence[bytes]:
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise RuntimeError("a process was started without its pipes")
    _, said, lines = await asyncio.gather(
        _feed(child.stdin, body), child.stderr.read(), _all(child.stdout)
    )
    if await child.wait():
        raise NotJson(said.decode(errors="replace").strip() or "its reader came to an end")
    return lines


async def _feed(pipe: asyncio.StreamWriter, body: Sequence[bytes]) -> None:
    for chunk in body:
        pipe.write(chunk)
        await pipe.drain()
    pipe.close()


async def _all(pipe: asyncio.StreamReader) -> list[bytes]:
    found = []
    while chunk := await pipe.read(READ):
        found.append(chunk)
    return found
