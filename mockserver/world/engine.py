"""Moves messages along their plans.

A tick's steps change the tables, and what they wrote goes to the store as one unit (a large tick's
as one for each slice), whose callbacks are then released to the outbox. When it happens is the
driver's business.

A message with media stays where it is when it would go out to the carrier, until its media was
fetched. The clock does not wait for it: it goes on as if the message had gone out, so that times
do not depend on how long a fetch took, or how it ended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from mockserver.domain.lifecycle import ANNOUNCED, OUT, bridge, departure
from mockserver.domain.message import STEP, Delivery, Message, Steps
from mockserver.world.clock import TICK, Clock, stopwatch
from mockserver.world.downloads import Downloads
from mockserver.world.driver import Bounds, Driver, NotIdle
from mockserver.world.outbox import Outbox
from mockserver.world.ports import Posting
from mockserver.world.store import Store
from mockserver.world.tables import MessageTable, Unit

if TYPE_CHECKING:  # loaded with the first message that has media
    from mockserver.world.media import Porter

SUSPENDED: Final = 30002
"""On a message whose account may not send when it would go out. Source: Twilio's dictionary."""

FAR_AWAY: Final = 1 << 62
"""Later than any event."""

Announce = Callable[[Message, str, int, int], Posting]
"""Makes the callback for a message's status, time and error code."""

Settle = Callable[[Message, int, Steps, Unit], tuple[Message, int, Steps]]
"""A message of a Messaging Service is queued at a time, with the steps that were planned then.

It comes back with its sender, or with an error code, and with the steps that now lie before it.
"""

Price = Callable[[Message], str]
"""What a message that was sent costs, as Twilio renders it."""

log: Final = logging.getLogger("mockserver")


class IllegalStep(Exception):
    """A forced status that the present one does not lead to."""


@dataclass(slots=True)
class Stay:
    """A message that waits for its media while the clock goes on."""

    plan: Steps
    """From its first step to the carrier on."""
    due: int
    """Items of `plan` whose time has come."""
    over: bool = False
    """It has failed, and only the clock still goes where the plan would have led."""


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
        price: Price,
        changed: Callable[[], None],
        observe: Callable[[Message, Delivery, int], None],
        porter: "Callable[[], Porter]",
        bounds: Bounds,
    ) -> None:
        super().__init__(clock, bounds)
        self._messages, self._store, self._outbox = messages, store, outbox
        self._announce, self._settle, self._price = announce, settle, price
        self._changed = changed
        self.observe = observe
        self.announced = ANNOUNCED
        """Changes that make a status callback."""
        self.barred: Set[str] = frozenset()
        """Accounts whose messages do not go out."""
        self.held_back = False
        """Whether messages wait in lanes: the times of a service's message are not known before."""
        self._porter = porter
        self._stays: dict[str, Stay] = {}
        self._downloads = Downloads(self._fetch)
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
        self._stays.pop(message.sid, None)
        if message.media_urls and delivery.status not in OUT and OUT.intersection(way):
            self._want_media(message.sid, now)  # it does not wait, but is to have its media
        delivery = self._take(message, delivery, steps, len(forced), unit)
        self.book(message.sid, delivery)

    def forget(self, sid: str) -> None:
        """A message was deleted: give up what is fetched for it."""
        self._stays.pop(sid, None)
        self._downloads.cancel(sid)

    def stop(self) -> None:
        """Never run anything again."""
        super().stop()
        self._stays.clear()
        self._downloads.stop()

    def _step(self, sid: str, at: int) -> None:
        message = self._messages.get(sid)
        if message is None:
            return
        if message.media_urls:
            self._step_with_media(message, at)
            return
        delivery = self._messages.delivery(sid)
        steps = delivery.steps
        if not steps or steps[1] != at:
            return  # overtaken by a forced status or a cancellation
        end = STEP if len(steps) == STEP else self._go_on(steps)
        onward = self.held_back
        if self.barred:
            onward = False  # what comes next is looked at in its turn
            steps, end = self._barring(message, delivery, end)
        delivery = self._take(message, delivery, steps, end, self._unit, onward=onward)
        if delivery.steps:
            self.clock.book(delivery.steps[1], self._step, sid)

    def _horizon(self) -> int:
        """Until when nothing else is due, where time may go on to that at once; else 0."""
        if self.clock.mode.name != "instant" or self._advancing or self._today:
            return 0
        due = self.clock.next_tick()
        return FAR_AWAY if due is None else (due - 1) * TICK

    def _go_on(self, steps: Steps) -> int:
        """How far to go now. On the instant clock, as far as nothing else is due before."""
        if self.held_back and steps[0] == "queued":
            return STEP  # when it goes on is known once it is queued
        return self._reach(steps, STEP)

    def _reach(self, steps: Steps, end: int) -> int:
        """How far time may go on at once, beyond the first `end` items; it moves there."""
        if not (horizon := self._horizon()):
            return end
        while end < len(steps) and steps[end + 1] <= horizon:
            end += STEP
        if end:
            self.clock.move(-(-steps[end - 2] // TICK) * TICK)
        return end

    def _barring(self, message: Message, delivery: Delivery, end: int) -> tuple[Steps, int]:
        """The steps, and how many items of them to take: it fails where it may not go out."""
        steps = delivery.steps
        place = departure(delivery.status, steps[:end])
        if place == end or message.account_sid not in self.barred:
            return steps, end
        return (*steps[:place], "failed", steps[place + 1], SUSPENDED), place + STEP

    def _take(
        self,
        message: Message,
        before: Delivery,
        steps: Steps,
        end: int,
        unit: Unit,
        *,
        onward: bool = False,
    ) -> Delivery:
        """Take the first `end // 3` of `steps`; the others remain to be taken.

        With `onward` also those whose time is known, and come, only once the message is queued.
        """
        error_code, sent_at, cost = before.error_code, before.sent_at, before.price
        place, status, at = 0, before.status, before.updated_at
        while place < end:
            status, at, error_code = steps[place], steps[place + 1], steps[place + 2]
            if status == "queued" and message.messaging_service_sid:
                after = place + STEP
                message, error_code, rest = self._settle(message, at, steps[after:], unit)
                if error_code:
                    status, end = "failed", after
                    steps = (*steps[:place], status, at, error_code)
                elif end == after:  # what is taken at once with it waits in no lane
                    steps = (*steps[:after], *rest)
                    end += self._reach(rest, 0) if onward else 0
            if status == "sent":
                sent_at, cost = at, self._price(message)
            if message.status_callback and status in self.announced and not message.test:
                unit.postings.append(self._announce(message, status, at, error_code))
            place += STEP
        timeline = (*before.timeline, *steps[:end])
        now = Delivery(status, at, timeline, steps[end:], error_code, sent_at, cost)
        self._messages.deliver(message.sid, now, unit)
        self.observe(message, now, end // STEP)
        return now

    # What one with media does

    def _step_with_media(self, message: Message, at: int) -> None:
        """As `_step`, but that it stays where it is when it would go out."""
        sid = message.sid
        if (stay := self._stays.get(sid)) is not None:
            self._stay_on(sid, stay, at)
            return
        delivery = self._messages.delivery(sid)
        steps = delivery.steps
        if not steps or steps[1] != at:
            return
        end = self._go_on(steps)
        place = departure(delivery.status, steps[:end])
        if place:
            delivery = self._take(message, delivery, steps, place, self._unit)
        if not delivery.steps:
            return
        if place < end:
            self._stays[sid] = Stay(steps[place:], end - place)
            self._want_media(sid, steps[place + 1])
        if end < len(steps):
            self.clock.book(steps[end + 1], self._step, sid)

    def _stay_on(self, sid: str, stay: Stay, at: int) -> None:
        """The time of another step has come for a message that waits."""
        left = stay.plan[stay.due :]
        if not left or left[1] != at:
            return
        stay.due += self._go_on(left)
        if stay.due < len(stay.plan):
            self.clock.book(stay.plan[stay.due + 1], self._step, sid)
        elif stay.over:
            del self._stays[sid]

    def _want_media(self, sid: str, at: int) -> None:
        """Fetch, though not before the response that made the message is written."""
        self._outbox.once_open(sid, partial(self._downloads.start, sid, at))

    async def _fetch(self, sid: str, at: int) -> None:
        """Fetch a message's media; then what was due meanwhile happens."""
        message, porter = self._messages.get(sid), self._porter()
        if message is None:
            return
        haul = await porter.gather(message)
        message = self._messages.get(sid)
        if message is None:
            return
        when = max(at, self.clock.now()) if self.clock.mode.rate else at
        code = porter.keep(message, haul, when, self._unit)
        if not code and message.account_sid in self.barred:
            code = SUSPENDED
        if (stay := self._stays.get(sid)) is not None:
            self._leave(message, stay, code)
        self._flush()

    def _leave(self, message: Message, stay: Stay, code: int) -> None:
        """Take the steps that were due while it stayed, or fail.

        At their planned times on a clock that stood still meanwhile, now on one that ran.
        """
        sid, frozen = message.sid, self.clock.mode.frozen
        delivery = self._messages.delivery(sid)
        planned = steps = delivery.steps
        end = stay.due
        if code:
            steps, end = ("failed", planned[1], code), STEP
        if not frozen:
            steps = _not_before(steps, self.clock.now())
        stay.over = bool(code) and frozen and stay.due < len(stay.plan)
        if not stay.over:
            del self._stays[sid]
        self._take(message, delivery, steps, end, self._unit)
        if end < len(steps) and steps[end + 1] != planned[end + 1]:
            self.clock.book(steps[end + 1], self._step, sid)

    # What its steps wrote

    @property
    def idle(self) -> bool:
        """Nothing due but appointments, no webhook under way, no response or unit unwritten."""
        waiting = self._today or self._commits or self.clock.under_way.count
        return not waiting and self._outbox.idle and self._downloads.idle

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
        """Wait for webhooks and fetches under way, responses unwritten and units not yet kept.

        Raise what kept a unit from being kept.
        """
        outbox, downloads = self._outbox, self._downloads
        try:
            async with asyncio.timeout(deadline - stopwatch()):
                while self._commits or not outbox.idle or not downloads.idle:
                    if self._commits:
                        await asyncio.wait(tuple(self._commits))
                    await downloads.drained()
                    await outbox.drained()
        except TimeoutError:
            media = f", media of {downloads.count} messages" if downloads.count else ""
            raise NotIdle(f"webhooks are still under way: {outbox.busy}{media}") from None
        if self._lost is not None:
            lost, self._lost = self._lost, None
            raise lost
        await asyncio.sleep(0)


def _not_before(steps: Steps, now: int) -> Steps:
    """Steps of which none is in the past."""
    return tuple(max(x, now) if i % STEP == 1 else x for i, x in enumerate(steps))


def _after(status: str, steps: Steps, now: int) -> Steps:
    """What a plan still holds after `status`, counted from `now`; () when it does not come by."""
    for place in range(0, len(steps), STEP):
        if steps[place] == status:
            early, left = steps[place + 1] - now, steps[place + STEP :]
            return tuple(x - early if i % STEP == 1 else x for i, x in enumerate(left))
    return ()
