"""Callbacks to many receivers: side by side, in order, so many at once, and no more than wait."""

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.signature import sign
from mockserver.world.clock import stopwatch
from mockserver.world.ports import Answer, Notice, Parcel, Posting, Unreachable
from mockserver.world.queues import MOST_WAITING
from mockserver.world.tables import Unit
from mockserver.world.windows import COMMON, FIRST, MOST

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
OTHER = "http://127.0.0.2:9/status"
NO_ANSWER = Unreachable("no answer in time", phase="read")
NOBODY = Unreachable("nobody listens")


def numbers(count: int) -> list[str]:
    """Recipients."""
    return [f"+1415555{number:04d}" for number in range(count)]


def shut(world: "World", url: str = HOOK) -> asyncio.Event:
    """A receiver that answers once its gate is open."""
    gate = world.app.gates[url] = asyncio.Event()
    return gate


def slow(parcel: Parcel) -> Answer:
    """It takes 3 ms of everybody's time for an answer."""
    until = stopwatch() + 0.003
    while stopwatch() < until:
        pass
    return Answer(204)


def posted_to(world: "World", url: str) -> list[str]:
    """Statuses, in order."""
    return [dict(p.params)["MessageStatus"] for p in world.app.posted if p.url == url]


# So many at once


async def test_a_receiver_gets_few_at_once_at_first(make_world: "MakeWorld") -> None:
    """The others wait for a place; none is forgotten, and first come is first served."""
    world = make_world("instant")
    gate, recipients = shut(world), numbers(3 * FIRST)
    for to in recipients:
        await world.create(To=to, StatusCallback=HOOK)
    await world.turns(20)
    assert (world.app.under_way, len(world.app.posted)) == (FIRST, FIRST)
    gate.set()
    await world.settled()
    assert [to for to, status in world.app.told if status == "sent"] == recipients
    assert world.app.statuses.count("delivered") == 3 * FIRST


async def test_a_slow_receiver_gets_more(make_world: "MakeWorld") -> None:
    """With each answer that took its time while others waited for a place."""
    world = make_world("instant")
    world.app.verdict = slow
    for to in numbers(4 * FIRST):
        await world.create(To=to, StatusCallback=HOOK)
    await world.settled()
    assert FIRST < world.app.most <= 4 * FIRST
    assert len(world.attempts) == 8 * FIRST


@pytest.mark.parametrize("answer", [NO_ANSWER, NOBODY, Answer(204, waited=1.0)])
async def test_a_receiver_that_cannot_keep_up_gets_fewer(
    make_world: "MakeWorld", answer: Answer | Unreachable
) -> None:
    """It loses half of its places for each time."""
    world = make_world("instant")
    receiver = world.sandbox.outbox.queues.receiver(HOOK)
    receiver.window.size = 4 * FIRST
    world.app.answers["sent"] = [answer]
    await world.create(StatusCallback=f"{HOOK}#rc=0")
    await world.settled()
    assert receiver.window.size == 2 * FIRST


async def test_nothing_is_lost_where_a_window_closes(make_world: "MakeWorld") -> None:
    """While all its places are in use; each message is still told of in order."""
    world = make_world("instant")
    receiver = world.sandbox.outbox.queues.receiver(HOOK)
    receiver.window.size = 4 * FIRST
    world.app.answers["sent"] = [NO_ANSWER, NO_ANSWER]
    gate = shut(world)
    for to in numbers(8 * FIRST):
        await world.create(To=to, StatusCallback=HOOK)
    await world.turns(20)
    assert world.app.under_way == 4 * FIRST
    gate.set()
    await world.settled()
    assert receiver.idle
    for to in numbers(8 * FIRST):
        assert [status for each, status in world.app.told if each == to] == ["sent", "delivered"]


async def test_a_hanging_receiver_delays_nobody_else(make_world: "MakeWorld") -> None:
    """Others, on another host or port, have places of their own, also when all others are taken."""
    world = make_world("instant")
    hanging = [f"http://127.0.1.{number}:9/" for number in range(4)]
    gates = [shut(world, url) for url in hanging]
    for url in hanging:
        world.sandbox.outbox.queues.receiver(url).window.size = MOST
        for to in numbers(MOST):
            await world.create(To=to, Body=url, StatusCallback=url)
    await world.turns(20)
    assert world.app.under_way == COMMON + 4 * FIRST
    for url in (HOOK, "http://127.0.0.1:10/status"):
        for to in numbers(2 * FIRST):
            await world.create(To=to, StatusCallback=url)
    await world.turns(200)
    assert posted_to(world, HOOK).count("delivered") == 2 * FIRST
    assert posted_to(world, "http://127.0.0.1:10/status").count("delivered") == 2 * FIRST
    for gate in gates:
        gate.set()
    await world.settled()
    assert len(world.attempts) == 2 * (4 * MOST + 4 * FIRST)


# In order


@pytest.mark.parametrize("clock", ["instant", "manual", "scaled:1000"])
async def test_later_callbacks_wait_behind_another_attempt(
    make_world: "MakeWorld", clock: str
) -> None:
    """In every mode a message is told of in order; others go on meanwhile."""
    world = make_world(clock)
    failures = [NOBODY, NOBODY]

    def fail_twice(parcel: Parcel) -> Answer | Exception:
        return failures.pop() if parcel.url != HOOK and failures else Answer(204)

    world.app.verdict = fail_twice
    await world.create(StatusCallback=f"{HOOK}#rc=2")
    await world.advance(0.3)
    await world.create(StatusCallback=HOOK)
    await world.advance(60)
    assert posted_to(world, f"{HOOK}#rc=2") == ["sent", "sent", "sent", "delivered"]
    assert posted_to(world, HOOK) == ["sent", "delivered"]
    if clock == "manual":
        assert [parcel.url for parcel in world.app.posted[-2:]] == [f"{HOOK}#rc=2"] * 2
    assert world.idle()


async def test_a_chain_that_waits_for_the_clock_is_not_under_way(make_world: "MakeWorld") -> None:
    """Nobody waits for it but the clock, on which its time is booked."""
    world = make_world("manual")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(0.5)
    assert world.app.statuses == ["sent"]
    assert (world.sandbox.outbox.idle, world.sandbox.clock.pending) == (True, 1)
    await world.settled()
    assert not world.idle()
    assert await world.sandbox.engine.advance(None) == 1
    assert world.app.statuses == ["sent", "sent", "delivered"]


async def test_the_mode_may_change_while_a_chain_waits(make_world: "MakeWorld") -> None:
    """The instant clock comes by its time at once."""
    world = make_world("manual")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(0.5)
    world.sandbox.engine.switch(type(world.sandbox.clock.mode).parse("instant"))
    await world.turns(5)
    await world.settled()
    assert world.app.statuses == ["sent", "sent", "delivered"]


async def test_a_reset_forgets_chains_that_wait(make_world: "MakeWorld") -> None:
    """Nothing of them is posted into the new beginning."""
    world = make_world("manual")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(0.5)
    world.sandbox.reset()
    await world.advance(60)
    assert world.app.statuses == ["sent"]


async def test_what_is_asked_for_by_itself_goes_past_a_chain_that_waits(
    make_world: "MakeWorld",
) -> None:
    """Whoever sends a callback again does not have to advance the clock for it."""
    world = make_world("manual")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(0.5)
    world.sandbox.outbox.post(Posting(world.app.posted[0], world.now, "sent", attempt=2))
    await world.settled()
    assert world.app.statuses == ["sent", "sent"]
    await world.advance(60)
    assert world.app.statuses == ["sent", "sent", "sent", "delivered"]


async def test_a_chain_may_lead_to_two_receivers(make_world: "MakeWorld") -> None:
    """Each callback takes one of its own receiver's places, still in order."""
    world = make_world("instant")
    gate = shut(world)
    await world.create(StatusCallback=HOOK)
    await world.turns(20)
    for url in (OTHER, HOOK):
        world.sandbox.outbox.post(Posting(replace(world.app.posted[0], url=url), world.now))
    gate.set()
    await world.settled()
    assert [parcel.url for parcel in world.app.posted] == [HOOK, HOOK, OTHER, HOOK]
    for url in (HOOK, OTHER):
        assert world.sandbox.outbox.queues.receiver(url).idle


# Lean, and bounded


async def test_what_waits_is_put_into_words_when_its_turn_has_come(
    make_world: "MakeWorld",
) -> None:
    """Signed with the token that the account has then."""
    world = make_world("instant")
    gate = shut(world)
    for to in numbers(FIRST + 1):
        await world.create(To=to, StatusCallback=HOOK)
    await world.turns(20)
    own = world.sandbox.accounts.first
    world.sandbox.accounts.set_up(type(own)(own.sid, "f" * 32), Unit())
    gate.set()
    await world.settled()
    tokens = [
        next(token for token in (own.signing_token, "f" * 32) if _signed(parcel, token))
        for parcel in world.app.posted
    ]
    assert tokens == [own.signing_token] * FIRST + ["f" * 32] * (FIRST + 2)


def _signed(parcel: Parcel, token: str) -> bool:
    return parcel.signature == sign(parcel.url, parcel.params, token)


async def test_so_many_wait_and_no_more(
    make_world: "MakeWorld", caplog: pytest.LogCaptureFixture
) -> None:
    """What comes then is in the journal, with the reason, and not posted; the log tells it once."""
    world = make_world("instant")
    shut(world)
    message = await world.create(StatusCallback=HOOK)
    await world.turns(20)
    notice = Notice(message, "sent", world.now, 0)
    waiting = world.sandbox.outbox.queues.receiver(HOOK).waiting
    with caplog.at_level(logging.WARNING):
        for _ in range(MOST_WAITING - waiting + 2):
            world.sandbox.outbox.post(notice)
        await world.create(To="+14155559999", StatusCallback=OTHER)
        await world.turns(20)
    reason = "100,000 callbacks wait for http://127.0.0.1:9 already"
    first, second = (each for each in world.attempts if each.error)
    for entry in (first, second):
        assert (entry.error, entry.message_sid) == (f"not posted: {reason}", message.sid)
        assert (entry.response_status, entry.error_code, entry.attempt) == (0, 0, 1)
        assert (entry.signature, entry.headers) == (world.app.posted[0].signature, [])
        assert dict(entry.params)["MessageStatus"] == "sent"
    told = f"{reason}: those that come now are not posted"
    assert [record.message for record in caplog.records] == [told]
    assert posted_to(world, OTHER) == ["sent", "delivered"]


# How


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_some_replies_ask_for_get(make_world: "MakeWorld", clock: str) -> None:
    """Their parameters go into the URL, which is what is signed; all others are posted."""
    world = make_world(clock)
    message = await world.create(StatusCallback=f"{HOOK}?x=1#rc=2")
    await world.create(To="+14155550002", StatusCallback=HOOK)
    world.sandbox.tables.gets.add(message.sid)
    await world.advance(60)
    token = world.sandbox.accounts.first.signing_token
    for parcel in world.app.posted:
        if parcel.message_sid != message.sid:
            assert (parcel.method, _signed(parcel, token)) == ("POST", True)
            continue
        query = "&".join(f"{name}={value}" for name, value in parcel.params)
        url = f"{HOOK}?x=1&{query}".replace("=+1", "=%2B1")
        assert parcel.method == "GET"
        assert parcel.url == f"{HOOK}?x=1#rc=2"
        assert parcel.signature == sign(url, (), token)
    assert [each.method for each in world.attempts].count("GET") == 2
