"""An engine whose messages wait for their media.

A message with media stays where it is when it would go out to the carrier, until its media was
fetched. The clock does not wait for it: it goes on as if the message had gone out, so that times
do not depend on how long a fetch took, or how it ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.domain.lifecycle import OUT, departure
from mockserver.domain.message import STEP, Message, Steps
from mockserver.world.downloads import Downloads
from mockserver.world.engine import SUSPENDED, Engine
from mockserver.world.tables import Unit

if TYPE_CHECKING:  # loaded with the first message that has media
    from mockserver.world.media import Porter


@dataclass(slots=True)
class Stay:
    """A message that waits for its media while the clock goes on."""

    plan: Steps
    """From its first step to the carrier on."""
    due: int
    """Items of `plan` whose time has come."""
    over: bool = False
    """It has failed, and only the clock still goes where the plan would have led."""


class PatientEngine(Engine):
    """One sandbox's engine."""

    def __init__(self, porter: "Callable[[], Porter]", **parts: Any) -> None:
        """`porter` fetches and keeps; `parts` are those of `Engine`."""
        super().__init__(**parts)
        self._porter = porter
        self._stays: dict[str, Stay] = {}
        self._downloads = self._outside.downloads = Downloads(self._fetch)

    def force(self, message: Message, status: str, error_code: int, unit: Unit) -> None:
        """As `Engine.force`. A message that so goes out does not wait, but is to have its media."""
        before = self._messages.delivery(message.sid)
        super().force(message, status, error_code, unit)
        self._stays.pop(message.sid, None)
        if not message.media_urls or before.status in OUT:
            return
        passed = self._messages.delivery(message.sid).timeline[len(before.timeline) :: STEP]
        if OUT.intersection(passed):
            self._want_media(message.sid, self.clock.now())

    def forget(self, sid: str) -> None:
        """A message was deleted: give up what is fetched for it."""
        self._stays.pop(sid, None)
        self._downloads.cancel(sid)

    def stop(self) -> None:
        """Never run anything again."""
        super().stop()
        self._stays.clear()
        self._downloads.stop()

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
            delivery = self._take(message, delivery, steps, place, self._keeper.unit)
            steps, end = delivery.steps, end - place  # its service may have made them later
        if not steps:
            return
        if end:
            self._stays[sid] = Stay(steps, end)
            self._want_media(sid, steps[1])
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
        code = porter.keep(message, haul, when, self._keeper.unit)
        if not code and message.account_sid in self.barred:
            code = SUSPENDED
        if (stay := self._stays.get(sid)) is not None:
            self._leave(message, stay, code)
        self._outside.flush(complete=not self.today)

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
        self._take(message, delivery, steps, end, self._keeper.unit)
        if end < len(steps) and steps[end + 1] != planned[end + 1]:
            self.clock.book(steps[end + 1], self._step, sid)


def _not_before(steps: Steps, now: int) -> Steps:
    """Steps of which none is in the past."""
    return tuple(max(x, now) if i % STEP == 1 else x for i, x in enumerate(steps))
