"""The tick under way, and what is due."""

from collections import deque
from collections.abc import Collection

from mockserver.world.clock import TICK, Clock, Event


class Today(deque[Event]):
    """What is left of the tick under way, in order."""

    __slots__ = ("_awaited", "_clock")

    def __init__(self, clock: Clock, awaited: Collection[object]) -> None:
        """While something is `awaited`, nothing happens by itself."""
        super().__init__()
        self._clock, self._awaited = clock, awaited

    @property
    def pending(self) -> int:
        """Events that have not happened, appointments and those of the present tick included."""
        return self._clock.pending + len(self)

    def due(self) -> bool:
        """Whether something is to happen by itself now."""
        if self._awaited:
            return False
        clock = self._clock
        if clock.mode.rate:
            tick = clock.next_tick()
            return bool(self) or (tick is not None and tick * TICK <= clock.now())
        if not clock.under_way.count and not self:
            return False
        return clock.mode.name == "instant"

    def fill(self, to: int | None) -> bool:
        """Begin the next tick, unless one is under way; whether there is something due by `to`.

        `None` is as far as there is anything but appointments.
        """
        clock = self._clock
        tick = clock.next_tick()
        if self or tick is None or (to is None and not clock.under_way.count):
            return bool(self)
        if to is None or tick * TICK <= to:
            self.extend(clock.take(tick))
        elif (tick - 1) * TICK < to:
            self.extend(clock.take_part(tick, to))
        return bool(self)
