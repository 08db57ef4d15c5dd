"""Drives a sandbox's clock: runs what is due, by itself or when it is advanced.

A tick is applied synchronously, a large one in slices. Under the running clocks one timer per
sandbox wakes the driver; the instant clock runs whatever is under way as soon as the loop is free,
or at the latest before the next command looks (`catch_up`), which is what makes a sequence of calls
repeatable; the manual clock waits for `advance`.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Final

import msgspec

from mockserver.world.clock import Clock, Event, Mode, stopwatch
from mockserver.world.outside import NotIdle, Outside
from mockserver.world.today import Today
from mockserver.world.visits import Visits

SLICE: Final = 250
"""Events applied before other work on the loop gets its turn: two or three milliseconds."""


class Bounds(msgspec.Struct, frozen=True):
    """How much one `advance` may do: events, and seconds of wall time."""

    events: int = 1_000_000
    seconds: float = 60.0


class Advancing(Exception):
    """Another `advance` is under way."""


class Driver:
    """Runs the events of one clock."""

    def __init__(self, clock: Clock, visits: Visits, outside: Outside, bounds: Bounds) -> None:
        self.clock, self._outside, self._bounds = clock, outside, bounds
        clock.on_booked = self._arm
        self._awaited = visits.awaited
        """Conversations with the application; while there are some, nothing happens."""
        visits.on_round_over = self._go_on_again
        self.today = Today(clock, visits.awaited)
        self._wake: asyncio.Handle | None = None
        self._woken_for = 0
        self._left = 0
        """Events that may still be applied before other work gets its turn."""
        self.burdens: list[Callable[[], bool]] = []
        """Each tells whether so much of its kind is under way that nobody should wait for it."""
        self._advancing = self._running = self._stopped = False

    def catch_up(self) -> None:
        """Apply all that is due, so that a command sees the present.

        Not while a large operation is worked off: that goes on between commands.
        """
        while not self._running and self.today.due() and not self.heavy():
            self._run(sys.maxsize)  # the callbacks of which may be late, and so due in turn
            if self.today:
                self._arm()
                return

    def heavy(self) -> bool:
        """Whether so much is under way that nobody should wait for it."""
        for burden in self.burdens:  # noqa: SIM110 - a generator for every command costs more
            if burden():
                return True
        return False

    def go_on(self, event: Event, spent: int) -> None:
        """Have an event that was only begun go on first thing; it was as much work as `spent`.

        Where it turns out to be a part of what nobody should wait for, others have their turn now.
        """
        self.today.appendleft(event)
        self._left = 0 if self.heavy() else self._left - spent

    def switch(self, mode: Mode) -> None:
        """Go on in another mode."""
        self.clock.switch(mode)
        self._arm_anew()

    def stop(self) -> None:
        """Never run anything again."""
        self._stopped = True
        self.today.clear()
        if self._wake is not None:
            self._wake.cancel()

    async def advance(self, to: int | None) -> int:
        """Run everything due up to `to`, webhooks and their consequences included; count events.

        `None` means until nothing but appointments is left. Raise `Advancing`, or `NotIdle` when
        there is too much to do, or the sandbox ends meanwhile.
        """
        if self._advancing:
            raise Advancing("another advance is under way")
        self._advancing = True
        self._arm_anew()
        try:
            ran = await self._advance(to, stopwatch() + self._bounds.seconds)
            if to is not None:
                self.clock.move(to)
        finally:
            self._advancing = False
            self._arm_anew()
        return ran

    async def _advance(self, to: int | None, deadline: float) -> int:
        ran, most = 0, self._bounds.events
        while True:
            if self._awaited:
                await self._outside.answered(deadline)
            if not self.today.fill(to):
                await self._outside.drain(deadline)
                if not self.today.fill(to) and not self._stopped:
                    return ran
            if self._stopped or ran >= most or stopwatch() > deadline:
                raise NotIdle(self._busy(ran))
            ran += self._apply(min(SLICE, most - ran))
            self._outside.flush(complete=not self.today)
            if self.clock.mode.name == "manual" and not self.today:
                await self._outside.drain(deadline)
            else:
                await asyncio.sleep(0)

    def _busy(self, ran: int) -> str:
        if self._stopped:
            return "the sandbox was reset or dropped meanwhile"
        return f"{self.today.pending} events are still booked after {ran} have happened"

    def _arm(self) -> None:
        """Have the driver woken for the next tick that runs by itself."""
        if self._running or self._stopped or self._awaited:
            return
        if not self.clock.mode.rate:
            if self._wake is None and not self._advancing and self.today.due():
                self._wake = asyncio.get_running_loop().call_soon(self._awake)
            return
        tick = 0 if self.today else self.clock.next_tick()
        if tick is None or (self._wake is not None and self._woken_for <= tick):
            return
        if self._wake is not None:
            self._wake.cancel()
        self._woken_for = tick
        delay = self.clock.wall_seconds_until(tick)
        self._wake = asyncio.get_running_loop().call_later(delay, self._awake)

    def _arm_anew(self) -> None:
        """The clock jumped, or runs at another pace."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        self._arm()

    def _go_on_again(self) -> None:
        """No conversation is under way any more: what was due meanwhile happens.

        At once, since the next one may begin as soon as the loop turns.
        """
        try:
            if not self._advancing and not self._stopped:
                self.catch_up()
        finally:
            self._arm_anew()

    def _awake(self) -> None:
        self._wake = None
        try:
            self._run(SLICE)
        finally:
            self._arm()

    def _run(self, limit: int) -> None:
        """Apply what is due until there is nothing, or `limit` events were applied."""
        clock, today, self._left = self.clock, self.today, limit
        try:
            while self._left > 0 and self.today.due():
                if not today and (tick := clock.next_tick()) is not None:
                    today.extend(clock.take(tick))
                self._apply(self._left)
        finally:
            self._outside.flush(complete=not self.today)

    def _apply(self, limit: int) -> int:
        """Apply up to `limit` events of the tick under way; what they book needs no waking."""
        today, count, self._running, self._left = self.today, 0, True, limit
        try:
            while today and self._left > 0:
                at, action, key = today.popleft()
                count += 1
                self._left -= 1
                action(key, at)
        finally:
            self._running = False
        return count
