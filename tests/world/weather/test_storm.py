"""Weather over callbacks: what is posted, when, and in what order."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import After, DeliveryRule, WeatherRule, When, read_weather
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.domain.message import Message
from mockserver.world.journal import CallbackEntry
from mockserver.world.ports import Answer, Unreachable
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
WHATSAPP = {"To": "whatsapp:+14155552671", "From": "whatsapp:+15017122661"}
CLOCKS = ("instant", "manual", "scaled:1000")


async def turns(count: int) -> None:
    """Let everything else on the loop have its turn."""
    for _ in range(count):
        await asyncio.sleep(0)


def when(share: float | None = None, nth: int | None = None, **filters: object) -> When:
    return When(Matcher.compile(filters, fields=WEATHER_FIELDS), share=share, nth=nth)


def bring(world: "World", then: dict[str, Any], name: str = "w", **about: Any) -> None:
    """Put a weather rule in force."""
    world.sandbox.rules.add(WeatherRule(name, when(**about), read_weather(then)))


def ends(world: "World", outcome: str, **after: int) -> None:
    """Every message ends so."""
    world.sandbox.rules.add(DeliveryRule("end", When(), outcome, after=After(**after)))


async def over(world: "World") -> None:
    """Until nothing is booked, or under way, any more."""
    async with asyncio.timeout(20):
        world.sandbox.engine.catch_up()
        await world.sandbox.engine.advance(None)


def seconds(world: "World", message: Message) -> list[tuple[str, float]]:
    """Statuses posted, or dropped, and seconds from the create to when each was due."""
    return [
        (each.status, (each.due - message.created_at) / 1_000_000)
        for each in world.attempts
        if each.message_sid == message.sid
    ]


# One kind after the other


@pytest.mark.parametrize("clock", CLOCKS)
async def test_what_is_dropped_is_not_posted(make_world: "MakeWorld", clock: str) -> None:
    """The journal says so, and by which rule; the message itself goes on."""
    world = make_world(clock)
    bring(world, {"drop": True}, "lost", status="sent")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert world.app.statuses == ["delivered"]
    assert world.status(message) == "delivered"
    dropped = next(each for each in world.attempts if each.status == "sent")
    assert dropped.error == "not posted: the weather rule lost drops it"
    assert (dropped.weather, dropped.response_status, dropped.headers) == ("lost", 0, [])
    assert [each.weather for each in world.attempts if each.status == "delivered"] == [""]
    assert world.alerts == []


@pytest.mark.parametrize("clock", CLOCKS)
async def test_copies_go_one_after_the_other(make_world: "MakeWorld", clock: str) -> None:
    """All with the same idempotency token and signature, before what comes next."""
    world = make_world(clock)
    bring(world, {"duplicate": 2}, status="sent")
    await world.create(StatusCallback=HOOK)
    await over(world)
    assert world.app.statuses == ["sent", "sent", "sent", "delivered"]
    assert len({parcel.idempotency_token for parcel in world.app.posted}) == 2
    assert len(set(world.app.posted[:3])) == 1
    assert [each.attempt for each in world.attempts] == [1, 1, 1, 1]


@pytest.mark.parametrize("clock", CLOCKS)
async def test_what_is_late_is_overtaken(make_world: "MakeWorld", clock: str) -> None:
    """By what is due before it: `sent`, five seconds late, comes after `delivered`."""
    world = make_world(clock)
    bring(world, {"delay": "5s"}, status="sent")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert world.app.statuses == ["delivered", "sent"]
    assert seconds(world, message) == [("delivered", 0.5), ("sent", 5.2)]
    assert world.now >= message.created_at + 5_200_000


@pytest.mark.parametrize("clock", CLOCKS)
async def test_a_short_delay_overtakes_nobody(make_world: "MakeWorld", clock: str) -> None:
    """Also on the instant clock, which takes a message's steps at once."""
    world = make_world(clock)
    bring(world, {"delay": "100ms"}, status="sent")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert seconds(world, message) == [("sent", 0.3), ("delivered", 0.5)]
    assert world.app.statuses == ["sent", "delivered"]


async def test_what_is_late_waits_for_the_manual_clock(make_world: "MakeWorld") -> None:
    """The sandbox is not idle until then; one is booked."""
    world = make_world("manual")
    bring(world, {"delay": "5s"}, status="delivered")
    await world.create(StatusCallback=HOOK)
    await world.advance(5.4)
    assert world.app.statuses == ["sent"]
    assert world.sandbox.engine.today.pending == 1
    assert not world.idle()
    await world.advance(0.1)
    assert world.app.statuses == ["sent", "delivered"]
    assert world.idle()


async def test_how_late_is_a_matter_of_chance(make_world: "MakeWorld") -> None:
    """By message and status: the same in any order of arrival, different between messages."""
    found = []
    for order in (range(6), reversed(range(6))):
        world = make_world("manual")
        bring(world, {"delay": {"uniform": ["1s", "9s"]}})
        for number in order:
            await world.create(StatusCallback=HOOK, Body=f"No. {number}")
        await over(world)
        found.append(sorted((each.message_sid, each.status, each.due) for each in world.attempts))
    assert found[0] == found[1]
    assert len({due for _, _, due in found[0]}) == 12


@pytest.mark.parametrize("clock", CLOCKS)
async def test_one_may_go_after_the_next(make_world: "MakeWorld", clock: str) -> None:
    """It waits for the next of its message, not for a time."""
    world = make_world(clock)
    bring(world, {"reorder": True}, status="sent")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert world.app.statuses == ["delivered", "sent"]
    assert seconds(world, message) == [("delivered", 0.5), ("sent", 0.5)]


@pytest.mark.parametrize("clock", CLOCKS)
async def test_nobody_waits_for_what_does_not_come(make_world: "MakeWorld", clock: str) -> None:
    """The last callback of a message goes out as usual; of three in disorder, it is the first."""
    world = make_world(clock)
    bring(world, {"reorder": True})
    ends(world, "read")
    await world.create(WHATSAPP, StatusCallback=HOOK)
    await over(world)
    assert world.app.statuses == ["read", "delivered", "sent"]


async def test_one_that_waits_goes_also_behind_what_is_lost(make_world: "MakeWorld") -> None:
    """Nothing is held for ever because the next was dropped, or is late itself."""
    world = make_world("instant")
    bring(world, {"reorder": True}, status="sent")
    bring(world, {"drop": True}, "lost", status="delivered", to="+14155550001")
    bring(world, {"delay": "1m"}, "late", status="delivered", to="+14155550002")
    for to in ("+14155550001", "+14155550002"):
        await world.create(StatusCallback=HOOK, To=to)
    await over(world)
    assert world.app.told == [
        ("+14155550001", "sent"),
        ("+14155550002", "delivered"),
        ("+14155550002", "sent"),
    ]


async def test_a_canceled_message_lets_go_of_what_waits(make_world: "MakeWorld") -> None:
    """A forced end is a next callback, too."""
    world = make_world("manual")
    bring(world, {"reorder": True}, status="sent")
    message = await world.create(StatusCallback=HOOK)
    await world.advance(0.3)
    assert world.app.statuses == []
    await world.sandbox.messages.force(message, "undelivered", 30003)
    await over(world)
    assert world.app.statuses == ["undelivered", "sent"]


async def test_a_deleted_message_lets_go_of_what_waits(make_world: "MakeWorld") -> None:
    """No other callback of it is to come; its copies and repetitions go as they would have."""
    world = make_world("manual")
    bring(world, {"reorder": True, "duplicate": 1, "replay": "1h"}, status="delivered")
    ends(world, "read", read=86_400_000_000)
    message = await world.create(WHATSAPP, StatusCallback=HOOK)
    await world.advance(10)
    assert world.app.statuses == ["sent"]
    await world.sandbox.messages.delete(message)
    await over(world)
    assert seconds(world, message) == [
        ("sent", 0.2),
        ("delivered", 10),
        ("delivered", 10),
        ("delivered", 3_610),
    ]
    assert world.app.statuses == ["sent", "delivered", "delivered", "delivered"]


@pytest.mark.parametrize("clock", CLOCKS)
async def test_a_burst_comes_at_the_end_of_its_span(make_world: "MakeWorld", clock: str) -> None:
    """Whatever is due in ten seconds is posted together at their end; each message in order."""
    world = make_world(clock)
    since = world.sandbox.tables.course.since
    bring(world, {"burst": "10s"})
    for number in range(4):
        await world.create(StatusCallback=HOOK, Body=f"No. {number}")
    await over(world)
    assert len(world.attempts) == 8
    assert all((each.due - since) % 10_000_000 == 0 for each in world.attempts)
    for sid in {each.message_sid for each in world.attempts}:
        told = [each.status for each in world.attempts if each.message_sid == sid]
        assert told == ["sent", "delivered"]


@pytest.mark.parametrize("clock", CLOCKS)
async def test_the_very_same_comes_again_later(make_world: "MakeWorld", clock: str) -> None:
    """With its old signature and token, an hour after it."""
    world = make_world(clock.replace("1000", "1000000"))
    bring(world, {"replay": "1h"}, status="delivered")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert seconds(world, message) == [
        ("sent", 0.2),
        ("delivered", 0.5),
        ("delivered", 3600.5),
    ]
    assert world.app.posted[1] == world.app.posted[2]


async def test_kinds_go_together(make_world: "MakeWorld") -> None:
    """Copies are late together; only one of them comes again."""
    world = make_world("instant")
    bring(world, {"duplicate": 1, "delay": "2s", "replay": "10s"}, status="sent")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert seconds(world, message) == [
        ("delivered", 0.5),
        ("sent", 2.2),
        ("sent", 2.2),
        ("sent", 12.2),
    ]


# Outcomes that are weather to an application


async def test_a_receipt_may_never_come(make_world: "MakeWorld") -> None:
    """The message stays `sent`, and nothing is booked for it."""
    world = make_world("instant")
    ends(world, "sent")
    message = await world.create(StatusCallback=HOOK)
    await over(world)
    assert (world.app.statuses, world.status(message)) == (["sent"], "sent")


async def test_read_may_come_late(make_world: "MakeWorld") -> None:
    """A day after `delivered`."""
    world = make_world("instant")
    ends(world, "read", read=86_400_000_000)
    message = await world.create(WHATSAPP, StatusCallback=HOOK)
    await over(world)
    assert seconds(world, message)[-1] == ("read", 86_400.0)


# What it goes together with


async def test_every_attempt_at_a_copy_has_the_same_weather(make_world: "MakeWorld") -> None:
    """Retries are attempts at that copy: a late one is tried again after it was late."""
    world = make_world("manual")
    bring(world, {"delay": "5s", "duplicate": 1}, status="delivered")
    world.app.refuse(1, "delivered")
    message = await world.create(StatusCallback=f"{HOOK}#rc=2")
    await over(world)
    tries = [(each.attempt, each.weather) for each in world.attempts if each.status == "delivered"]
    assert tries == [(1, "w"), (2, "w"), (1, "w")]
    assert seconds(world, message)[1:] == [
        ("delivered", 5.5),
        ("delivered", 6.5),
        ("delivered", 5.5),
    ]


async def test_nothing_leaves_before_the_response(make_world: "MakeWorld") -> None:
    """Bad weather or not, a callback waits until the create is answered."""
    world = make_world("instant")
    bring(world, {"duplicate": 1, "delay": "1s"})
    message = await world.create(answered=False, StatusCallback=HOOK)
    await world.turns(20)
    assert world.app.posted == []
    world.sandbox.outbox.release(message.sid)
    await over(world)
    assert len(world.app.posted) == 4


async def test_a_command_sees_what_was_late(make_world: "MakeWorld") -> None:
    """The instant clock has come to it before the next message is made."""
    world = make_world("instant")
    bring(world, {"delay": "1h"})
    first = await world.create(StatusCallback=HOOK)
    second = await world.create(StatusCallback=HOOK, Body="later")
    assert second.created_at >= first.created_at + 3_600_000_000


async def test_what_is_in_flight_ends_with_a_reset(make_world: "MakeWorld") -> None:
    """Late ones and those held back are gone."""
    world = make_world("manual")
    bring(world, {"delay": "1h"}, status="sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(1)
    world.sandbox.reset()
    await over(world)
    assert world.app.statuses == ["delivered"]


async def test_rules_that_go_let_go(make_world: "MakeWorld") -> None:
    """What was late, or held, under a rule that is no more still comes."""
    world = make_world("manual")
    bring(world, {"reorder": True}, status="sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(0.3)
    world.sandbox.rules.drop("weather", None)
    await over(world)
    assert world.app.statuses == ["delivered", "sent"]


async def test_without_rules_nothing_is_in_the_way(make_world: "MakeWorld") -> None:
    """Nothing of it is even made until the first rule comes."""
    world = make_world("instant")
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert "storm" not in vars(world.sandbox)
    bring(world, {"drop": True})
    assert "storm" in vars(world.sandbox)


async def test_a_rule_counts_what_it_is_about(make_world: "MakeWorld") -> None:
    """The second callback that matches, whosever it is."""
    world = make_world("instant")
    bring(world, {"drop": True}, nth=2, status="delivered")
    for to in ("+14155550001", "+14155550002", "+14155550003"):
        await world.create(StatusCallback=HOOK, To=to)
        await world.settled()
    lost = [dict(each.params)["To"] for each in world.attempts if each.error]
    assert lost == ["+14155550002"]
    assert world.sandbox.rules.counters["w.fired"] == 1


# Whole days

DAY: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("lost", {"drop": True}, {"share": 0.1}),
    ("twice", {"duplicate": 1}, {"share": 0.2}),
    ("late", {"delay": {"lognormal": {"median": "2s", "p99": "1m"}}}, {"share": 0.3}),
    ("disorder", {"reorder": True}, {"share": 0.4}),
    ("burst", {"burst": "30s"}, {"share": 0.2}),
    ("again", {"replay": "1m", "signature": "stale"}, {"share": 0.3}),
    ("forged", {"signature": "wrong"}, {"share": 0.5}),
]


def storm(world: "World") -> None:
    for name, then, about in reversed(DAY):
        bring(world, then, name, **about)


def expected(entries: list[CallbackEntry]) -> Counter[tuple[str, str]]:
    """How often each callback is posted or dropped, by what was done to it."""
    more = {"twice": 2, "again": 2}
    once = {(each.message_sid, each.status): each.weather for each in entries}
    return Counter({key: more.get(weather, 1) for key, weather in once.items()})


@given(
    bodies=st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=8),
    clock=st.sampled_from(["instant", "manual"]),
)
def test_each_callback_is_accounted_for(
    in_world: "InWorld[None]", bodies: list[str], clock: str
) -> None:
    """Whatever the weather: posted as often as its rule says, or dropped once; none is left."""

    async def act(world: "World") -> None:
        storm(world)
        for body in bodies:
            await world.create(StatusCallback=HOOK, Body=body)
        await over(world)
        made = Counter((each.message_sid, each.status) for each in world.attempts)
        assert made == expected(world.attempts)
        assert {sid for sid, _ in made} == {message.sid for message in world}
        assert len(made) == 2 * len(bodies)
        assert world.idle()

    in_world(clock, act)


class Slow(MemoryStore):
    """One that keeps units some turns later."""

    durable: Final = True  # type: ignore[misc]  # this one takes its time

    async def commit(self, unit: Unit) -> None:
        await turns(3)


@pytest.mark.parametrize("store", [MemoryStore, Slow])
async def test_one_seed_is_one_day(make_world: "MakeWorld", store: type[MemoryStore]) -> None:
    """All kinds at once: the same callbacks, at the same times, in the same order per message.

    Also where what is written is kept only later.
    """
    days = []
    for _ in range(4):
        world = make_world("instant", store=store())
        storm(world)
        start, world.app.verdict = world.now, unsteady()
        for number in range(40):
            await world.create(StatusCallback=f"{HOOK}#rc=2&rp=all", Body=f"No. {number}")
            if number % 7 == 0:
                await world.advance(1)
        await over(world)
        days.append(
            sorted(
                (each.due - start, each.message_sid, each.attempt, each.status, each.weather)
                for each in world.attempts
            )
        )
    assert all(day == days[0] for day in days)
    assert {weather for *_, weather in days[0]} >= {name for name, _, _ in DAY}


def unsteady() -> Any:
    """An application that refuses every third attempt at a callback, whenever that comes."""
    seen: Counter[str] = Counter()

    def verdict(parcel: Any) -> Answer | Exception:
        seen[parcel.idempotency_token] += 1
        times = seen[parcel.idempotency_token]
        return Unreachable("nobody listens") if times % 3 == 1 else Answer(204)

    return verdict


async def test_concurrent_messages_have_the_same_weather(make_world: "MakeWorld") -> None:
    """Each message its own, in whatever order they are made."""
    stories = []
    for numbers in (range(30), [*range(29, -1, -1)]):
        world = make_world("manual")
        storm(world)
        await asyncio.gather(
            *(world.create(StatusCallback=HOOK, Body=f"No. {number}") for number in numbers)
        )
        await over(world)
        stories.append(
            sorted((each.message_sid, each.status, each.weather) for each in world.attempts)
        )
    assert stories[0] == stories[1]
