"""What sandboxes saw that are gone is remembered: all of it counted, the latest of it kept."""

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.message import Delivery, Message
from mockserver.world import copying
from mockserver.world import journal as journals
from mockserver.world.journal import CallbackEntry, RequestEntry
from mockserver.world.orders import Order
from mockserver.world.partings import MESSAGES_KEPT, MESSAGES_OF_ONE, Partings
from mockserver.world.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

TEXTS = dict.fromkeys(CallbackEntry.__struct_fields__, "")
NUMBERS = {"at": 1, "due": 1, "response_status": 204, "error_code": 0, "attempt": 1}
ATTEMPT: dict[str, Any] = {**TEXTS, **NUMBERS, "duration": 0.001, "params": [], "headers": []}
CALL: dict[str, Any] = {
    **dict.fromkeys(("method", "host", "path", "operation", "account_sid", "content_type"), ""),
    **dict.fromkeys(("domain", "request_id", "reply_type"), ""),
    "body": b"",
    "reply_body": b"",
    "headers": [],
    "reply_headers": (),
    "at": 1,
    "body_length": 0,
    "reply_length": 0,
    "concurrent": 1,
    "status": 201,
}


def callback(number: int, **more: Any) -> CallbackEntry:
    """An attempt that was taken."""
    return CallbackEntry(**{**ATTEMPT, "body": b"", "id": f"cb-{number}", **more})


def request(number: int, **more: Any) -> RequestEntry:
    """A call that was answered as its program wished."""
    return RequestEntry(**{**CALL, "duration": 0.001, "id": f"req-{number}", **more})


def render(sandbox: Any, message: Message, delivery: Delivery) -> dict[str, Any]:
    """A message as somebody will see it."""
    return {"body": message.body, "status": delivery.status}


@pytest.fixture
def partings() -> Partings:
    return Partings(render)


@pytest.fixture
def world(make_world: "MakeWorld", partings: Partings) -> "World":
    """A world that remembers."""
    return make_world(partings=partings)


async def told(world: "World", sandbox: Sandbox, count: int) -> None:
    """So many messages, whose bodies are numbers."""
    there = dataclasses.replace(world, sandbox=sandbox)
    for number in range(count):
        await there.create(Body=str(number))


async def test_a_sandbox_that_is_dropped(world: "World", partings: Partings) -> None:
    """Its calls, attempts and messages, as they stand; those that nobody used are not counted."""
    unused, used = world.sandboxes.make(Order()), world.sandboxes.make(Order())
    await told(world, used, 2)
    used.journal.record_request(request(1))
    used.journal.record_callback(callback(1))
    world.sandboxes.drop(unused)
    assert (partings.lives, [*partings.messages]) == (0, [])
    world.sandboxes.drop(used)
    assert partings.lives == 1
    assert partings.totals == {"messages": 2, "requests": 1, "callbacks": 1}
    assert partings.statuses == {"delivered": 2}
    bodies = [(life, of, message["body"]) for life, of, message in partings.messages]
    assert bodies == [(1, used.id, "0"), (1, used.id, "1")]
    assert [(call.life, call.sandbox, call.entry.id) for call in partings.calls] == [
        (1, used.id, "req-1")
    ]
    assert [(one.sandbox, one.entry.id) for one in partings.attempts] == [(used.id, "cb-1")]


async def test_a_sandbox_that_begins_again(world: "World", partings: Partings) -> None:
    """By a reset, a fork's reset or a snapshot, has had a life."""
    sandbox = world.sandbox
    await told(world, sandbox, 1)
    snapshot = sandbox.snapshot()
    copying.reset(world.sandboxes, sandbox)
    assert (partings.lives, partings.totals["messages"]) == (1, 1)
    await copying.restored(world.sandboxes, sandbox, snapshot)
    assert partings.lives == 1
    copying.restore(world.sandboxes, sandbox, snapshot)
    assert (partings.lives, partings.totals["messages"]) == (2, 2)
    fork = await copying.forked(world.sandboxes, sandbox, Order())
    await copying.renewed(world.sandboxes, fork)
    assert [life for life, _, _ in partings.messages] == [1, 2, 3]


async def test_what_went_wrong_is_kept_longest(
    world: "World", partings: Partings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What did not, pushes it not out; all of it stays in its order, and counted."""
    monkeypatch.setattr(journals, "ENTRIES_KEPT", 4)
    bad = [
        request(0, status=404),
        request(1, served=False),
        request(2, warnings=["`X` is not a parameter of this call and was ignored"]),
        request(3, status=0),
    ]
    lost = [callback(9, response_status=500), callback(8, error="it hung up")]
    for entries in (bad, [request(number) for number in range(10, 16)]):
        sandbox = world.sandboxes.make(Order())
        for entry in entries:
            sandbox.journal.record_request(entry)
        for attempt in lost if entries is bad else [callback(number) for number in range(5)]:
            sandbox.journal.record_callback(attempt)
        world.sandboxes.drop(sandbox)
    kept = ["req-0", "req-1", "req-2", "req-3", "req-12", "req-13", "req-14", "req-15"]
    assert [call.entry.id for call in partings.calls] == kept
    assert [one.entry.id for one in partings.attempts] == ["cb-9", "cb-8", *map(cb, range(1, 5))]
    assert partings.totals == {"messages": 0, "requests": 10, "callbacks": 7}


def cb(number: int) -> str:
    return f"cb-{number}"


async def test_an_attempt_that_failed_first(
    world: "World", partings: Partings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not last is nothing that went wrong."""
    monkeypatch.setattr(journals, "ENTRIES_KEPT", 2)
    sandbox = world.sandboxes.make(Order())
    failed = callback(0, response_status=500, idempotency_token="a")
    sandbox.journal.record_callback(failed)
    sandbox.journal.record_callback(callback(1, idempotency_token="a"))
    world.sandboxes.drop(sandbox)
    later = world.sandboxes.make(Order())
    later.journal.record_callback(callback(2))
    world.sandboxes.drop(later)
    assert [one.entry.id for one in partings.attempts] == ["cb-1", "cb-2"]


async def test_messages_are_bounded(world: "World", partings: Partings) -> None:
    """The latest of each sandbox, and of all; deleted ones are not counted."""
    sandbox = world.sandboxes.make(Order())
    await told(world, sandbox, MESSAGES_OF_ONE + 2)
    sandbox.engine.catch_up()
    await sandbox.messages.delete(next(sandbox.tables.messages.places.oldest_first()))
    world.sandboxes.drop(sandbox)
    assert partings.totals["messages"] == sum(partings.statuses.values()) == MESSAGES_OF_ONE + 1
    assert next(message["body"] for _, _, message in partings.messages) == "2"
    assert len(partings.messages) == MESSAGES_OF_ONE
    assert partings.messages.maxlen == MESSAGES_KEPT


async def test_nothing_is_remembered_unasked(make_world: "MakeWorld") -> None:
    """As on a server that `run` did not start."""
    world = make_world()
    assert world.sandboxes.house.partings is None
    await told(world, world.sandbox, 1)
    copying.reset(world.sandboxes, world.sandbox)
    assert len(world.sandbox.tables.messages) == 0
