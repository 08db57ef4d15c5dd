"""What steps and commands wrote, on its way into the store, and the callbacks that wait for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from mockserver.world.chains import Item
from mockserver.world.outbox import Outbox
from mockserver.world.store import NotKept, Store
from mockserver.world.tables import Unit

log: Final = logging.getLogger("mockserver")


class Keeper:
    """Commits units, and posts the callbacks of those that are kept."""

    def __init__(self, store: Store, outbox: Outbox, changed: Callable[[], None]) -> None:
        self._store, self._outbox, self._changed = store, outbox, changed
        self.unit = Unit()
        """What the steps of the tick under way wrote."""
        self.sift: Callable[[list[Item]], list[Item]] | None = None
        """What weather makes of callbacks, where there is any."""
        self._commits: set[asyncio.Future[None]] = set()
        """Units of ticks on their way into the store."""
        self._late = 0
        """Units that could not be kept so far. It is tried again; their callbacks wait for that."""
        self._lost: BaseException | None = None
        """Why one of them did not get there."""

    @property
    def idle(self) -> bool:
        return not (self._commits or self._late)

    async def commit(self, unit: Unit) -> None:
        """Keep what a command wrote, then let its callbacks go."""
        if self.sift is not None:
            unit.notices = self.sift(unit.notices)
        earlier = tuple(self._commits)
        try:
            await self._store.commit(unit)
        except NotKept as lost:
            self._put_off(unit, lost)
            raise
        if earlier and (late := self._commits.intersection(earlier)):
            await asyncio.wait(late)
        self._release(unit)

    def flush(self, *, complete: bool) -> None:
        """Hand on what the steps wrote; callbacks go when their tick is complete."""
        unit, outbox = self.unit, self._outbox
        if not complete:
            outbox.queues.corked = True
        if unit.rows or unit.notices:
            self.unit = Unit()
            if self.sift is not None:
                unit.notices = self.sift(unit.notices)
            if self._store.durable:
                self._keep(self._store.commit(unit), unit)
            else:
                self._release(unit)
        if outbox.queues.corked and complete:
            outbox.queues.uncork()

    async def kept(self) -> None:
        """Return once no unit is on its way; raise `NotKept` for one that cannot be kept."""
        if self._commits:
            await asyncio.wait(tuple(self._commits))
        if self._late:
            await self._store.commit(Unit())  # which tries all of it again
            await asyncio.sleep(0)  # they are told with the loop's next turn

    def complain(self) -> None:
        """Raise what kept a unit from being kept: once, or for as long as it is tried again."""
        if (lost := self._lost) is not None:
            self._lost = lost if self._late else None
            raise lost

    def _release(self, unit: Unit) -> None:
        for notice in unit.notices:
            self._outbox.post(notice)
        self._changed()

    def _keep(self, kept: Awaitable[None], unit: Unit) -> None:
        done = asyncio.ensure_future(kept)
        self._commits.add(done)
        done.add_done_callback(partial(self._kept, unit))

    def _kept(self, unit: Unit, done: "asyncio.Future[None]") -> None:
        self._commits.discard(done)
        if done.cancelled():
            return
        if (lost := done.exception()) is None:
            self._release(unit)
        else:
            self._put_off(unit, lost)

    def _put_off(self, unit: Unit, lost: BaseException) -> None:
        """Its callbacks go once it is kept after all."""
        if not self._late:
            log.error("what happened to messages could not be kept: its callbacks wait: %s", lost)
        self._late, self._lost = self._late + 1, lost
        self._store.at_last().add_done_callback(partial(self._at_last, unit))

    def _at_last(self, unit: Unit, done: "asyncio.Future[None]") -> None:
        self._late -= 1
        if not self._late:
            self._lost = None
        if not done.cancelled():
            self._release(unit)
