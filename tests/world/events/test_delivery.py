"""One try after the other."""

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from mockserver.domain.events.retries import TIMEOUT
from mockserver.world.events import delivery
from mockserver.world.events.delivery import of
from mockserver.world.ports import Answer, Limits, Parcel, Posting, Unreachable
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld
    from tests.world.events.conftest import Follow, Told

GONE, BROKEN = Answer(410, error_code=11200), Answer(500, error_code=11200)
LATE = Unreachable("no answer within 5 s", code=11203, phase="read")


class Slow:
    """A store that takes its time, and says when it is done."""

    durable: Final = True

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def commit(self, unit: Unit) -> None:
        """Keep it once the gate is open."""
        await self.gate.wait()


async def test_a_sink_has_five_seconds(make_world: "MakeWorld", follow: "Follow") -> None:
    """In all, for each try; whatever its address says of that."""
    world = make_world("instant")
    await follow(world, "sent")
    world.app.answers = {"": [LATE]}
    await world.create()
    await world.settled()
    assert world.app.limits == [Limits(TIMEOUT, TIMEOUT, TIMEOUT)] * 2
    assert [(each.attempt, each.error) for each in world.attempts] == [
        (1, "no answer within 5 s"),
        (2, ""),
    ]
    assert world.alerts == [91308]


async def test_only_the_first_failure_is_told(make_world: "MakeWorld", follow: "Follow") -> None:
    """Until the sink has taken something, or twenty minutes are over."""
    world = make_world("manual")
    sid = await follow(world, "sent", "delivered")
    world.app.answers = {"": [BROKEN, GONE]}
    await world.create()
    await world.advance(1)
    assert world.alerts == [93101]
    await world.advance(1)
    world.app.answers = {"": [GONE]}
    await world.create()
    await world.advance(1)
    assert world.alerts == [93101, 93101]
    assert {alert.resource_sid for alert in world.sandbox.journal.alerts} == {sid}


async def test_failures_of_one_moment_are_one(make_world: "MakeWorld", follow: "Follow") -> None:
    """Whichever of the posts that leave together is refused, and whatever is taken between."""
    world = make_world("manual")
    await follow(world, "sent")
    world.app.answers = {"": [BROKEN, Answer(200), BROKEN]}
    for number in range(3):
        await world.create(Body=str(number))
    await world.advance(0.3)
    assert [each.response_status for each in world.attempts] == [500, 200, 500]
    assert world.alerts == [93101]


async def test_a_sink_that_fails_for_long(make_world: "MakeWorld", follow: "Follow") -> None:
    """Is told of every twenty minutes, and never again once its events are given up."""
    world = make_world("manual")
    await follow(world, "sent")
    world.app.verdict = lambda parcel: BROKEN
    await world.create()
    await world.advance(5 * 3600)
    at = [alert.at for alert in world.sandbox.journal.alerts]
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert {gap % (20 * 60_000_000) for gap in gaps} == {0}  # whichever try it was that failed
    assert len(set(at)) == len(at)
    assert max(gaps) <= 40 * 60_000_000
    assert world.attempts[-1].due - world.attempts[0].due <= 4 * 3600 * 1_000_000
    assert world.sandbox.clock.pending == 0


async def test_the_first_tries_are_under_way(make_world: "MakeWorld", follow: "Follow") -> None:
    """Who advances until nothing is under way has five more; the others are appointments."""
    world = make_world("manual")
    await follow(world, "sent")
    world.app.verdict = lambda parcel: BROKEN
    await world.create()
    await world.sandbox.engine.advance(None)
    assert len(world.attempts) == 6
    assert world.idle()
    assert world.sandbox.clock.appointments.count == 1


async def test_single_events_of_a_message_keep_their_order(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """However slow the sink is."""
    world = make_world("instant")
    await follow(world, "sent", "delivered")
    for number in range(20):
        await world.create(To=f"+14155552{number:03}")
    await world.settled()
    assert told(world).count(["sent"]) == told(world).count(["delivered"]) == 20
    sids = [each.message_sid for each in world.app.posted]
    kinds = [each for [each] in told(world)]
    for sid in set(sids):
        own = [kind for kind, whose in zip(kinds, sids, strict=True) if whose == sid]
        assert own == ["sent", "delivered"]


async def test_a_batch_waits_for_the_one_before(make_world: "MakeWorld", follow: "Follow") -> None:
    """A sink is never sent two at a time."""
    world = make_world("manual")
    await follow(world, "sent", "delivered", batched=True)
    for number in range(250):
        await world.create(To=f"+14155552{number:03}")
    await world.advance(1)
    assert len(world.app.posted) == 6
    assert world.app.most == 1


async def test_too_much_for_one_sink(
    make_world: "MakeWorld", follow: "Follow", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes then is dropped, and the journal says so; when there is room, others go."""
    monkeypatch.setattr(delivery, "MOST_WAITING", 2)
    world = make_world("manual")
    await follow(world, "sent")
    world.app.verdict = lambda parcel: BROKEN
    for number in range(3):
        await world.create(To=f"+1415555267{number}")
    await world.advance(0.3)
    dropped = [each for each in world.attempts if each.error.startswith("not posted")]
    assert len(dropped) == 1
    assert "2 events wait for http://app.example/events" in dropped[0].error
    world.app.verdict = None
    await world.advance(10)
    await world.create()
    await world.advance(1)
    assert [each.response_status for each in world.attempts[-1:]] == [204]


async def test_what_this_server_forbids(make_world: "MakeWorld", follow: "Follow") -> None:
    """Is not tried again: its rules do not change by themselves."""
    world = make_world("manual")
    await follow(world, "sent")
    world.app.answers = {"": [Unreachable("not allowed", phase="refused")]}
    await world.create()
    await world.advance(3600)
    assert len(world.app.posted) == 1
    assert world.alerts == [93101]


async def test_what_steps_wrote_is_kept_first(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """An event tells only of what would survive."""
    store = Slow()
    store.gate.set()
    world = make_world("manual", store=store)
    await follow(world, "sent")
    await world.create()
    store.gate.clear()
    advancing = asyncio.create_task(world.advance(1))
    await world.turns(50)
    assert told(world) == []
    store.gate.set()
    await advancing
    assert told(world) == [["sent"]]


def test_callbacks_go_elsewhere() -> None:
    """They would never be tried again."""
    parcel = Parcel("status", "http://app.example/", "POST", (), "s", "token", "AC1", "SM1")
    with pytest.raises(TypeError, match="status callbacks are posted elsewhere"):
        of(Posting(parcel, due=0))
