"""Takes a scenario's steps when they are due: appointments on the sandbox's clock."""

from collections.abc import Callable

from mockserver.world.clock import Clock
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Course


class Steps:
    """One step is booked at a time; how many were taken stands in the tables."""

    def __init__(
        self, clock: Clock, course: Course, rules: Rulebook, changed: Callable[[], None]
    ) -> None:
        """`changed` is told whenever a step was taken."""
        self._clock, self._course, self._rules, self._changed = clock, course, rules, changed
        self._round = 0
        """Which scenario the bookings are for: those for earlier ones are void."""

    def begin(self) -> None:
        """Go on from where the tables are, with the scenario that is in force now."""
        self._round += 1
        self._take(self._clock.now())

    def _due(self, key: str, at: int) -> None:
        if key == str(self._round):
            self._take(at)

    def _take(self, now: int) -> None:
        """Take all that is due, and book what comes after."""
        while (step := self._rules.next_step) is not None:
            at = self._course.since + step.at
            if at > now:
                self._clock.appoint(at, self._due, str(self._round))
                return
            self._course.taken += 1
            self._rules.switch(step.on, step.off)
            self._changed()
