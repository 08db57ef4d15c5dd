"""The segments of Notify Services: made by the first who joins, and listed."""

from itertools import count

from mockserver.domain.notify.segments import Segment
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.sids import mint
from mockserver.world.notify.tables import SEGMENTS
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class Segments(Registry[Segment]):
    """A sandbox's segments, of all services; pages are those of `Registry`."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, SEGMENTS, sandbox.tables.notify.segments)
        self._sandbox = sandbox

    def ensure(self, service: NotifyService, name: str, unit: Unit) -> None:
        """Make one, where the service has none of that name."""
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        if f"{service.sid} {name}" in sandbox.tables.notify.segments:
            return
        sids = (
            mint("SG", sandbox.dice.of("notify segment", f"{service.sid} {name} {n}"))
            for n in count()
        )
        made = Segment(self.free(sids), service.account_sid, service.sid, name, now, now)
        self.put(made.key, made, unit)
