"""Ten thousand messages through a storm, while the API fails: nothing is lost, nothing stays."""

import gc
import logging
import tracemalloc
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.faults import (
    DeliveryRule,
    FaultRule,
    StatusFault,
    WeatherRule,
    When,
    read_weather,
)
from mockserver.domain.lifecycle import FINAL
from mockserver.world.ports import Answer, Limits, Parcel, Unreachable
from mockserver.world.scenarios import Library
from mockserver.world.schema_files import folder
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

MESSAGES = 10_000
HOOK = "http://127.0.0.1:9/status#rc=1"

STORM: dict[str, tuple[float, dict[str, Any]]] = {
    "lost": (0.1, {"drop": True}),
    "twice": (0.2, {"duplicate": 1}),
    "late": (0.3, {"delay": {"uniform": ["1s", "1m"]}}),
    "disorder": (0.5, {"reorder": True}),
    "again": (0.2, {"replay": "1h", "signature": "stale"}),
    "burst": (0.2, {"burst": "30s"}),
}
"""Share of what is left over, and what becomes of it."""


@dataclass
class Receiver:
    """An application that is not there each seventh time that it is called."""

    calls: int = 0
    copies: int = 0
    """Calls that were no second attempts."""
    refused: set[str] = field(default_factory=set)
    """Tokens of what will be tried once more."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        self.calls += 1
        token = parcel.idempotency_token
        second = token in self.refused
        self.refused.discard(token)
        self.copies += not second
        if self.calls % 7:
            return Answer(204)
        if not second:
            self.refused.add(token)
        raise Unreachable("nobody listens")

    async def close(self) -> None:
        """Nothing is open."""


def brew(world: "World", ready_made: str = "") -> None:
    """Put a storm, of our own or a ready-made one, in force, and faults.

    A quarter of the messages ends badly.
    """
    rules = world.sandbox.rules
    if ready_made:
        world.sandbox.regime.put(Library([Path(folder("scenarios"))]).get(ready_made), Unit())
    for name, (share, then) in reversed(STORM.items()) if not ready_made else ():
        rules.add(WeatherRule(name, When(share=share), read_weather(then)))
    rules.add(DeliveryRule("bad", When(share=0.25), "undelivered", 30003))
    rules.add(FaultRule("flaky", When(every=10), StatusFault(503)))


async def send(world: "World", count: int) -> int:
    """Create so many, with the API's faults; how many there are."""
    made = 0
    for number in range(count):
        call = {"operation": "api.v2010.CreateMessage", "body": f"No. {number}"}
        if world.sandbox.rules.fault(call) is None:
            await world.create(StatusCallback=HOOK, Body=f"No. {number}")
            made += 1
        if number % 500 == 0:
            await world.settled()
    await world.sandbox.engine.advance(None)
    return made


def live() -> int:
    """Bytes that are in use."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.fixture
def stormy(make_world: "MakeWorld", caplog: pytest.LogCaptureFixture) -> "tuple[World, Receiver]":
    """A world in which everything goes wrong, and the application that its callbacks go to."""
    caplog.set_level(logging.CRITICAL, "mockserver")  # what is logged is kept, too
    world, receiver = make_world("instant"), Receiver()
    courier: Any = world.app
    courier.deliver = receiver.deliver
    return world, receiver


async def test_ten_thousand_messages(stormy: "tuple[World, Receiver]") -> None:
    """Every message ends, and every attempt is in the journal's account."""
    world, receiver = stormy
    brew(world)
    made = await send(world, MESSAGES)
    _check(world, receiver, made)


async def test_a_reset_gives_all_back(stormy: "tuple[World, Receiver]") -> None:
    """The same through `callback-storm`; no message leaves so much as six bytes behind."""
    world, receiver = stormy
    brew(world, "callback-storm")
    await send(world, 200)
    world.sandbox.reset()
    receiver.calls = receiver.copies = 0
    tracemalloc.start()
    try:
        before = live()
        brew(world, "callback-storm")
        made = await send(world, MESSAGES)
        grown = live() - before
        _check(world, receiver, made)
        world.sandbox.reset()
        await world.turns(10)
        left = live() - before
    finally:
        tracemalloc.stop()
    assert grown > 1_000 * MESSAGES
    assert left < 6 * MESSAGES


def _check(world: "World", receiver: Receiver, made: int) -> None:
    sandbox = world.sandbox
    rules, counters, journal = sandbox.rules.weather, sandbox.rules.counters, sandbox.journal
    assert made == MESSAGES - MESSAGES // 10
    ends = Counter(sandbox.tables.messages.delivery(each.sid).status for each in world)
    assert set(ends) == {"delivered", "undelivered"} <= FINAL
    assert sum(ends.values()) == made
    fired = {rule.id: counters[f"{rule.id}.fired"] for rule in rules}
    dropped = sum(fired[rule.id] for rule in rules if rule.then.drop)
    more = sum(fired[each.id] * (each.then.duplicate + bool(each.then.replay)) for each in rules)
    assert receiver.copies == 2 * made + more - dropped
    assert journal.callbacks.dropped + len(journal.callbacks) == receiver.calls + dropped
    assert receiver.calls > receiver.copies
    assert not receiver.refused
    assert all(fired.values())
    assert world.idle()
