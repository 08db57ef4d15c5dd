"""Conversations with the application, and how the clock waits for them."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.message import Message
from mockserver.world.driver import Advancing, Bounds
from mockserver.world.outside import NotIdle
from mockserver.world.visits import ROUND, Stopped, Visits

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
SECOND = 1_000_000


class Watch:
    """A stopwatch that shows what it is told."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Talk:
    """A conversation that lasts until it is told to end."""

    def __init__(self, visits: Visits) -> None:
        self._gate = asyncio.Event()
        self.task = asyncio.create_task(visits.pay(self._wait()))

    async def _wait(self) -> str:
        await self._gate.wait()
        return "answer"

    async def end(self) -> None:
        self._gate.set()
        assert await self.task == "answer"


async def begun(visits: Visits) -> Talk:
    """A conversation that is under way."""
    talk = Talk(visits)
    await asyncio.sleep(0)
    return talk


# By themselves


async def test_a_visit_keeps_the_sandbox_busy(make_world: "MakeWorld") -> None:
    """What awaits an application's answer is under way; its result, or failure, comes back."""
    outbox = make_world("instant").sandbox.outbox
    gate = asyncio.Event()

    async def talk(answer: int) -> int:
        await gate.wait()
        return 12 // answer

    visits = [asyncio.create_task(outbox.visit(talk(answer))) for answer in (3, 0)]
    drained = asyncio.create_task(outbox.drained())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not drained.done()
    assert (outbox.idle, outbox.busy[-18:]) == (False, "2 inbound webhooks")
    gate.set()
    assert await visits[0] == 4
    with pytest.raises(ZeroDivisionError):
        await visits[1]
    await drained
    assert outbox.idle


async def test_no_visit_begins_after_the_end(make_world: "MakeWorld") -> None:
    """Whoever wants one is told so."""
    world = make_world("instant")
    before, begun = world.sandbox.outbox, []

    async def talk() -> None:
        begun.append("talk")

    world.sandbox.reset()
    with pytest.raises(Stopped):
        await before.visit(talk())
    assert begun == []


async def test_a_round_is_over_with_its_last_visit() -> None:
    """Whoever waits for it is told once, after the last of those that overlapped."""
    over: list[int] = []
    visits = Visits(lambda: None)
    visits.on_round_over = lambda: over.append(visits.count)
    first, second = await begun(visits), await begun(visits)
    await first.end()
    third = await begun(visits)
    await second.end()
    assert (over, len(visits.awaited)) == ([], 1)
    await third.end()
    assert (over, visits.awaited) == ([0], set())


async def test_a_round_that_takes_long_is_joined_by_no_more() -> None:
    """Visits that overlap without end do not hold the clock for ever; they keep it busy."""
    watch, over = Watch(), list[int]()
    visits = Visits(lambda: None, watch)
    visits.on_round_over = lambda: over.append(visits.count)
    first = await begun(visits)
    watch.seconds += ROUND
    late = await begun(visits)
    assert (visits.count, len(visits.awaited)) == (2, 1)
    await first.end()
    assert (over, visits.count) == ([1], 1)
    watch.seconds += ROUND
    next_round = await begun(visits)
    assert len(visits.awaited) == 1
    await late.end()
    assert over == [1]
    await next_round.end()
    assert over == [1, 0]


async def test_a_visit_that_nobody_awaits_counts_at_once() -> None:
    """From the moment it is begun, and not only when the loop comes to it; after the end, never."""
    told: list[str] = []
    visits = Visits(lambda: told.append("left"))

    async def talk() -> None:
        told.append("talked")

    visits.begin(talk())
    assert (visits.count, len(visits.awaited)) == (1, 1)
    await visits.answered()
    await asyncio.sleep(0)
    assert (told, visits.count) == (["talked", "left"], 0)
    visits.stop()
    visits.begin(talk())
    assert (told, visits.count) == (["talked", "left"], 0)


async def test_answered() -> None:
    """At once when nobody is waited for; else with the last answer."""
    visits = Visits(lambda: None)
    await visits.answered()
    talk = await begun(visits)
    answered = asyncio.create_task(visits.answered())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not answered.done()
    await talk.end()
    await answered


# And the clock


async def life(world: "World") -> tuple[Message, Talk]:
    """A message that is made while a conversation is under way."""
    talk = await begun(world.sandbox.outbox.visits)
    return await world.create(StatusCallback=HOOK), talk


@pytest.mark.parametrize("clock", ["instant", "scaled:1000000"])
async def test_no_tick_while_a_visit_is_under_way(make_world: "MakeWorld", clock: str) -> None:
    """Neither by itself nor for whoever looks; with the answer all that was due happens."""
    world = make_world(clock)
    message, talk = await life(world)
    due = world.now + SECOND
    for _ in range(10):
        await world.turns(5)
        world.sandbox.engine.catch_up()
    while world.now < due and clock != "instant":
        await world.turns()
    world.sandbox.engine.catch_up()
    assert (world.status(message), world.app.posted) == ("queued", [])
    assert not world.idle()
    await talk.end()
    assert world.status(message) == "delivered"
    await world.settled()
    assert world.app.statuses == ["sent", "delivered"]
    assert world.idle()


async def test_visits_one_after_the_other_do_not_hold_the_clock(make_world: "MakeWorld") -> None:
    """What is due happens between them, though the loop never gets a turn without one."""
    world = make_world("instant")
    message, talk = await life(world)
    following = talk.task
    following.add_done_callback(lambda _: others.append(Talk(world.sandbox.outbox.visits)))
    others: list[Talk] = []
    await talk.end()
    await world.turns(3)
    assert world.status(message) == "delivered"
    await others[0].end()


async def test_a_waiting_clock_costs_no_turns(make_world: "MakeWorld") -> None:
    """A running clock whose tick is due does not spin while it waits."""
    world = make_world("scaled:1000000")
    _, talk = await life(world)
    due = world.now + SECOND
    while world.now < due:
        await world.turns()
    woken: list[None] = []
    world.sandbox.engine._run = lambda limit: woken.append(None)  # type: ignore[method-assign]
    await world.turns(50)
    assert len(woken) <= 1
    del world.sandbox.engine._run
    await talk.end()


@pytest.mark.parametrize("clock", ["manual", "instant", "real"])
async def test_advance_waits_for_visits_first(make_world: "MakeWorld", clock: str) -> None:
    """And happens then, to its end."""
    world = make_world(clock)
    message, talk = await life(world)
    advance = asyncio.create_task(world.advance(60))
    await world.turns(10)
    assert (advance.done(), world.status(message)) == (False, "queued")
    await talk.end()
    assert await advance == 3
    assert (world.status(message), world.idle()) == ("delivered", True)


async def test_advance_names_the_visit_that_takes_too_long(make_world: "MakeWorld") -> None:
    """It gives up after so much wall time."""
    world = make_world("manual", bounds=Bounds(seconds=0.01))
    _, talk = await life(world)
    with pytest.raises(NotIdle, match="1 inbound webhooks"):
        await world.advance(60)
    await talk.end()


@pytest.mark.parametrize("clock", ["manual", "instant"])
async def test_an_advance_from_within_a_visit_ends(make_world: "MakeWorld", clock: str) -> None:
    """It waits for the answer that waits for it, until the webhook's time is over."""
    world = make_world(clock)
    asked: list[asyncio.Task[int]] = []

    async def webhook() -> str:
        asked.append(asyncio.create_task(world.advance(1)))
        done, _ = await asyncio.wait(asked, timeout=0.01)
        return "answered" if done else "timed out"

    message = await world.create()
    assert await world.sandbox.outbox.visit(webhook()) == "timed out"
    await asked[0]
    assert world.status(message) == "delivered"


async def test_a_reset_ends_the_wait(make_world: "MakeWorld") -> None:
    """Of whoever advances, and of the old clock, on which nothing happens any more."""
    world = make_world("manual")
    message, talk = await life(world)
    advance = asyncio.create_task(world.advance(60))
    await world.turns(5)
    before = world.sandbox.tables
    world.sandbox.reset()
    for gone, why in ((talk.task, Stopped), (advance, NotIdle)):
        with pytest.raises(why):
            await gone
    await world.turns(5)
    assert before.messages.delivery(message.sid).status == "queued"
    assert (world.app.posted, list(world)) == ([], [])
    assert await world.advance(1) == 0


async def test_one_advance_at_a_time_while_visits_are_waited_for(make_world: "MakeWorld") -> None:
    """The second is refused, as ever."""
    world = make_world("manual")
    _, talk = await life(world)
    first = asyncio.create_task(world.advance(1))
    await world.turns(3)
    with pytest.raises(Advancing):
        await world.advance(1)
    await talk.end()
    await first
