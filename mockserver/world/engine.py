"""Moves messages along their plans.

A tick's steps change the tables, and what they wrote goes to the store as one unit (a large tick's
as one for each slice), whose callbacks are then released to the outbox. When it happens is the
driver's business.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Set
from typing import Final

from mockserver.domain.lifecycle import ANNOUNCED, bridge, departure
from mockserver.domain.message import STEP, Delivery, Message, Steps
from mockserver.world.chains import Item
from mockserver.world.clock import TICK, Clock
from mockserver.world.driver import Bounds, Driver
from mockserver.world.keeping import Keeper
from mockserver.world.outbox import Outbox
from mockserver.world.outside import Outside
from mockserver.world.ports import Notice
from mockserver.world.queues import Announce
from mockserver.world.store import Store
from mockserver.world.tables import MessageTable, Unit

SUSPENDED: Final = 30002
"""On a message whose account may not send when it would go out. Source: Twilio's dictionary."""

FAR_AWAY: Final = 1 << 62
"""Later than any event."""

Settle = Callable[[Message, int, Steps, Unit], tuple[Message, int, Steps]]
"""A message of a Messaging Service is queued at a time, with the steps that were planned then.

It comes back with its sender, or with an error code, and with the steps that now lie before it.
"""

Price = Callable[[Message], str]
"""What a message that was sent costs, as Twilio renders it."""


class IllegalStep(Exception):
    """A forced status that the present one does not lead to."""


class Engine(Driver, ABC):
    """What messages do; how those with media wait for it is `PatientEngine`'s business."""

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
        bounds: Bounds,
    ) -> None:
        self._keeper = Keeper(store, outbox, changed)
        super().__init__(clock, outbox.visits, Outside(self._keeper, outbox), bounds)
        self._messages, self._outbox = messages, outbox
        outbox.queues.announce = announce
        self.commit = self._keeper.commit
        """Keeps what a command wrote, then lets its callbacks go."""
        self.kept = self._keeper.kept
        """Returns once all that steps wrote is in the store, or raises `NotKept`."""
        self._settle, self._price = settle, price
        self._next_step = self._step
        """One for all events: a bound method of its own for each is one more for the collector."""
        self.observe = observe
        self.announced = ANNOUNCED
        """Changes that make a status callback."""
        self.barred: Set[str] = frozenset()
        """Accounts whose messages do not go out."""
        self.held_back = False
        """Whether messages wait in lanes: the times of a service's message are not known before."""

    # What a message does

    def book(self, sid: str, delivery: Delivery) -> None:
        """Put a message's next step on the clock; `SendAt` is an appointment."""
        if not delivery.steps:
            return
        scheduled = delivery.status == "scheduled"
        book = self.clock.appoint if scheduled else self.clock.book
        book(delivery.steps[1], self._next_step, sid)

    def force(self, message: Message, status: str, error_code: int, unit: Unit) -> None:
        """Take a message to `status` now, through the statuses between; raise `IllegalStep`."""
        delivery = self._messages.delivery(message.sid)
        way = bridge(delivery.status, status)
        if not way:
            raise IllegalStep(f"a message that is {delivery.status} cannot become {status}")
        if delivery.status == "scheduled" and delivery.steps:
            self.clock.appointments.drop((delivery.steps[1], self._next_step, message.sid))
        now = self.clock.now()
        forced = [item for step in way for item in (step, now, error_code if step == status else 0)]
        steps = (*forced, *_after(status, delivery.steps, now))
        delivery = self._take(message, delivery, steps, len(forced), unit)
        self.book(message.sid, delivery)

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
        delivery = self._take(message, delivery, steps, end, self._keeper.unit, onward=onward)
        if delivery.steps:
            self.clock.book(delivery.steps[1], self._next_step, sid)

    @abstractmethod
    def _step_with_media(self, message: Message, at: int) -> None:
        """The same for a message that has media."""

    def _go_on(self, steps: Steps) -> int:
        """How far to go now. On the instant clock, as far as nothing else is due before."""
        if self.held_back and steps[0] == "queued":
            return STEP  # when it goes on is known once it is queued
        return self._reach(steps, STEP)

    def _reach(self, steps: Steps, end: int) -> int:
        """How far time may go on at once, beyond the first `end` items; it moves there."""
        if self.clock.mode.name != "instant" or self._advancing or self.today:
            return end
        due = self.clock.next_tick()
        horizon = FAR_AWAY if due is None else (due - 1) * TICK
        end = STEP * bisect_right(steps[1::STEP], horizon, end // STEP)
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
                unit.notices.append(Notice(message, status, at, error_code))
            place += STEP
        timeline = (*before.timeline, *steps[:end])
        now = Delivery(status, at, timeline, steps[end:], error_code, sent_at, cost)
        self._messages.deliver(message.sid, now, unit)
        self.observe(message, now, end // STEP)
        return now

    # What its steps wrote

    @property
    def unit(self) -> Unit:
        """What the tick under way writes."""
        return self._keeper.unit

    def heed(self, sift: Callable[[list[Item]], list[Item]]) -> None:
        """Have weather over callbacks: what is to be posted goes through it before it is kept."""
        self._keeper.sift = sift

    @property
    def idle(self) -> bool:
        """Nothing due but appointments, no webhook under way, no response or unit unwritten,
        nothing fetched."""
        waiting = self.today or self.clock.under_way.count
        return not waiting and self._outside.idle


def _after(status: str, steps: Steps, now: int) -> Steps:
    """What a plan still holds after `status`, counted from `now`; () when it does not come by."""
    for place in range(0, len(steps), STEP):
        if steps[place] == status:
            early, left = steps[place + 1] - now, steps[place + STEP :]
            return tuple(x - early if i % STEP == 1 else x for i, x in enumerate(left))
    return ()
