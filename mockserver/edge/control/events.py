"""`/events`: what happens, as server-sent events."""

from typing import Final

from aiohttp import web

from mockserver.edge.control.ask import SERVER, Ask, Route, encoded
from mockserver.edge.control.filters import bad
from mockserver.world.clock import iso
from mockserver.world.journal import FeedEvent, Subscription

PING_SECONDS: Final = 15.0
"""Between two signs of life on a quiet stream; proxies give up after 30 to 60 s."""

HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Server": SERVER,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}

FAREWELLS: Final = {
    "slow": ("dropped", "you read too slowly: come back with Last-Event-ID"),
    "closed": ("closed", "the sandbox ended"),
}
"""The last event for a reader and what it says, by why its feed ended."""


async def stream(ask: Ask) -> web.StreamResponse:
    """Everything that happens from now on, or from after the last event that the reader saw."""
    after = _last_seen(ask)
    response = web.StreamResponse(headers=HEADERS)
    if ask.request.method == "HEAD":
        return response
    journal = ask.sandbox.journal
    reader = journal.subscribe(after)
    try:
        await response.prepare(ask.request)
        await response.write(b": connected\n\n")
        await _pass_on(reader, response)
        await response.write_eof()
    except ConnectionError:
        response.force_close()  # the reader went away, which ends its stream
    finally:
        ask.sandbox.journal.unsubscribe(reader)
    return response


async def _pass_on(reader: Subscription, response: web.StreamResponse) -> None:
    """Write what comes, until the feed ends."""
    while True:
        if not await reader.more(PING_SECONDS):
            await response.write(b": ping\n\n")
            continue
        parts = []
        while reader.events:
            parts.append(_written(reader.events.popleft()))
        if reader.ended:
            kind, reason = FAREWELLS[reader.ended]
            parts.append(b"event: %b\ndata: %b\n\n" % (kind.encode(), encoded({"reason": reason})))
        await response.write(b"".join(parts))
        if reader.ended:
            return


def _written(event: FeedEvent) -> bytes:
    data = {**event.data, "at": iso(event.data["at"])} if "at" in event.data else event.data
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.id, event.kind.encode(), encoded(data))


def _last_seen(ask: Ask) -> int | None:
    text = ask.request.headers.get("Last-Event-ID") or ask.parameter("last_event_id")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise bad("Last-Event-ID", f"must be the `id` of an event, not {text[:80]!r}")
    return int(text)


ROUTES: Final = (
    Route(
        "GET",
        "/events",
        stream,
        "Messages, transitions, requests and callbacks as server-sent events.",
        query=("last_event_id",),
    ),
)
