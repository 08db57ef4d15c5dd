"""`/_mock/cloud_events`: what the Communications API tells of, listed and live."""

import json
from typing import Any

PREFIX = "com.twilio.comms-api."


def kinds(page: Any) -> list[str]:
    return [each["type"].removeprefix(PREFIX) for each in page["cloud_events"]]


async def test_events_are_listed(desk: Any) -> None:
    """Oldest first, as Event Streams delivers them."""
    accepted = await desk.operation("+14155550100")
    page = await desk.get("/cloud_events")
    assert kinds(page) == [
        *("operation.processing", "message.queued", "message.sent"),
        *("operation.completed", "message.delivered"),
    ]
    assert (page["total"], page["dropped"], page["next_cursor"]) == (5, 0, None)
    last = page["cloud_events"][-1]
    assert last["data"]["operation_id"] == accepted
    [message] = (await desk.get("/messages"))["messages"]
    assert last["data"]["downstream_id"] == message["sid"]


async def test_filters(desk: Any) -> None:
    """By type, in full, in short or as a pattern; by operation, message and account."""
    first = await desk.operation("+14155550100", "+14155550101")
    await desk.operation("+14155550102")
    delivered = await desk.get("/cloud_events", type="message.delivered")
    assert delivered["total"] == 3
    assert (await desk.get("/cloud_events", type=f"{PREFIX}message.delivered"))["total"] == 3
    assert (await desk.get("/cloud_events", type=["message.*", "operation.completed"]))[
        "total"
    ] == 11
    assert (await desk.get("/cloud_events", type="*.completed"))["total"] == 2
    assert (await desk.get("/cloud_events", type="com.twilio.*"))["total"] == 13
    own = await desk.get("/cloud_events", operation_id=first)
    assert own["total"] == 8
    message = own["cloud_events"][-1]["data"]["message_id"]
    of_message = await desk.get("/cloud_events", message_id=message)
    assert kinds(of_message) == ["message.queued", "message.sent", "message.delivered"]
    assert (await desk.get("/cloud_events", account_sid="AC" + "1" * 32))["total"] == 0
    assert (await desk.get("/cloud_events", account_sid=desk.sid))["total"] == 13
    assert (await desk.get("/cloud_events", since="2100-01-01"))["total"] == 0


async def test_a_type_there_is_not(desk: Any) -> None:
    """Is refused with what was probably meant: nothing could ever match."""
    said = await desk.ask("GET", "/cloud_events?type=message.deliverd")
    assert (said.status, said.type) == (400, "bad_filter")
    assert "did you mean 'message.delivered'?" in said.message


async def test_pages(desk: Any) -> None:
    """Put together they are the whole, in either order."""
    await desk.operation(*(f"+141555501{number:02}" for number in range(20)))
    every = [each["id"] for each in (await desk.get("/cloud_events"))["cloud_events"]]
    for order in ("asc", "desc"):
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await desk.get("/cloud_events", limit=7, order=order, **cursor)
            found += [each["id"] for each in page["cloud_events"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert found == (every if order == "asc" else every[::-1])


async def test_they_can_be_forgotten(desk: Any) -> None:
    """What comes later is listed again; a reset forgets them, too."""
    await desk.operation("+14155550100")
    assert (await desk.ask("DELETE", "/cloud_events")).status == 204
    assert (await desk.get("/cloud_events"))["total"] == 0
    await desk.operation("+14155550100")
    assert (await desk.get("/cloud_events"))["total"] == 5
    await desk.post("/reset")
    assert (await desk.get("/cloud_events"))["total"] == 0


async def test_an_inbound_message_is_told(desk: Any) -> None:
    """Though nobody used the Communications API."""
    sent = {"from": "+14155552671", "to": "+15017122661", "body": "Hi"}
    received = await desk.post("/inbound", sent)
    page = await desk.get("/cloud_events", type="message.inbound-received")
    [event] = page["cloud_events"]
    assert event["data"]["downstream_id"] == received["message"]["sid"]
    found = await desk.get("/cloud_events", message_id=event["data"]["message_id"])
    assert found["total"] == 1
    assert (await desk.get("/cloud_events", operation_id="comms_operation_1"))["total"] == 0


async def test_the_feed_has_them(desk: Any) -> None:
    """As server-sent events of the kind `event`, the same documents."""
    async with desk.session.get(f"{desk.url}/_mock/events") as feed:
        await feed.content.readuntil(b"\n\n")
        await desk.operation("+14155550100")
        live: list[Any] = []
        while len(live) < 5:
            lines = (await feed.content.readuntil(b"\n\n")).decode().strip().split("\n")
            said = dict(line.split(": ", 1) for line in lines)
            if said["event"] == "event":
                live.append(json.loads(said["data"]))
    assert live == (await desk.get("/cloud_events"))["cloud_events"]
