"""Moves messages along their plans.

A tick's steps change the tables, and what they wrote goes to the store as one unit (a large tick's
as one for each slice), whose callbacks are then released to the outbox. When it happens is the
driver's business.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from mockserver.domain.lifecycle import ANNOUNCED, bridge
from mockserver.domain.message import STEP, Delivery, Message, Steps
from mockserver.domain.prices import price
from mockserver.world.clock import TICK, Clock, stopwatch
from mockserver.world.driver import Bounds, Driver, NotIdle
from mockserver.world.outbox import Outbox
from mockserver.world.ports import Posting
from mockserver.world.store import Store
from mockserver.world.tables import MessageTable, Unit

FAR_AWAY: Final = 1 << 62
"""Later than any event."""

Announce = Callable[[Message, str, int, int], Posting]
"""Makes the callback for a message's status, time and error code."""

Settle = Callable[[Message, Unit], tuple[Message, int]]
"""Lets a Messaging Service choose its sender: the message with it, or an error code."""

log: Final = logging.getLogger("mockserver")


class IllegalStep(Exception):
    """A forced status that the present one does not lead to."""


class Engine(Driver):
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
        bounds: Bounds,
    ) -> None:
        super().__init__(clock, bounds)
        self._messages, self._store, self._outbox = messages, store, outbox
        self._announce, self._settle, self._changed = announce, settle, changed
        self.observe = observe
        self._unit = Unit()
        self._commits: set[asyncio.Task[None]] = set()
        """Units of ticks on their way into the store."""
        self._lost: Exception | None = None
        """Why one of them did not get there."""

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
        steps = (*forced, *_after(status, delivery.steps, now))
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

    # What its steps wrote

    @property
    def idle(self) -> bool:
        """Nothing due but appointments, no webhook under way, no response or unit unwritten."""
        waiting = self._today or self._commits or self.clock.under_way.count
        return not waiting and self._outbox.idle

    async def commit(self, unit: Unit) -> None:
        """Keep what a command wrote, then let its callbacks go."""
        earlier = tuple(self._commits)
        await self._store.commit(unit)
        if earlier:
            await asyncio.wait(earlier)
        self._release(unit)

    def _release(self, unit: Unit) -> None:
        for posting in unit.postings:
            self._outbox.post(posting)
        self._changed()

    def _flush(self) -> None:
        """Hand what the steps wrote to the store; callbacks go when their tick is complete."""
        unit, outbox = self._unit, self._outbox
        if self._today:
            outbox.corked = True
        if unit.rows or unit.postings:
            self._unit = Unit()
            if self._store.durable:
                self._keep(self._store.commit(unit), unit)
            else:
                self._release(unit)
        if outbox.corked and not self._today:
            outbox.uncork()

    def _keep(self, kept: Awaitable[None], unit: Unit) -> None:
        task = asyncio.get_running_loop().create_task(self._kept(kept, unit))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)

    async def _kept(self, kept: Awaitable[None], unit: Unit) -> None:
        try:
            await kept
        except Exception as lost:
            log.exception(
                "what happened to messages could not be kept; no callbacks are made of it"
            )
            self._lost = lost
        else:
            self._release(unit)

    async def _drain(self, deadline: float) -> None:
        """Wait for the webhooks under way, the responses unwritten and the units not yet kept.

        Raise what kept a unit from being kept.
        """
        outbox = self._outbox
        try:
            async with asyncio.timeout(deadline - stopwatch()):
                while self._commits or not outbox.idle:
                    if self._commits:
                        await asyncio.wait(tuple(self._commits))
                    await outbox.drained()
        except TimeoutError:
            raise NotIdle(f"webhooks are still under way: {outbox.busy}") from None
        if self._lost is not None:
            lost, self._lost = self._lost, None
            raise lost
        await asyncio.sleep(0)


def _after(status: str, steps: Steps, now: int) -> Steps:
    """What a plan still holds after `status`, counted from `now`; () when it does not come by."""
    for place in range(0, len(steps), STEP):
        if steps[place] == status:
            early, left = steps[place + 1] - now, steps[place + STEP :]
            return tuple(x - early if i % STEP == 1 else x for i, x in enumerate(left))
    return ()
