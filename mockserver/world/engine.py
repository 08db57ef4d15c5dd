"""Moves messages along their plans, and drives the sandbox's clock.

A tick is applied synchronously: steps change the tables, and what they wrote goes to the store as
one unit, whose callbacks are then released to the outbox. Under the running clocks one timer per
sandbox wakes the engine; the instant clock runs whatever is under way as soon as the loop is free,
or at the latest before the next command looks (`catch_up`), which is what makes a sequence of calls
repeatable; the manual clock waits for `advance`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from mockserver.domain.lifecycle import ANNOUNCED, bridge
from mockserver.domain.message import STEP, Delivery, Message, Steps
from mockserver.domain.prices import price
from mockserver.world.callbacks import Outbox
from mockserver.world.clock import TICK, Clock, Event, Mode, stopwatch
from mockserver.world.ports import Posting
from mockserver.world.store import Store
from mockserver.world.tables import MessageTable, Unit

SLICE: Final = 500
"""Events applied before other work on the loop gets its turn: a few milliseconds."""

ADVANCE_EVENTS: Final = 1_000_000
ADVANCE_SECONDS: Final = 60.0
"""Bounds of one `advance`: events, and seconds of wall time."""

FAR_AWAY: Final = 1 << 62
"""Later than any event."""

Announce = Callable[[Message, str, int, int], Posting]
"""Makes the callback for a message's status, time and error code."""

Settle = Callable[[Message, Unit], tuple[Message, int]]
"""Lets a Messaging Service choose its sender: the message with it, or an error code."""


class NotIdle(Exception):
    """`advance` gave up; the text says what keeps the sandbox busy."""


class Advancing(Exception):
    """Another `advance` is under way."""


class IllegalStep(Exception):
    """A forced status that the present one does not lead to."""


class Engine:
    """One sandbox's engine."""

    def __init__(
        self,
        messages: MessageTable,
        clock: Clock,
        store: Store,
        outbox: Outbox,
        announce: Announce,
        settle: Settle,
        changed: Callable[[], None],
        observe: Callable[[Message, Delivery, int], None],
    ) -> None:
        self.clock = clock
        clock.on_booked = self._booked
        self._messages, self._store, self._outbox = messages, store, outbox
        self._announce, self._settle, self._changed = announce, settle, changed
        self.observe = observe
        self._unit = Unit()
        self._today: deque[Event] = deque()
        self._wake: asyncio.Handle | None = None
        self._woken_for = 0
        self._commits: set[asyncio.Task[None]] = set()
        self._advancing = self._running = self._stopped = False

    # What a message does

    def book(self, sid: str, delivery: Delivery) -> None:
        """Put a message's next step on the clock; `SendAt` is an appointment."""
        if not delivery.steps:
            return
        scheduled = delivery.status == "scheduled"
        (self.clock.appoint if scheduled else self.clock.book)(delivery.steps[1], self._step, sid)

    def force(self, message: Message, status: str, error_code: int, unit: Unit) -> None:
        """Take a message to `status` now, through the statuses between; raise `IllegalStep`."""
        delivery = self._messages.delivery(message.sid)
        way = bridge(delivery.status, status)
        if not way:
            raise IllegalStep(f"a message that is {delivery.status} cannot become {status}")
        now = self.clock.now()
        forced = [item for step in way for item in (step, now, error_code if step == status else 0)]
        steps = (*forced, *_after(status, delivery.steps))
        delivery = self._take(message, delivery, steps, len(forced), unit)
        self.book(message.sid, delivery)

    def _step(self, sid: str, at: int) -> None:
        message = self._messages.get(sid)
        if message is None:
            return
        delivery = self._messages.delivery(sid)
        steps = delivery.steps
        if not steps or steps[1] != at:
            return  # overtaken by a forced status or a cancellation
        end = STEP if len(steps) == STEP else self._go_on(steps)
        delivery = self._take(message, delivery, steps, end, self._unit)
        if delivery.steps:
            self.clock.book(delivery.steps[1], self._step, sid)

    def _go_on(self, steps: Steps) -> int:
        """How far to go now. On the instant clock, as far as nothing else is due before."""
        if self.clock.mode.name != "instant" or self._advancing or self._today:
            return STEP
        due = self.clock.next_tick()
        horizon = FAR_AWAY if due is None else (due - 1) * TICK
        end = STEP
        while end < len(steps) and steps[end + 1] <= horizon:
            end += STEP
        self.clock.move(-(-steps[end - 2] // TICK) * TICK)
        return end

    def _take(
        self, message: Message, before: Delivery, steps: Steps, end: int, unit: Unit
    ) -> Delivery:
        """Take the first `end // 3` of `steps`; the others remain to be taken."""
        error_code, sent_at, cost = before.error_code, before.sent_at, before.price
        place, status, at = 0, before.status, before.updated_at
        while place < end:
            status, at, error_code = steps[place], steps[place + 1], steps[place + 2]
            if status == "queued" and not message.from_:
                message, error_code = self._settle(message, unit)
                if error_code:
                    status, end = "failed", place + STEP
                    steps = (*steps[:place], status, at, error_code)
            if status == "sent":
                sent_at, cost = at, price(message.to, message.num_segments)
            if message.status_callback and status in ANNOUNCED and not message.test:
                unit.postings.append(self._announce(message, status, at, error_code))
            place += STEP
        timeline = (*before.timeline, *steps[:end])
        after = Delivery(status, at, timeline, steps[end:], error_code, sent_at, cost)
        self._messages.deliver(message.sid, after, unit)
        self.observe(message, after, end // STEP)
        return after

    # Driving the clock

    async def commit(self, unit: Unit) -> None:
        """Keep what a command wrote, then let its callbacks go."""
        await self._store.commit(unit)
        for posting in unit.postings:
            self._outbox.post(posting)
        self._changed()

    def catch_up(self) -> None:
        """Apply all that is due, so that a command sees the present."""
        if not self._running and self._due_tick() is not None:
            self._run(limit=ADVANCE_EVENTS)

    def switch(self, mode: Mode) -> None:
        """Go on in another mode."""
        self.clock.switch(mode)
        self._arm()

    def stop(self) -> None:
        """Never run anything again."""
        self._stopped = True
        if self._wake is not None:
            self._wake.cancel()
        for commit in self._commits:
            commit.cancel()

    async def advance(self, to: int | None) -> int:
        """Run everything due up to `to`, webhooks and their consequences included; count events.

        `None` means until nothing but appointments is left. Raise `Advancing`, or `NotIdle` when
        there is too much to do.
        """
        if self._advancing:
            raise Advancing("another advance is under way")
        self._advancing = True
        try:
            ran = await self._advance(to, stopwatch() + ADVANCE_SECONDS)
        finally:
            self._advancing = False
            self._arm()
        return ran

    async def _advance(self, to: int | None, deadline: float) -> int:
        ran = 0
        while True:
            if (tick := self._tick_until(to)) is None and not self._today:
                await self._drain(deadline)
                if self._tick_until(to) is None:
                    break
                continue
            ran += self._apply_slice(tick, SLICE)
            self._flush()
            if self.clock.mode.name == "manual" and not self._today:
                await self._drain(deadline)
            else:
                await asyncio.sleep(0)
            if ran >= ADVANCE_EVENTS or stopwatch() > deadline:
                raise NotIdle(f"{self.clock.pending} events are still booked after {ran}")
        if to is not None:
            self.clock.move(to)
        return ran

    async def _drain(self, deadline: float) -> None:
        """Wait for the webhooks under way and the responses unwritten."""
        try:
            await asyncio.wait_for(self._outbox.drained(), max(0.0, deadline - stopwatch()))
        except TimeoutError:
            raise NotIdle(f"webhooks are still under way: {self._outbox.busy}") from None
        await self._committed()

    async def _committed(self) -> None:
        if self._commits:
            await asyncio.wait(tuple(self._commits))

    def _tick_until(self, to: int | None) -> int | None:
        tick = self.clock.next_tick()
        if tick is None or (to is None and self.clock.under_way.next() is None):
            return None
        return tick if to is None or tick * TICK <= to else None

    def _due_tick(self) -> int | None:
        """The next tick that may run by itself."""
        clock = self.clock
        if clock.mode.rate:
            tick = clock.next_tick()
            return tick if tick is not None and tick * TICK <= clock.now() else None
        if clock.mode.name == "manual" or clock.under_way.next() is None:
            return None
        return clock.next_tick()

    def _booked(self) -> None:
        if not self._running and not self._advancing:
            self._arm()

    def _arm(self) -> None:
        """Have the engine woken for the next tick that runs by itself."""
        if self._stopped:
            return
        mode = self.clock.mode
        if not mode.rate:
            if self._wake is None and self._due_tick() is not None:
                self._wake = asyncio.get_running_loop().call_soon(self._awake)
            return
        tick = self.clock.next_tick()
        if tick is None or (self._wake is not None and self._woken_for <= tick):
            return
        if self._wake is not None:
            self._wake.cancel()
        self._woken_for = tick
        delay = self.clock.wall_seconds_until(tick)
        self._wake = asyncio.get_running_loop().call_later(delay, self._awake)

    def _awake(self) -> None:
        self._wake = None
        if not self._advancing:
            self._run(limit=SLICE)
            self._arm()

    def _run(self, limit: int) -> None:
        """Apply due ticks until there is none, or `limit` events were applied."""
        self._running, left = True, limit
        try:
            while left > 0 and (self._today or (tick := self._due_tick()) is not None):
                left -= self._apply_slice(None if self._today else tick, left)
        finally:
            self._running = False
        self._flush()

    def _apply_slice(self, tick: int | None, limit: int) -> int:
        """Apply up to `limit` events of the tick under way, or else of `tick`."""
        if not self._today and tick is not None:
            self._today.extend(self.clock.take(tick))
        today, count = self._today, 0
        while today and count < limit:
            at, action, key = today.popleft()
            action(key, at)
            count += 1
        return count

    def _flush(self) -> None:
        """Hand what the ticks wrote to the store, and let their callbacks go."""
        unit = self._unit
        if not unit.rows and not unit.postings:
            return
        self._unit = Unit()
        if self._store.durable:
            task = asyncio.get_running_loop().create_task(self.commit(unit))
            self._commits.add(task)
            task.add_done_callback(self._commits.discard)
            return
        for posting in unit.postings:
            self._outbox.post(posting)
        self._changed()


def _after(status: str, steps: Steps) -> Steps:
    """What a plan still holds after `status`; nothing, when it does not come by it."""
    for place in range(0, len(steps), 3):
        if steps[place] == status:
            return steps[place + 3 :]
    return ()
