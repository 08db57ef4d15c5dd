"""`/snapshot`: a sandbox's tables out and in, in pieces, whatever their size."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from aiohttp import web

from mockserver.edge.control import rendering
from mockserver.edge.control.ask import JSON, SERVER, Answer, Ask, Route, refuse_misfit
from mockserver.edge.control.freeing import free
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.http.forms import WINDOWS
from mockserver.world import copying
from mockserver.world.beside import beside
from mockserver.world.snapshot_arrival import NotJson, arrived
from mockserver.world.snapshot_form import Snapshot
from mockserver.world.snapshot_layout import chunks, laid

MOST: Final = 1 << 30
"""Bytes of a snapshot that is put; one with all the media that a sandbox keeps has 360 million."""

UNPACKED_AT_ONCE: Final = 1 << 18
"""Bytes, of a body that is packed."""


async def take(ask: Ask) -> web.StreamResponse:
    """The tables, accounts by ordinal: those of one moment, whatever happens while they go out."""
    answer = web.StreamResponse(headers={"Server": SERVER, "Content-Type": JSON})
    if ask.request.version >= (1, 1):
        answer.enable_chunked_encoding()
    if ask.request.method == "HEAD":
        return answer
    taken = await ask.sandbox.told()
    parts = chunks(laid(taken))
    try:
        await answer.prepare(ask.request)
        while part := await beside(partial(next, parts, b"")):
            await answer.write(part)
        await answer.write_eof()
    except ConnectionError:
        answer.force_close()  # nobody reads on
    finally:
        ask.later(_crumble(taken))
    return answer


async def put(ask: Ask) -> Answer:
    """Go on from a snapshot."""
    body = [part async for part in _plain(ask.request)]
    try:
        snapshot = await arrived(body, partial(refuse_misfit, schema="control/Snapshot"))
    except NotJson as wrong:
        raise Refusal("bad_json", f"the body is not JSON: {wrong}") from None
    await beside(partial(_let_go, body))
    try:
        ask.later(free(await copying.restored(ask.sandboxes, ask.sandbox, snapshot)))
    finally:
        ask.later(_crumble(snapshot))
    return Answer(200, rendering.sandbox(ask.sandbox))


def _let_go(chunks: list[bytes]) -> None:
    """One by one, beside the loop: to free the body of a million messages takes 30 ms."""
    while chunks:
        chunks.pop()


async def _crumble(snapshot: Snapshot) -> None:
    await beside(snapshot.crumble)


# Reading


async def _plain(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """The body, unpacked, as it comes in; refuse what is too large or broken."""
    size, encoding = 0, request.headers.get("Content-Encoding", "").lower()
    if encoding not in ("", "identity", *WINDOWS):
        raise Refusal("bad_json", "the body's compression is broken or unknown")
    packed = encoding in WINDOWS
    async for part in _unpacked(request, WINDOWS[encoding]) if packed else _raw(request):
        size += len(part)
        if size > MOST:
            raise Refusal("too_large", f"the body is larger than {MOST} bytes")
        yield part


async def _raw(request: web.BaseRequest) -> AsyncIterator[bytes]:
    if not request.body_exists:
        return
    if "Expect" in request.headers and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        async for part in request.content.iter_any():
            yield part
    except web.RequestPayloadError as broken:
        raise Refusal("bad_json", f"the body could not be read: {broken}") from None


async def _unpacked(request: web.BaseRequest, window: int) -> AsyncIterator[bytes]:
    inflater = zlib.decompressobj(window)
    try:
        async for part in _raw(request):
            left = part
            while left and not inflater.eof:
                yield inflater.decompress(left, UNPACKED_AT_ONCE)
                left = inflater.unconsumed_tail
                await asyncio.sleep(0)  # a kilobyte may unpack to a megabyte
    except zlib.error:
        raise Refusal("bad_json", "the body's compression is broken or unknown") from None
    if not inflater.eof:
        raise Refusal("bad_json", "the body's compression is broken or unknown")


ROUTES: Final = (
    Route("GET", "/snapshot", take, "The sandbox's tables.", answer="Snapshot"),
    Route(
        "PUT",
        "/snapshot",
        put,
        "Go on from a snapshot; the journal begins anew.",
        body="control/Snapshot",
        answer="Sandbox",
        streamed=True,
    ),
)
