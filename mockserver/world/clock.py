"""A sandbox's time, and the only place that reads the wall clock.

Virtual times are microseconds since 1970. Events are kept in ticks of 10 ms, in two calendars: what
is *under way* (a message's next step, a retry) and *appointments* (`SendAt`), to which the instant
clock never jumps by itself. The clock only keeps and hands out events; `engine.py` drives it.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import Final

import msgspec

TICK: Final = 10_000
"""Microseconds; events due within one tick happen together."""

SEEDED_START: Final = 1_796_083_200_000_000
"""2026-12-01T00:00:00Z, where a frozen clock starts when a seed was given."""

Action = Callable[[str, int], None]
"""Called with the event's key and the time for which it was booked."""


Event = tuple[int, Action, str]
"""Something that happens at a time: when, what, and with which key."""


class Calendar:
    """Events by tick. Booking is a dictionary look-up; only new ticks go through the heap."""

    __slots__ = ("_heap", "_ticks", "count", "first")

    def __init__(self) -> None:
        self._ticks: dict[int, list[Event]] = {}
        self._heap: list[int] = []
        self.first: int | None = None
        """The earliest tick that holds an event."""
        self.count = 0

    def book(self, event: Event) -> None:
        tick = -(-event[0] // TICK)
        if (events := self._ticks.get(tick)) is None:
            self._ticks[tick] = [event]
            heappush(self._heap, tick)
            self.first = self._heap[0]
        else:
            events.append(event)
        self.count += 1

    def take(self, tick: int) -> list[Event]:
        """Hand out the events of `tick`, which must be the earliest one, or nothing."""
        if self.first != tick:
            return []
        heappop(self._heap)
        self.first = self._heap[0] if self._heap else None
        events = self._ticks.pop(tick)
        self.count -= len(events)
        return events

    def drop(self, event: Event) -> None:
        """Have a booked event not happen; what is not booked, or no more, is passed over."""
        tick = -(-event[0] // TICK)
        events = self._ticks.get(tick, [])
        if event not in events:
            return
        events.remove(event)
        self.count -= 1
        if not events:
            del self._ticks[tick]
            self._heap.remove(tick)
            heapify(self._heap)
            self.first = self._heap[0] if self._heap else None


class Mode(msgspec.Struct, frozen=True):
    """How time passes: `rate` virtual seconds a wall second, 0 where it stands still."""

    name: str
    rate: float

    @classmethod
    def parse(cls, text: str) -> "Mode":
        """`real`, `instant`, `manual` or `scaled:RATE`; raise `ValueError` with the fix."""
        if text in ("instant", "manual"):
            return cls(text, 0.0)
        if text == "real":
            return cls(text, 1.0)
        match = re.fullmatch(r"scaled:([0-9]+(?:\.[0-9]+)?)", text)
        if match is None or not 0 < float(match[1]) <= 1_000_000:
            raise ValueError(f"{text!r} is not a clock: use real, instant, manual or scaled:60")
        return cls(text, float(match[1]))

    @property
    def frozen(self) -> bool:
        """Moves only by events and `advance`."""
        return not self.rate


REAL: Final = Mode("real", 1.0)


class Clock:
    """One sandbox's clock and calendars."""

    __slots__ = ("_anchor", "_base", "appointments", "began", "mode", "on_booked", "under_way")

    def __init__(self, mode: Mode, start: int | None = None, ahead: int | None = None) -> None:
        """It starts at `start`, or so many microseconds `ahead` of the wall's time; or with it."""
        self.mode = mode
        self._anchor = time.monotonic_ns()
        wall = time.time_ns() // 1_000
        if ahead is not None:
            start = wall + ahead
        if start is None:
            start = wall - wall % 1_000_000 if mode.frozen else wall
        self._base = self.began = start
        """`began` is where it started, whatever has moved it since."""
        self.under_way = Calendar()
        self.appointments = Calendar()
        self.on_booked: Callable[[], None] = _nobody
        """Told of every booking; the engine wakes by it."""

    def now(self) -> int:
        """Microseconds since 1970."""
        if not self.mode.rate:
            return self._base
        elapsed = (time.monotonic_ns() - self._anchor) // 1_000
        return self._base + int(elapsed * self.mode.rate)

    @property
    def stand(self) -> tuple[Mode, int, int]:
        """Another one whenever it was moved or switched, or a scaled one went on a second."""
        scaled = self.mode.rate and self.mode.name != "real"
        return self.mode, self._base, self.now() // 1_000_000 if scaled else self._anchor

    @property
    def ahead(self) -> int:
        """Microseconds by which it is before the wall's time."""
        return self.now() - time.time_ns() // 1_000

    def switch(self, mode: Mode) -> None:
        """Go on from the present time in another mode."""
        self._base, self._anchor, self.mode = self.now(), time.monotonic_ns(), mode

    def move(self, to: int) -> None:
        """Go on from `to`; time never goes backwards."""
        now = self.now()
        if to > now:
            self._base, self._anchor = to, time.monotonic_ns()

    def book(self, at: int, action: Action, key: str) -> None:
        """Have `action(key, at)` called at `at`."""
        self.under_way.book((at, action, key))
        self.on_booked()

    def appoint(self, at: int, action: Action, key: str) -> None:
        """Like `book`, but the instant clock waits to be advanced there."""
        self.appointments.book((at, action, key))
        self.on_booked()

    def next_tick(self) -> int | None:
        """The earliest tick with anything in it, appointments included."""
        first, second = self.under_way.first, self.appointments.first
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)

    def take(self, tick: int) -> list[Event]:
        """The events of the earliest tick, in order of time, then of booking; time moves there."""
        self.move(tick * TICK)
        events = self.under_way.take(tick)
        if self.appointments.first == tick:
            events = self.appointments.take(tick) + events
        if len(events) > 1:
            events.sort(key=_due)
        return events

    def take_part(self, tick: int, to: int) -> list[Event]:
        """As `take`, of a tick that goes on beyond `to`: what is due later stays there."""
        part = []
        for calendar in (self.appointments, self.under_way):
            for event in calendar.take(tick):
                if event[0] <= to:
                    part.append(event)
                else:
                    calendar.book(event)
        self.move(to)
        return sorted(part, key=_due)

    @property
    def pending(self) -> int:
        """Events that wait, appointments included."""
        return self.under_way.count + self.appointments.count

    def wall_seconds_until(self, tick: int) -> float:
        """How long to sleep until `tick`, on a clock that runs."""
        return max(0.0, (tick * TICK - self.now()) / 1_000_000 / self.mode.rate)


def _nobody() -> None:
    """Nobody drives this clock yet."""


_due: Final = itemgetter(0)


def stopwatch() -> float:
    """Seconds of wall time from some fixed moment, for durations and timeouts."""
    return time.perf_counter()


def http_date() -> str:
    """The wall's time as the `Date` header has it."""
    return _http_date(int(time.time()))


@lru_cache(2)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def iso(at: int) -> str:
    """`2026-12-01T00:00:00.200000Z`."""
    return (
        datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        + f".{at % 1_000_000:06d}Z"
    )


def parse_instant(text: str) -> int:
    """ISO 8601 (UTC where no zone is given), or `now`; raise `ValueError` with the fix."""
    if text == "now":
        return time.time_ns() // 1_000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a time: use ISO 8601, e.g. 2026-12-01T00:00:00Z"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + moment.microsecond
