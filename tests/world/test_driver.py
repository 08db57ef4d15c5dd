"""When things happen: by themselves under each clock, and when a clock is advanced."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from mockserver.world.clock import SEEDED_START, Mode, parse_instant
from mockserver.world.driver import SLICE, Advancing, Bounds
from mockserver.world.outside import NotIdle

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

SECOND = 1_000_000
HOOK = "http://127.0.0.1:9/status"
LIFE = [("queued", 0), ("sending", 0.1), ("sent", 0.2), ("delivered", 0.5)]


def seconds(world: "World") -> float:
    """Of the sandbox's clock since it began."""
    return (world.now - SEEDED_START) / SECOND


def book(world: "World", after: float, happened: list[str], key: str = "event") -> None:
    """Something that is due so many seconds from now and says so."""
    at = world.now + round(after * SECOND)
    world.sandbox.clock.book(at, lambda key, _: happened.append(key), key)


class Counter:
    """Counts the turns that other work on the loop gets."""

    def __init__(self) -> None:
        self.turns = 0
        self._task = asyncio.get_running_loop().create_task(self._count())

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turns += 1

    def stop(self) -> int:
        self._task.cancel()
        return self.turns


# By itself


async def test_instant_runs_what_is_under_way_at_once(make_world: "MakeWorld") -> None:
    """As soon as the loop is free; the clock has moved on by the message's life."""
    world = make_world("instant")
    message = await world.create()
    assert world.timeline(message) == LIFE[:1]
    await world.turns(2)
    assert world.timeline(message) == LIFE
    assert seconds(world) == 0.5


async def test_instant_is_done_before_anybody_looks(make_world: "MakeWorld") -> None:
    """A command that comes before the loop was free sees what a later one would."""
    world = make_world("instant")
    first = await world.create()
    second = await world.create(Body="Again")
    assert world.status(first) == "delivered"
    assert second.created_at - first.created_at == SECOND // 2


async def test_instant_never_jumps_to_an_appointment(make_world: "MakeWorld") -> None:
    """`SendAt` waits for `advance`, also while other messages live their lives."""
    world = make_world("instant")
    later = await world.create(world.scheduled(900))
    other = await world.create()
    await world.turns(3)
    assert (world.status(later), world.status(other)) == ("scheduled", "delivered")
    assert await world.advance(899) == 0
    assert world.status(later) == "scheduled"
    await world.advance(1)
    await world.turns(3)
    assert world.status(later) == "delivered"


async def test_time_passing_an_appointment_keeps_it(make_world: "MakeWorld") -> None:
    """What is under way later than the appointment does not happen before it."""
    world = make_world("instant")
    happened: list[str] = []
    at = world.now + SECOND
    world.sandbox.clock.appoint(at, lambda key, _: happened.append(key), "appointment")
    book(world, 2, happened, "under way")
    world.sandbox.engine.catch_up()
    assert happened == ["appointment", "under way"]


async def test_manual_stands_still(make_world: "MakeWorld") -> None:
    """Whoever looks, however often the loop turns."""
    world = make_world("manual")
    message = await world.create()
    await world.turns(5)
    world.sandbox.engine.catch_up()
    assert (world.timeline(message), seconds(world)) == (LIFE[:1], 0)


@pytest.mark.parametrize("clock", ["scaled:1000000", "scaled:5000"])
async def test_a_running_clock_wakes_for_each_tick(make_world: "MakeWorld", clock: str) -> None:
    """Without anybody looking; each step at its time."""
    world = make_world(clock)
    message = await world.create()
    async with asyncio.timeout(20):
        while world.status(message) != "delivered":
            await world.turns()
    assert world.timeline(message) == LIFE


async def test_a_running_clock_is_up_to_date_for_whoever_looks(make_world: "MakeWorld") -> None:
    """Whether or not its timer was there in time."""
    world = make_world("scaled:1000000")
    message = await world.create()
    due = world.now + SECOND
    while world.now < due:
        pass
    world.sandbox.engine.catch_up()
    assert world.status(message) == "delivered"


async def test_an_earlier_booking_wakes_earlier(make_world: "MakeWorld") -> None:
    """The one timer of a sandbox is always for what comes first."""
    world = make_world("scaled:1000")
    happened: list[str] = []
    for after in (100_000, 1, 0.5):
        book(world, after, happened, f"after {after}")
    async with asyncio.timeout(20):
        while len(happened) < 2:
            await world.turns()
    assert happened == ["after 0.5", "after 1"]


@pytest.mark.parametrize("clock", ["instant", "scaled:1000000"])
async def test_a_switch_wakes_what_was_waiting(make_world: "MakeWorld", clock: str) -> None:
    """From a clock that stands still."""
    world = make_world("manual")
    message = await world.create()
    world.sandbox.engine.switch(Mode.parse(clock))
    async with asyncio.timeout(20):
        while world.status(message) != "delivered":
            await world.turns()
    assert world.timeline(message) == LIFE


@pytest.mark.parametrize("clock", ["instant", "scaled:1000000"])
async def test_a_switch_hurries_what_would_have_taken_long(
    make_world: "MakeWorld", clock: str
) -> None:
    """The timer of the slower clock does not stand in the way."""
    world = make_world("scaled:0.001")
    message = await world.create()
    world.sandbox.engine.switch(Mode.parse(clock))
    async with asyncio.timeout(20):
        while world.status(message) != "delivered":
            await world.turns()


async def test_a_switch_to_manual_stops_everything(make_world: "MakeWorld") -> None:
    """Also what was about to be woken; the time stays what it was."""
    world = make_world("instant")
    message = await world.create()
    world.sandbox.engine.switch(Mode.parse("manual"))
    await world.turns(5)
    assert (world.status(message), seconds(world)) == ("queued", 0)


# Advanced


@pytest.mark.parametrize("clock", ["manual", "instant", "real", "scaled:60"])
async def test_advance_runs_all_that_is_due(make_world: "MakeWorld", clock: str) -> None:
    """In every mode, callbacks included: nobody has to wait for anything."""
    world = make_world(clock)
    message = await world.create(StatusCallback=HOOK)
    later = await world.create(world.scheduled(900), StatusCallback=HOOK)
    await world.advance(3_600)
    assert (world.timeline(message), world.status(later)) == (LIFE, "delivered")
    assert world.app.statuses.count("delivered") == 2
    assert len(world.attempts) == 5
    assert world.idle()


async def test_advance_stops_where_it_was_told(make_world: "MakeWorld") -> None:
    """What is due then has happened, what is due later has not."""
    world = make_world("manual")
    message = await world.create()
    for wanted, life in [(0.099, 1), (0.1, 2), (0.199999, 2), (0.2, 3), (0.5, 4)]:
        await world.advance(wanted - seconds(world))
        assert (seconds(world), world.timeline(message)) == (wanted, LIFE[:life])


async def test_advance_is_exact_off_the_ticks(make_world: "MakeWorld") -> None:
    """A message made in the middle of a tick lives to the microsecond."""
    world = make_world("manual")
    await world.advance(0.001234)
    message = await world.create()
    assert await world.advance(0.2) == 2
    assert world.timeline(message) == LIFE[:3]
    assert seconds(world) == 0.201234
    assert await world.advance(0.299999) == 0
    assert await world.advance(0.000001) == 1


async def test_advance_counts_events(make_world: "MakeWorld") -> None:
    """Each message takes three steps."""
    world = make_world("manual")
    for number in range(5):
        await world.create(Body=f"Number {number}")
    assert await world.advance(0.2) == 10
    assert await world.advance(60) == 5
    assert await world.advance(60) == 0


async def test_advance_to_the_past_moves_nothing(make_world: "MakeWorld") -> None:
    """But what is due already happens."""
    world = make_world("manual")
    happened: list[str] = []
    book(world, -1, happened)
    book(world, 1, happened)
    await world.sandbox.engine.advance(world.now - 3_600 * SECOND)
    assert (seconds(world), happened) == (0, [])
    await world.advance(0)
    assert (seconds(world), happened) == (0, ["event"])


async def test_until_idle_leaves_appointments(make_world: "MakeWorld") -> None:
    """Everything under way comes to its end; the clock stands at the last of it."""
    world = make_world("manual")
    message = await world.create(StatusCallback=HOOK)
    later = await world.create(world.scheduled(900))
    assert await world.sandbox.engine.advance(None) == 3
    assert (world.status(message), world.status(later)) == ("delivered", "scheduled")
    assert seconds(world) == 0.5
    assert world.idle()


async def test_what_advance_causes_is_part_of_it(make_world: "MakeWorld") -> None:
    """An application that sends another message from its webhook sees that one through too."""
    world = make_world("manual")
    deliver = world.app.deliver

    async def reply(*parcel: "object") -> "object":
        if len(list(world)) < 4:
            await world.create(StatusCallback=HOOK, Body=f"Number {len(list(world))}")
        return await deliver(*parcel)  # type: ignore[arg-type]

    world.app.deliver = reply  # type: ignore[method-assign, assignment]
    await world.create(StatusCallback=HOOK)
    await world.advance(60)
    assert [world.status(message) for message in world] == ["delivered"] * 4


async def test_manual_waits_for_the_answers_of_each_tick(make_world: "MakeWorld") -> None:
    """Only then the next one happens; an instant clock goes on."""
    shown = {}
    for clock in ("manual", "instant"):
        world = make_world(clock)
        gate = world.app.gates[HOOK] = asyncio.Event()
        message = await world.create(StatusCallback=HOOK)
        advance = asyncio.create_task(world.advance(60))
        await world.turns(20)
        assert not advance.done()
        shown[clock] = world.status(message)
        gate.set()
        await advance
        assert world.app.statuses == ["sent", "delivered"]
    assert shown == {"manual": "sent", "instant": "delivered"}


async def test_only_one_advance_at_a_time(make_world: "MakeWorld") -> None:
    """The second is refused; after the first there may be another."""
    world = make_world("manual")
    gate = world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    first = asyncio.create_task(world.advance(60))
    await world.turns(5)
    with pytest.raises(Advancing):
        await world.advance(1)
    gate.set()
    await first
    assert await world.advance(1) == 0


async def test_an_advance_ends_with_the_sandbox(make_world: "MakeWorld") -> None:
    """A reset cancels what is in flight, also for whoever waits for it."""
    world = make_world("manual")
    world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    advance = asyncio.create_task(world.advance(60))
    await world.turns(5)
    assert world.app.statuses == ["sent"]
    world.sandbox.reset()
    with pytest.raises(NotIdle, match="reset or dropped"):
        await advance
    await world.turns(5)
    assert world.app.statuses == ["sent"]
    assert (list(world), seconds(world), world.idle()) == ([], 0, True)


@pytest.mark.parametrize("clock", ["real", "instant", "manual"])
async def test_an_advance_that_waits_for_a_webhook_ends_with_the_sandbox(
    make_world: "MakeWorld", clock: str
) -> None:
    """Also where no event is left, and only an answer is missing, it says that it is not done."""
    world = make_world(clock)
    world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    advance = asyncio.create_task(world.advance(60))
    await world.turns(20)
    world.sandbox.reset()
    with pytest.raises(NotIdle, match="reset or dropped"):
        await advance


async def test_so_many_events_and_no_more(make_world: "MakeWorld") -> None:
    """What keeps it busy is named; those that happened have happened, and one may go on."""
    world = make_world("manual", bounds=Bounds(events=7))
    happened: list[str] = []
    for number in range(12):
        book(world, 1, happened, f"{number}")
    with pytest.raises(NotIdle, match="5 events are still booked after 7"):
        await world.advance(60)
    assert len(happened) == 7
    assert seconds(world) == 1
    assert not world.idle()
    assert await world.advance(60) == 5
    assert happened == [str(number) for number in range(12)]


async def test_exactly_so_many_events(make_world: "MakeWorld") -> None:
    """Are not too many."""
    world = make_world("manual", bounds=Bounds(events=7))
    for _ in range(7):
        book(world, 1, [])
    assert await world.advance(60) == 7


async def test_an_endless_chain_ends(make_world: "MakeWorld") -> None:
    """Events that book the next one do not keep `idle` from answering."""
    world = make_world("manual", bounds=Bounds(events=50))
    clock = world.sandbox.clock

    def again(key: str, at: int) -> None:
        clock.book(at + SECOND, again, key)

    again("first", world.now)
    with pytest.raises(NotIdle, match="1 events are still booked after 50"):
        await world.sandbox.engine.advance(None)


async def test_an_instant_clock_goes_no_further_than_it_is_told(make_world: "MakeWorld") -> None:
    """What was about to happen by itself waits until the advance is over."""
    world = make_world("instant")
    message = await world.create()
    await world.sandbox.engine.advance(world.now + 100_000)
    assert world.timeline(message) == LIFE[:2]
    assert seconds(world) == 0.1
    await world.turns(3)
    assert world.timeline(message) == LIFE


async def test_an_instant_clock_is_not_led_astray_by_a_cut(make_world: "MakeWorld") -> None:
    """What `advance` leaves of a tick happens by itself afterwards."""
    world = make_world("manual")
    message = await world.create()
    await world.advance(0.3)
    world.sandbox.engine.switch(Mode.parse("instant"))
    await world.turns(3)
    assert world.timeline(message) == LIFE


# Many at once


@pytest.mark.parametrize("clock", ["manual", "instant"])
async def test_a_large_tick_lets_others_have_their_turn(
    make_world: "MakeWorld", clock: str
) -> None:
    """A hundred thousand events at one time are applied a slice at a time."""
    world = make_world(clock)
    happened: list[str] = []
    at = world.now + SECOND
    for number in range(100_000):
        world.sandbox.clock.appoint(at, lambda key, _: happened.append(key), f"{number}")
    others = Counter()
    assert await world.advance(1) == 100_000
    assert others.stop() >= 100_000 // SLICE
    assert happened == [f"{number}" for number in range(100_000)]


@pytest.mark.parametrize("clock", ["instant", "scaled:1000"])
async def test_a_large_tick_by_itself_lets_others_have_their_turn(
    make_world: "MakeWorld", clock: str
) -> None:
    """Nothing of it is left behind, though nothing else ever wakes the clock."""
    world = make_world(clock)
    happened: list[str] = []
    count = 20 * SLICE + 1
    for _ in range(count):
        book(world, 1, happened)
    others = Counter()
    async with asyncio.timeout(20):
        while len(happened) < count:
            await world.turns()
            assert not world.idle() or len(happened) == count
    assert others.stop() >= 20


async def test_a_broken_event_does_not_stop_the_clock(make_world: "MakeWorld") -> None:
    """What is booked behind it happens all the same; the loop tells of the failure."""
    world = make_world("instant")
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(context["exception"])
    )
    happened: list[str] = []

    def broken(key: str, at: int) -> None:
        raise RuntimeError(key)

    world.sandbox.clock.book(world.now, broken, "broken")
    book(world, 0, happened)
    await world.turns(5)
    assert happened == ["event"]
    assert [str(each) for each in told] == ["broken"]


# Idle


async def test_idle(make_world: "MakeWorld") -> None:
    """Nothing due but appointments, no webhook under way, no response unwritten."""
    world = make_world("manual")
    assert world.idle()
    await world.create(world.scheduled(900))
    assert world.idle()
    message = await world.create(StatusCallback=HOOK, answered=False)
    assert not world.idle()
    world.sandbox.outbox.release(message.sid)
    assert not world.idle(), "its steps are still to come"
    gate = world.app.gates[HOOK] = asyncio.Event()
    advance = asyncio.create_task(world.advance(0.5))
    await world.turns(5)
    assert not world.idle(), "its webhook is under way"
    gate.set()
    await advance
    assert world.idle()


# Starts


async def test_a_seed_starts_a_frozen_clock_at_one_time(make_world: "MakeWorld") -> None:
    """2026-12-01T00:00:00Z; a clock that runs has the wall's time all the same."""
    assert make_world("manual").now == parse_instant("2026-12-01T00:00:00Z")
    assert make_world("instant").now == parse_instant("2026-12-01T00:00:00Z")
    assert abs(make_world("real").now - parse_instant("now")) < 60 * SECOND


async def test_without_a_seed_it_is_the_walls_second(make_world: "MakeWorld") -> None:
    """For times that make sense beside others."""
    world = make_world("manual", seed=None)
    assert abs(world.now - parse_instant("now")) < 60 * SECOND
    assert world.now % SECOND == 0


# Work that takes several turns


class Piecework:
    """Something large that is done a piece at a time, as an operation's messages are."""

    def __init__(self, world: "World", pieces: int, spent: int = SLICE) -> None:
        self.world, self.left, self.spent = world, pieces, spent
        self.done: list[float] = []
        """When each piece was done."""

    def book(self, after: float) -> None:
        self.world.sandbox.clock.book(self.world.now + round(after * SECOND), self._act, "")

    def _act(self, key: str, at: int) -> None:
        self.done.append(seconds(self.world))
        self.left -= 1
        if self.left:
            self.world.sandbox.engine.go_on((at, self._act, key), self.spent)


async def test_what_goes_on_gives_way_to_the_loop(make_world: "MakeWorld") -> None:
    """After each piece that was as much work as a slice; nothing else of the sandbox before it."""
    world = make_world("instant")
    happened: list[str] = []
    work = Piecework(world, 5)
    work.book(1)
    book(world, 1, happened)
    counter = Counter()
    for piece in range(1, 6):
        await world.turns()
        assert len(work.done) == piece
        assert happened == (["event"] if piece == 5 else [])
    assert counter.stop() >= 4
    assert work.done == [1.0] * 5


async def test_small_pieces_go_on_at_once(make_world: "MakeWorld") -> None:
    """As many as make a slice."""
    world = make_world("instant")
    work = Piecework(world, 12, SLICE // 4)
    work.book(1)
    turns = 0
    while work.left:
        await world.turns()
        turns += 1
    assert turns == 3


async def test_a_command_waits_for_what_goes_on(make_world: "MakeWorld") -> None:
    """It sees the present, however many turns that would take."""
    world = make_world("instant")
    work = Piecework(world, 9)
    work.book(1)
    world.sandbox.engine.catch_up()
    assert work.left == 0


async def test_what_is_pending(make_world: "MakeWorld") -> None:
    """Counts what was begun with as well, until it has happened."""
    world = make_world("instant")
    engine = world.sandbox.engine
    Piecework(world, 3).book(1)
    assert engine.today.pending == 1
    engine.burdens.append(lambda: True)
    await world.turns()
    assert engine.today.pending == 1
    await world.turns(3)
    assert engine.today.pending == 0


async def test_nobody_waits_for_what_is_heavy(make_world: "MakeWorld") -> None:
    """While there is so much of it; then commands see the present again."""
    world = make_world("instant")
    work = Piecework(world, 6)
    work.book(1)
    world.sandbox.engine.burdens.append(lambda: work.left > 3)
    world.sandbox.engine.catch_up()
    assert work.left == 6
    message = await world.create()
    assert message.created_at == SEEDED_START
    for _ in range(3):
        await world.turns()
    assert work.left == 3
    world.sandbox.engine.catch_up()
    assert work.left == 0


async def test_nobody_waits_for_what_turns_out_to_be_heavy(make_world: "MakeWorld") -> None:
    """A command that begins with it leaves the rest for later turns, on whatever clock."""
    world = make_world("instant")
    work = Piecework(world, 6)
    work.book(1)
    world.sandbox.engine.burdens.append(lambda: 3 < work.left < 6)
    world.sandbox.engine.catch_up()
    assert work.left == 5
    world.sandbox.engine.catch_up()
    assert work.left == 5
    await world.turns(5)
    assert work.left == 0


@pytest.mark.parametrize("clock", ["instant", "manual", "real", "scaled:1000"])
async def test_advancing_over_what_goes_on(make_world: "MakeWorld", clock: str) -> None:
    """It answers once all of it is done, on whatever clock; others have their turn between."""
    world = make_world(clock)
    work, counter = Piecework(world, 7), Counter()
    work.book(0.5)
    async with asyncio.timeout(20):
        assert await world.sandbox.engine.advance(world.now + SECOND) >= 7
    assert work.left == 0
    assert counter.stop() >= 5


async def test_advancing_only_so_far(make_world: "MakeWorld") -> None:
    """Pieces are events: more of them than it may run, and it says so; it can be gone on with."""
    world = make_world("manual", bounds=Bounds(events=4))
    work = Piecework(world, 9)
    work.book(0.5)
    with pytest.raises(NotIdle, match="1 events are still booked after 4 have happened"):
        await world.advance(1)
    assert work.left == 5
    with pytest.raises(NotIdle):
        await world.advance(1)
    await world.advance(1)
    assert work.left == 0


async def test_advancing_only_so_long(make_world: "MakeWorld") -> None:
    """Nor beyond its time: between two pieces it looks."""
    world = make_world("manual", bounds=Bounds(seconds=0.01))
    work = Piecework(world, 1_000_000)
    work.book(0.5)
    with pytest.raises(NotIdle, match="1 events are still booked"):
        await world.advance(1)
    assert 0 < work.left < 1_000_000


async def test_a_reset_ends_what_goes_on(make_world: "MakeWorld") -> None:
    """At the piece that it has got to."""
    world = make_world("instant")
    work = Piecework(world, 9)
    work.book(1)
    await world.turns(3)
    world.sandbox.reset()
    left = work.left
    assert 0 < left < 9
    await world.turns(5)
    assert work.left == left
