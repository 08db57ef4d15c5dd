"""`/_mock/events`: what happens, as it happens."""

import asyncio
import json
from typing import Any, NamedTuple

from aiohttp import ClientResponse


class Event(NamedTuple):
    id: int
    kind: str
    data: Any


async def read(stream: ClientResponse, count: int) -> list[Event]:
    """The next events; comments are passed over."""
    found: list[Event] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            block = (await stream.content.readuntil(b"\n\n")).decode()
            lines = dict(
                line.split(": ", 1) for line in block.strip().split("\n") if line[0] != ":"
            )
            if lines:
                data = json.loads(lines["data"])
                found.append(Event(int(lines.get("id", 0)), lines["event"], data))
    return found


async def stream(desk: Any, **headers: str) -> ClientResponse:
    """A stream that is connected."""
    answer: ClientResponse = await desk.session.get(
        desk.url + desk.prefix + "/events", headers=headers
    )
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert await answer.content.readuntil(b"\n\n") == b": connected\n\n"
    return answer


async def test_everything_is_told(desk: Any, webhook: Any) -> None:
    """Messages, transitions, requests, callbacks, numbered; times on the sandbox's clock."""
    events = await stream(desk)
    sid = await desk.create(StatusCallback=webhook.url)
    found = await read(events, 7)
    kinds = [event.kind for event in found]
    assert sorted(kinds) == ["callback"] * 2 + ["message", "request"] + ["transition"] * 3
    assert [event.id for event in found] == list(range(1, 8))
    message = next(event for event in found if event.kind == "message")
    assert (message.data["sid"], message.data["status"]) == (sid, "queued")
    assert message.data["at"] == (await desk.get(f"/messages/{sid}"))["created_at"]
    statuses = [event.data["status"] for event in found if event.kind == "transition"]
    assert statuses == ["sending", "sent", "delivered"]
    events.close()


async def test_coming_back_loses_nothing(still: Any) -> None:
    """With `Last-Event-ID`, also what happened while nobody read."""
    events = await stream(still)
    await still.create()
    [first, *_] = await read(events, 2)
    events.close()
    await still.create(Body="2")
    events = await stream(still, **{"Last-Event-ID": str(first.id)})
    found = await read(events, 3)
    assert [event.id for event in found] == [2, 3, 4]
    events.close()


async def test_a_reset_is_an_event(still: Any) -> None:
    """The stream goes on with the sandbox as it is then."""
    events = await stream(still)
    await still.post("/reset")
    await still.create()
    found = await read(events, 3)
    assert [event.kind for event in found] == ["reset", "message", "request"]
    events.close()


async def test_the_stream_ends_with_its_sandbox(desk: Any) -> None:
    """And says so."""
    sandbox = await desk.in_sandbox()
    events = await stream(sandbox)
    await desk.ask("DELETE", sandbox.prefix.removeprefix("/_mock"))
    [last] = await read(events, 1)
    assert (last.kind, await events.content.read()) == ("closed", b"")


async def test_a_slow_reader_is_dropped_and_told(still: Any) -> None:
    """It cannot slow the sandbox; what it missed it can ask for again."""
    events = await stream(still)
    journal = still.sandbox.journal
    for number in range(1_100):  # in one go, so that the stream has no turn
        journal.tell("message", lambda number=number: {"sid": str(number)})
    found = await read(events, 1_001)
    assert found[-1].kind == "dropped"
    assert "Last-Event-ID" in found[-1].data["reason"]
    assert await events.content.read() == b""
    assert not journal._readers


async def test_bad_ids_and_heads(desk: Any) -> None:
    """An id is a number; HEAD gets the headers alone."""
    said = await desk.ask("GET", "/events", headers={"Last-Event-ID": "x"})
    assert (said.status, said.type) == (400, "bad_parameter")
    async with desk.session.head(f"{desk.url}/_mock/events") as answer:
        assert answer.status == 200
