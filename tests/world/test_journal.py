"""What happened is kept within bounds and counted beyond them; a slow reader slows nobody."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.world import journal as module
from mockserver.world.journal import Alert, CallbackEntry, FeedEvent, Journal, RequestEntry


def callback(number: int, message_sid: str = "SM1", error: str = "") -> CallbackEntry:
    return CallbackEntry(
        id=f"cb-{number}",
        at=number,
        due=number,
        url="http://127.0.0.1:9/status",
        method="POST",
        params=[("To", "+14155550001")],
        headers=[],
        signature="",
        response_status=204,
        duration=0.001,
        error=error,
        error_code=0,
        attempt=1,
        message_sid=message_sid,
        account_sid="AC1",
        kind="status",
        status="sent",
        idempotency_token="",
    )


def request(number: int) -> RequestEntry:
    return RequestEntry(
        id=f"req-{number}",
        at=number,
        method="POST",
        host="api.twilio.com",
        path="/2010-04-01/Accounts/AC1/Messages.json",
        operation="api.v2010.CreateMessage",
        account_sid="AC1",
        headers=[(b"Host", b"api.twilio.com")],
        content_type="",
        body=b"\xff\x00",
        body_length=2,
        status=201,
        domain="api.twilio.com",
        request_id="RQ1",
        concurrent=1,
        reply_type="application/json",
        reply_headers=(),
        reply_body=b"{}",
        reply_length=2,
        duration=0.001,
    )


def data() -> dict[str, Any]:
    return {"sid": "SM1"}


def ids(events: "list[FeedEvent] | Any") -> list[int]:
    return [event.id for event in events]


# Rings


def test_entries_come_back_as_they_went_in() -> None:
    """Oldest first, as often as somebody looks, bytes that are no text included."""
    journal = Journal()
    entries = [request(number) for number in range(3)]
    for entry in entries:
        journal.record_request(entry)
    assert [*journal.requests] == entries
    assert [*journal.requests] == entries
    assert (len(journal.requests), journal.requests.dropped) == (3, 0)


def test_rings_are_bounded_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest stay, the others are counted; numbers go on."""
    monkeypatch.setattr(module, "ENTRIES_KEPT", 3)
    journal = Journal()
    for number in range(5):
        journal.record_callback(callback(number))
    ring = journal.callbacks
    assert [entry.id for entry in ring] == ["cb-2", "cb-3", "cb-4"]
    assert (ring.dropped, ring.first) == (2, 2)
    assert [number for number, _ in ring.numbered()] == [2, 3, 4]
    assert [number for number, _ in ring.numbered(4)] == [4]
    assert (ring.entry(1), ring.entry(2), ring.entry(5)) == (None, callback(2), None)


def test_rings_are_bounded_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the entries are."""
    monkeypatch.setattr(module, "BYTES_KEPT", 3_000)
    journal = Journal()
    for number in range(5):
        journal.record_callback(callback(number, error="x" * 1_000))
    assert [entry.id for entry in journal.callbacks] == ["cb-3", "cb-4"]
    assert journal.callbacks.dropped == 3


def test_a_cleared_ring_is_as_new() -> None:
    """But for the numbers of its entries, which go on."""
    journal = Journal()
    for number in range(4):
        journal.record_callback(callback(number))
    journal.callbacks.clear()
    assert ([*journal.callbacks], journal.callbacks.dropped) == ([], 0)
    journal.record_callback(callback(4))
    assert [*journal.callbacks.numbered()] == [(4, callback(4))]


def test_entries_are_numbered_apart() -> None:
    """`req-1` and `cb-1` begin a sandbox."""
    journal = Journal()
    assert [journal.next_request(), journal.next_request()] == ["req-1", "req-2"]
    assert journal.next_callback() == "cb-1"


def test_alerts_are_heard_of() -> None:
    """By who wants to hear, as they are raised."""
    journal, heard = Journal(), list[Alert]()
    alerts = [Alert(f"NO{number}", number, 30003, "Unreachable", "SM1") for number in range(3)]
    journal.alerts.append(alerts[0])
    journal.alerts.heard = heard.append
    journal.alerts.append(alerts[1])
    journal.alerts.heard = None
    journal.alerts.append(alerts[2])
    assert ([*journal.alerts], heard) == (alerts, alerts[1:2])


def test_attempts_by_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are kept, whenever somebody asks."""
    monkeypatch.setattr(module, "ENTRIES_KEPT", 3)
    journal = Journal()
    for number, sid in enumerate(["SM1", "SM2", "SM1"]):
        journal.record_callback(callback(number, sid))
    assert [entry.id for entry in journal.attempts.of("SM1")] == ["cb-0", "cb-2"]
    for number, sid in enumerate(["SM1", "SM3"], 3):
        journal.record_callback(callback(number, sid))
    assert [entry.id for entry in journal.attempts.of("SM1")] == ["cb-2", "cb-3"]
    assert journal.attempts.of("SM2") == []
    for number in range(5, 15):
        journal.record_callback(callback(number, f"SM{number}"))
    assert [entry.id for entry in journal.attempts.of("SM14")] == ["cb-14"]
    assert journal.attempts.of("SM1") == []


# The feed


def test_without_readers_nothing_is_made() -> None:
    """A journal that nobody follows costs nothing."""
    journal = Journal()

    def never() -> dict[str, Any]:
        raise AssertionError("nobody asked")

    journal.tell("message", never)
    assert not journal.watched


def test_a_reader_sees_what_happens() -> None:
    """Requests, callbacks and messages, each with a number of its own."""
    journal = Journal()
    reader = journal.subscribe()
    journal.record_request(request(1))
    journal.record_callback(callback(1))
    journal.tell("message", data)
    assert [event.kind for event in reader.events] == ["request", "callback", "message"]
    assert ids(reader.events) == [1, 2, 3]
    assert reader.events[0].data["operation"] == "api.v2010.CreateMessage"
    assert reader.events[1].data["message_sid"] == "SM1"


def test_who_comes_back_misses_nothing() -> None:
    """Events since the one that was seen last, also those of the time in between."""
    journal = Journal()
    reader = journal.subscribe()
    journal.tell("message", data)
    journal.unsubscribe(reader)
    journal.unsubscribe(reader)
    journal.tell("message", data)
    again = journal.subscribe(after=1)
    journal.tell("message", data)
    assert (ids(reader.events), ids(again.events)) == ([1], [2, 3])
    assert ids(journal.subscribe().events) == []


def test_a_slow_reader_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads what it had, learns why there is no more, and no event is skipped."""
    monkeypatch.setattr(module, "QUEUE_LENGTH", 2)
    journal = Journal()
    slow, quick = journal.subscribe(), journal.subscribe()
    seen = []
    for _ in range(4):
        journal.tell("message", data)
        seen.append(quick.events.popleft().id)
    slow.events.clear()
    journal.tell("message", data)
    assert (slow.ended, ids(slow.events)) == ("slow", [])
    assert (quick.ended, seen) == ("", [1, 2, 3, 4])


async def test_waiting_for_more() -> None:
    """Until something comes, the feed ends, or the time is up."""
    journal = Journal()
    reader = journal.subscribe()
    assert not await reader.more(0.001)
    waiting = asyncio.create_task(reader.more(20))
    await asyncio.sleep(0)
    journal.tell("message", data)
    assert await waiting
    assert await reader.more(20)
    reader.events.clear()
    journal.end()
    assert await reader.more(20)
    assert reader.ended == "closed"


def test_readers_outlive_a_reset() -> None:
    """They are told of it and go on, numbers and all; the rings begin anew."""
    before, after = Journal(), Journal()
    reader = before.subscribe()
    before.record_request(request(1))
    after.take_over(before)
    after.record_request(request(1))
    assert [event.kind for event in reader.events] == ["request", "reset", "request"]
    assert ids(reader.events) == [1, 2, 3]
    assert len(after.requests) == 1
    assert ids(after.subscribe(after=1).events) == [2, 3]


# Status callbacks that nobody took


def test_what_nobody_took_is_counted() -> None:
    """By message and status, until somebody does; other webhooks do not matter."""
    journal = Journal()
    for number, status in enumerate((500, 0, 302)):
        journal.record_callback(replace(callback(number), response_status=status))
    journal.record_callback(replace(callback(3), status="delivered", response_status=500))
    journal.record_callback(replace(callback(4), kind="inbound", response_status=500))
    assert journal.unanswered == {"SM1/sent": 3, "SM1/delivered": 1}
    journal.record_callback(callback(5))
    journal.record_callback(callback(6))
    assert journal.unanswered == {"SM1/delivered": 1}


def test_the_count_outlives_the_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is complete, however many attempts there were since."""
    monkeypatch.setattr(module, "ENTRIES_KEPT", 2)
    journal = Journal()
    journal.record_callback(replace(callback(0, "SM0"), response_status=500))
    for number in range(1, 5):
        journal.record_callback(callback(number))
    assert journal.callbacks.dropped == 3
    journal.callbacks.clear()
    assert journal.unanswered == {"SM0/sent": 1}
