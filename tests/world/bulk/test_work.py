"""How operations move: on which clock, in which slices, and who else gets a turn."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.message import SECOND, STEP
from mockserver.world.bulk.attempts import OVER
from mockserver.world.bulk.work import AT_ONCE, ROWS
from mockserver.world.clock import SEEDED_START, Mode, iso
from mockserver.world.driver import Bounds
from mockserver.world.engine import SUSPENDED
from mockserver.world.outside import NotIdle
from mockserver.world.schemas import Reading
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from mockserver.world.bulk.operation import Operation
    from tests.world.bulk.conftest import Field

LARGE = AT_ONCE + 500


def kinds(field: "Field", operation: "Operation") -> list[str]:
    """Of the events that told of it."""
    return [each.kind for each in field.world.sandbox.events if each.about is operation]


async def test_from_beginning_to_end(field: "Callable[..., Field]") -> None:
    """On a clock that is advanced: queued, sent, over; receipts come afterwards."""
    here = field("manual")
    operation = await here.send(2)
    seen = []
    for seconds in (0.0, 0.1, 0.1, 0.3):
        await here.world.advance(seconds)
        seen.append((operation.status, operation.state(0), operation.tally.stats()["attempts"]))
    assert seen == [
        ("PROCESSING", "QUEUED", 2),
        ("PROCESSING", "QUEUED", 2),
        ("COMPLETED", "SENT", 2),
        ("COMPLETED", "DELIVERED", 2),
    ]
    assert operation.updated_at - operation.created_at == SECOND // 2


async def test_what_is_told_of_it(field: "Callable[..., Field]") -> None:
    """In order: of the operation, of each message, of the operation."""
    here = field()
    operation = await here.send(1)
    await here.over()
    assert kinds(here, operation) == [
        *("operation.processing", "message.queued", "message.sent"),
        *("operation.completed", "message.delivered"),
    ]


async def test_what_is_told_of_a_fallback(field: "Callable[..., Field]") -> None:
    """Nothing of an attempt after which there was another."""
    here = field()
    here.pool("SMS", "RCS")
    operation = await here.send(1, from_=None)
    await here.over()
    assert kinds(here, operation).count("message.queued") == 1
    assert "message.failed" not in kinds(here, operation)


async def test_a_scheduled_one(field: "Callable[..., Field]") -> None:
    """Waits for its time, to which the instant clock does not jump."""
    here = field("instant")
    at = here.world.now + 3_600 * SECOND
    operation = await here.send(2, schedule={"sendAt": [iso(at)]})
    await here.over()
    assert (operation.status, operation.state(0)) == ("SCHEDULED", "SCHEDULED")
    await here.world.advance(3_600)
    await here.over()
    assert (operation.status, operation.state(0)) == ("COMPLETED", "DELIVERED")
    assert set(operation.attempts.made) == {at}
    assert kinds(here, operation)[:2] == ["operation.scheduled", "operation.processing"]


async def test_each_by_their_own_clock(field: "Callable[..., Field]") -> None:
    """It is under way from the first to the last of them."""
    here = field("manual")
    at = iso(here.world.now + 86_400 * SECOND)[:-1]
    operation = await here.send("+442079460958", "+14155552671", schedule={"sendAt": [at]})
    await here.world.advance(86_400 + 1)
    assert operation.status == "PROCESSING"
    assert [operation.state(place) for place in range(2)] == ["DELIVERED", "SCHEDULED"]
    await here.world.advance(5 * 3_600)
    assert operation.status == "COMPLETED"
    assert kinds(here, operation).count("operation.processing") == 1
    assert kinds(here, operation).count("operation.completed") == 1


async def test_a_small_one_has_happened_before_anybody_looks(
    field: "Callable[..., Field]",
) -> None:
    """On the instant clock, though the loop was never free."""
    here = field("instant")
    operation = await here.send(AT_ONCE)
    here.world.sandbox.engine.catch_up()
    assert operation.tally.stats()["delivered"] == AT_ONCE


async def test_nobody_waits_for_a_large_one(field: "Callable[..., Field]") -> None:
    """It is worked off between commands, some of it at a time."""
    here = field("instant")
    operation = await here.send(LARGE)
    await here.world.turns()
    begun = len(operation.attempts)
    assert 0 < begun < LARGE
    here.world.sandbox.engine.catch_up()
    assert len(operation.attempts) == begun
    turns = 0
    while operation.tally.stats()["delivered"] < LARGE:
        await here.world.turns()
        turns += 1
    assert turns > 3 * LARGE // ROWS
    assert not here.world.sandbox.engine.heavy()


async def test_nobody_waits_for_a_large_one_that_is_new(field: "Callable[..., Field]") -> None:
    """Also who comes before anybody has begun with it: at once, or when its time has come."""
    here = field("instant")
    operation = await here.send(LARGE)
    here.world.sandbox.engine.catch_up()
    assert 0 < len(operation.attempts) <= ROWS
    await here.over()
    assert operation.tally.stats()["delivered"] == LARGE
    at = here.world.now + 3_600 * SECOND
    later = await here.send(LARGE, schedule={"sendAt": [iso(at)]})
    here.world.sandbox.clock.move(at)
    here.world.sandbox.engine.switch(Mode.parse("scaled:1000000"))
    here.world.sandbox.engine.catch_up()
    assert 0 < len(later.attempts) <= ROWS
    await here.over()
    assert later.tally.stats()["delivered"] == LARGE


async def test_texts_that_take_long(field: "Callable[..., Field]") -> None:
    """A slice ends early, so that nobody waits for a hundred of them."""
    here = field("instant")
    slow = (
        "{% for i in (1..2000) %}{% if i == 7 %}{{ i }}{% endif %}{% endfor %}{{ n | default: 1 }}"
    )
    operation = await here.send(30, text=slow)
    await here.world.turns()
    assert 0 < len(operation.attempts) < 30
    await here.over()
    assert operation.tally.stats()["delivered"] == 30
    assert {each.body for each in here.twins(operation)[:1]} == {"71"}


async def test_those_that_are_deleted_are_no_burden(field: "Callable[..., Field]") -> None:
    """What stays `sent` for long can be deleted; its steps that never come do not count."""
    here = field("manual")
    here.scenario(delivery=[{"after": {"sent": "0s", "final": "30h"}}])
    operation = await here.send(LARGE)
    await here.world.advance(4 * 3_600)
    assert here.world.sandbox.engine.heavy()
    for message in here.twins(operation)[: AT_ONCE + 1]:
        await here.world.sandbox.messages.delete(message)
    assert not here.world.sandbox.engine.heavy()
    await here.world.advance(30 * 3_600)
    stats = operation.tally.stats()
    assert (stats["sent"], stats["delivered"]) == (AT_ONCE + 1, LARGE - AT_ONCE - 1)


async def test_a_message_meanwhile(field: "Callable[..., Field]") -> None:
    """Is accepted, and delivered in the end, as is the operation."""
    here = field("instant")
    operation = await here.send(LARGE)
    await here.world.turns(2)
    message = await here.world.create()
    await here.over()
    assert here.world.status(message) == "delivered"
    assert operation.tally.stats()["delivered"] == LARGE


async def test_on_a_clock_that_runs(field: "Callable[..., Field]") -> None:
    """It goes as time goes."""
    here = field("scaled:1000")
    operation = await here.send(LARGE)
    await here.over()
    assert operation.tally.stats()["delivered"] == LARGE
    assert operation.updated_at - operation.created_at == SECOND // 2


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_an_account_that_may_not_send(field: "Callable[..., Field]", status: str) -> None:
    """What it has under way, or scheduled, begins in its time and fails when it would go out."""
    here = field("manual")
    at = iso(here.world.now + 3_600 * SECOND)
    now, later = await here.send(2), await here.send(2, schedule={"sendAt": [at]})
    await here.world.advance(0.05)
    accounts = here.world.sandbox.accounts
    accounts.change(replace(accounts.first, status=status), Unit())
    await here.world.advance(7_200)
    for operation in (now, later):
        assert [code for _, _, code in here.told(operation)] == [SUSPENDED] * 2
        assert operation.status == "COMPLETED"
        assert operation.tally.stats()["failed"] == 2


# What happens to a message alone


async def test_a_forced_status(field: "Callable[..., Field]") -> None:
    """Is the message's, and counted; the others go on."""
    here = field("manual")
    operation = await here.send(2)
    await here.world.advance(0.05)
    await here.world.sandbox.messages.force(here.twins(operation)[0], "failed", 30008)
    assert [operation.state(place) for place in range(2)] == ["FAILED", "QUEUED"]
    await here.over()
    assert [operation.state(place) for place in range(2)] == ["FAILED", "DELIVERED"]
    assert operation.status == "COMPLETED"


async def test_a_forced_failure_falls_back(field: "Callable[..., Field]") -> None:
    """To the next way, like any other; also one of a message that was over."""
    here = field("manual")
    here.pool("SMS", "RCS")
    here.handset("+14155550100", rcs=True)
    here.scenario(delivery=[{"when": {"channel": "rcs"}, "outcome": "sent"}])
    operation = await here.send("+14155550100", from_=None)
    await here.over()
    assert operation.state(0) == "SENT"
    await here.world.sandbox.messages.force(here.twins(operation)[0], "undelivered", 30003)
    assert operation.tries(0) == (0, 1)
    assert here.world.sandbox.bulk._work._load == 1
    await here.over()
    assert operation.state(0) == "DELIVERED"


async def test_every_message_is_counted_out(field: "Callable[..., Field]") -> None:
    """Once, whatever happened to it: else nobody would wait for anything, or for everything."""
    here = field("manual")
    here.pool("SMS", "RCS")
    media = {"text": "Look", "media": [{"url": "http://media.example/a.png"}]}
    made = [await here.send(6, from_=None), await here.send(6, content=media)]
    await here.world.advance(0.05)
    messages = here.world.sandbox.messages
    for operation in made:
        for twin, status in zip(
            here.twins(operation)[-3:], ("sent", "failed", "delivered"), strict=True
        ):
            await messages.force(twin, status, 0)
    await here.over()
    for operation in made:
        over = (each for each in here.twins(operation) if here.world.status(each) == "delivered")
        twin = next(over)
        await messages.force(twin, "read", 0)
        await messages.update(twin, Reading({"Body": ""}))
    assert here.world.sandbox.bulk._work._load == 0


async def test_one_that_is_deleted_on_its_way(field: "Callable[..., Field]") -> None:
    """Its receipt comes no more; nobody waits for it."""
    here = field("manual")
    late = {"sent": "1s", "final": "9h"}
    here.scenario(delivery=[{"when": {}, "outcome": "delivered", "after": late}])
    operation = await here.send(2)
    await here.world.advance(5 * 3_600)
    await here.world.sandbox.messages.delete(here.twins(operation)[0])
    assert operation.attempts.taken[0] == OVER
    await here.over()
    assert [operation.state(place) for place in range(2)] == ["SENT", "DELIVERED"]


async def test_a_step_that_it_took_alone(field: "Callable[..., Field]") -> None:
    """An ordinary message goes on by itself; its place in the columns is left out."""
    here = field("manual")
    operation = await here.send(3)
    await here.world.advance(0.15)
    await here.world.sandbox.messages.force(here.twins(operation)[1], "sent", 0)
    await here.over()
    lines = [timeline for _, timeline, _ in here.told(operation)]
    assert lines == [("queued", "sending", "sent", "delivered")] * 3
    delivery = here.world.delivery(here.twins(operation)[1])
    assert delivery.timeline[1::STEP][2] - SEEDED_START == 150_000


# Advancing


async def test_advancing_ends_with_its_events(field: "Callable[..., Field]") -> None:
    """More slices than one `advance` may run: it says so, and can be gone on with."""
    here = field("manual", bounds=Bounds(events=20))
    operation = await here.send(LARGE)
    to, done = here.world.now + SECOND, []
    for _ in range(50):
        with suppress(NotIdle):
            await here.world.sandbox.engine.advance(to)
        done.append(len(operation.attempts) + sum(operation.attempts.taken))
    assert 0 < done[0] <= 20 * ROWS < LARGE * 2
    assert done[0] < done[1] <= 40 * ROWS
    assert done[-1] == 4 * LARGE


@pytest.mark.parametrize("clock", ["manual", "instant", "real"])
async def test_advancing_to_a_moment(field: "Callable[..., Field]", clock: str) -> None:
    """All of a large one is where it is then, on whatever clock; nothing is half done."""
    here = field(clock)
    engine, began = here.world.sandbox.engine, here.world.now
    operation = await here.send(LARGE, schedule={"sendAt": [iso(began + 3_600 * SECOND)]})
    await engine.advance(began + 3_600 * SECOND + 300_000)
    assert operation.tally.stats()["sent"] == LARGE
    assert not operation.stepped
    await engine.advance(began + 3_600 * SECOND + 600_000)
    assert operation.tally.stats()["delivered"] == LARGE
