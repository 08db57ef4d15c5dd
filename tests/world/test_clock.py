"""A sandbox's time: four modes, ticks of 10 ms, what is under way apart from appointments."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.clock import (
    TICK,
    Calendar,
    Clock,
    Event,
    Mode,
    http_date,
    iso,
    parse_instant,
    stopwatch,
)

SECOND = 1_000_000
NOON = 1_796_126_400 * SECOND

MANUAL, INSTANT, REAL = map(Mode.parse, ("manual", "instant", "real"))

TIMES = st.integers(NOON, NOON + 5 * TICK)


def nothing(key: str, at: int) -> None:
    """What no test of the clock ever calls."""
    raise AssertionError("the clock only keeps events")


def keys(events: list[Event]) -> list[str]:
    return [key for _, _, key in events]


@pytest.mark.parametrize(
    ("text", "rate"),
    [("real", 1), ("instant", 0), ("manual", 0), ("scaled:60", 60), ("scaled:0.5", 0.5)],
)
def test_the_modes(text: str, rate: float) -> None:
    """A mode is named as it was written, and passes so many seconds a wall second."""
    mode = Mode.parse(text)
    assert (mode.name, mode.rate, mode.frozen) == (text, rate, rate == 0)


@pytest.mark.parametrize(
    "text", ["", "fast", "scaled", "scaled:", "scaled:0", "scaled:-1", "scaled:x", "scaled:1000001"]
)
def test_what_is_no_mode(text: str) -> None:
    """The refusal names all that there are."""
    with pytest.raises(ValueError, match="use real, instant, manual or scaled:60"):
        Mode.parse(text)


@pytest.mark.parametrize("mode", [MANUAL, INSTANT])
def test_a_frozen_clock_starts_at_the_walls_second(mode: Mode) -> None:
    """Whole, so that times in tests are easy on the eye; and it stands there."""
    before = parse_instant("now")
    clock = Clock(mode)
    after = parse_instant("now")
    assert before - SECOND < clock.now() <= after
    assert clock.now() % SECOND == 0
    assert clock.now() == clock.now()


def test_a_running_clock_starts_now_and_runs() -> None:
    """To the microsecond."""
    before = parse_instant("now")
    clock = Clock(REAL)
    assert before <= clock.now()
    seen = clock.now()
    while clock.now() == seen:
        pass
    assert clock.now() > seen


@pytest.mark.parametrize("mode", [MANUAL, REAL])
def test_a_start_overrides_the_wall(mode: Mode) -> None:
    """Whatever the mode."""
    assert 0 <= Clock(mode, NOON).now() - NOON < SECOND


def test_a_clock_knows_when_it_began() -> None:
    """Wherever it was moved, and whatever mode it was switched to."""
    clock = Clock(MANUAL, NOON)
    clock.move(NOON + 5 * SECOND)
    clock.switch(REAL)
    assert clock.began == NOON
    assert clock.now() > NOON


def test_a_scaled_clock_runs_at_its_rate() -> None:
    """`scaled:1000`: a thousand seconds each wall second."""
    clock = Clock(Mode.parse("scaled:1000"), NOON)
    first, began, second = stopwatch(), clock.now(), stopwatch()
    while stopwatch() - second < 0.002:
        pass
    third, ended, fourth = stopwatch(), clock.now(), stopwatch()
    passed = (ended - began) / SECOND
    assert (third - second) * 1000 - 0.01 <= passed <= (fourth - first) * 1000 + 0.01


@given(st.lists(st.tuples(st.integers(-SECOND, SECOND), st.sampled_from([MANUAL, INSTANT, REAL]))))
def test_time_never_goes_backwards(moves: list[tuple[int, Mode]]) -> None:
    """Whatever is asked of it."""
    clock = Clock(MANUAL, NOON)
    seen = [clock.now()]
    for distance, mode in moves:
        clock.move(clock.now() + distance)
        seen.append(clock.now())
        clock.switch(mode)
        seen.append(clock.now())
    assert seen == sorted(seen)


def test_a_switch_keeps_the_time() -> None:
    """The clock goes on from where it is."""
    clock = Clock(MANUAL, NOON)
    clock.switch(INSTANT)
    assert clock.now() == NOON
    clock.switch(REAL)
    assert NOON <= clock.now() < NOON + SECOND
    clock.switch(MANUAL)
    stands = clock.now()
    assert NOON <= stands < NOON + SECOND
    assert clock.now() == stands


def test_events_of_one_tick_happen_together() -> None:
    """Ten milliseconds, the end included; in order of time, then of booking."""
    clock = Clock(MANUAL, NOON)
    for key, after in [("late", 7_000), ("end", TICK), ("next", TICK + 1), ("a", 1), ("b", 1)]:
        clock.book(NOON + after, nothing, key)
    assert clock.next_tick() == NOON // TICK + 1
    assert keys(clock.take(NOON // TICK + 1)) == ["a", "b", "late", "end"]
    assert clock.now() == NOON + TICK
    assert keys(clock.take(NOON // TICK + 2)) == ["next"]
    assert clock.next_tick() is None


def test_an_event_in_the_past_is_due_at_once() -> None:
    """And does not turn the time back."""
    clock = Clock(MANUAL, NOON)
    clock.book(NOON - SECOND, nothing, "missed")
    tick = clock.next_tick()
    assert tick is not None
    assert keys(clock.take(tick)) == ["missed"]
    assert clock.now() == NOON


def test_appointments_are_apart() -> None:
    """The earliest tick may be theirs; at one time they come first."""
    clock = Clock(INSTANT, NOON)
    clock.book(NOON + SECOND, nothing, "step")
    clock.appoint(NOON + SECOND, nothing, "appointment")
    clock.appoint(NOON, nothing, "early")
    assert (clock.under_way.count, clock.appointments.count, clock.pending) == (1, 2, 3)
    assert clock.next_tick() == NOON // TICK
    assert clock.under_way.first == (NOON + SECOND) // TICK
    assert keys(clock.take(NOON // TICK)) == ["early"]
    assert keys(clock.take((NOON + SECOND) // TICK)) == ["appointment", "step"]
    assert clock.pending == 0


def test_an_appointment_can_be_dropped() -> None:
    """It does not happen, and nothing waits for it; what is not booked is passed over."""
    calendar = Calendar()
    for at, key in ((NOON, "a"), (NOON, "b"), (NOON + 60_000_000, "c")):
        calendar.book((at, nothing, key))
    first = calendar.first
    calendar.drop((NOON, nothing, "a"))
    calendar.drop((NOON, nothing, "a"))
    calendar.drop((NOON + 1_000_000, nothing, "b"))
    assert (calendar.count, calendar.first) == (2, first)
    calendar.drop((NOON, nothing, "b"))
    assert calendar.count == 1
    assert calendar.first is not None
    assert keys(calendar.take(calendar.first)) == ["c"]
    calendar.drop((NOON + 60_000_000, nothing, "c"))
    assert calendar.count == 0


def test_a_tick_can_be_cut() -> None:
    """What is due after the cut stays, in its place; the time is that of the cut."""
    clock = Clock(MANUAL, NOON)
    for key, after in [("x", 5_000), ("y", 4_000), ("z", 5_001)]:
        clock.book(NOON + after, nothing, key)
    clock.appoint(NOON + 6_000, nothing, "appointment")
    assert keys(clock.take_part(NOON // TICK + 1, NOON + 5_000)) == ["y", "x"]
    assert (clock.now(), clock.pending) == (NOON + 5_000, 2)
    assert keys(clock.take(NOON // TICK + 1)) == ["z", "appointment"]


@given(st.lists(st.tuples(TIMES, st.booleans())), st.none() | TIMES)
def test_every_event_is_handed_out_once_and_in_order(
    booked: list[tuple[int, bool]], cut: int | None
) -> None:
    """By time; what was booked at one time keeps its order; a cut loses nothing."""
    clock = Clock(MANUAL, NOON)
    for place, (at, appointed) in enumerate(booked):
        (clock.appoint if appointed else clock.book)(at, nothing, f"{place}")
    taken: list[Event] = []
    while (tick := clock.next_tick()) is not None:
        if cut is not None and (tick - 1) * TICK < cut < tick * TICK:
            taken += clock.take_part(tick, cut)
            cut = None
            continue
        taken += clock.take(tick)
    assert clock.pending == 0
    expected = sorted(enumerate(booked), key=lambda pair: (pair[1][0], not pair[1][1], pair[0]))
    assert keys(taken) == [f"{place}" for place, _ in expected]


def test_every_booking_is_told() -> None:
    """That is how whoever drives the clock learns what to wake for."""
    clock, told = Clock(MANUAL, NOON), []
    clock.on_booked = lambda: told.append(clock.pending)
    clock.book(NOON, nothing, "a")
    clock.appoint(NOON, nothing, "b")
    assert told == [1, 2]


def test_how_long_to_sleep() -> None:
    """In wall seconds; nothing for what is due already."""
    clock = Clock(Mode.parse("scaled:100"), NOON)
    assert 0.59 < clock.wall_seconds_until((NOON + 60 * SECOND) // TICK) <= 0.6
    assert clock.wall_seconds_until(0) == 0


@given(st.integers(0, 4_102_444_800 * SECOND))
def test_times_as_text(at: int) -> None:
    """Microseconds, UTC; reading what was written gives the same time."""
    assert parse_instant(iso(at)) == at
    assert len(iso(at)) == len("2026-12-01T00:00:00.000000Z")


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T12:00:00Z",
        "2026-12-01T12:00:00",
        "2026-12-01T14:00:00+02:00",
        "2026-12-01 12:00",
    ],
)
def test_times_are_read(text: str) -> None:
    """ISO 8601; where no zone is given it is UTC."""
    assert parse_instant(text) == NOON
    assert datetime(2026, 12, 1, 14, tzinfo=timezone(timedelta(hours=2))).astimezone(
        UTC
    ) == datetime.fromtimestamp(NOON // SECOND, UTC)


@pytest.mark.parametrize("text", ["", "soon", "12:00", "2026-13-01T00:00:00Z"])
def test_what_is_no_time(text: str) -> None:
    """The refusal shows a time."""
    with pytest.raises(ValueError, match=r"use ISO 8601, e\.g\. 2026-12-01T00:00:00Z"):
        parse_instant(text)


def test_the_date_header_is_the_walls() -> None:
    """As HTTP has it."""
    seconds = parsedate_to_datetime(http_date()).timestamp()
    assert abs(seconds - parse_instant("now") / SECOND) < 60
    assert http_date().endswith("GMT")
