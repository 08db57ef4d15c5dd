"""Callbacks on their way out: when each may go.

In order for each message, side by side for different ones, and never before the response that made
the message was written and the grace has passed.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mockserver.world.callbacks import Postman
from mockserver.world.clock import Clock
from mockserver.world.queues import Queues
from mockserver.world.visits import Visits

T = TypeVar("T")


class Outbox:
    """One sandbox's callbacks."""

    def __init__(self, clock: Clock, postman: Postman, grace: float) -> None:
        self._clock, self._grace = clock, grace
        self._held: set[str] = set()
        """Messages whose create response is not written yet."""
        self._openings: dict[str, Callable[[], None]] = {}
        """What else waits for a create response, by message."""
        self.queues = Queues(clock, postman, self._held, self._tell)
        self.post = self.queues.post
        """Posts a callback as soon as those before it, of the same message, are done."""
        self.visits = Visits(self._tell)
        self._watchers: list[asyncio.Future[None]] = []
        self._stopped = False

    def hold(self, sid: str) -> None:
        """Keep a message's callbacks back until `release`."""
        self._held.add(sid)

    def release(self, sid: str) -> None:
        """The response that made the message is written; its callbacks may go after the grace."""
        if sid not in self._held:
            return
        if self._grace and self._clock.mode.name != "manual":
            asyncio.get_running_loop().call_later(self._grace, self._open, sid)
        else:
            self._open(sid)

    def once_open(self, sid: str, action: Callable[[], None]) -> None:
        """Do it as soon as a callback of the message could go."""
        if sid in self._held:
            self._openings[sid] = action
        elif not self._stopped:
            action()

    async def visit(self, talk: Coroutine[Any, Any, T]) -> T:
        """As `Visits.pay`."""
        return await self.visits.pay(talk)

    async def drained(self) -> None:
        """Return once nothing is held, waiting or under way; what waits for the clock does not."""
        if not self.idle:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher

    @property
    def busy(self) -> str:
        """What is still under way, in words."""
        posting, visits = len(self.queues.under_way), self.visits.count
        inbound = f", {visits} inbound webhooks" if visits else ""
        whom = f" (most of them to {self.queues.busiest})" if posting else ""
        return f"callbacks of {posting} messages{whom}, {len(self._held)} responses{inbound}"

    @property
    def idle(self) -> bool:
        return not self.queues.under_way and not self._held and not self.visits.count

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""
        self._stopped = True
        self.queues.stop()
        self.visits.stop()
        self._held.clear()
        self._openings.clear()
        self._tell()

    def _open(self, sid: str) -> None:
        if sid not in self._held:
            return
        self._held.discard(sid)
        if (action := self._openings.pop(sid, None)) is not None:
            action()
        self.queues.open(sid)
        self._tell()

    def _tell(self) -> None:
        if self._watchers and self.idle:
            watchers, self._watchers = self._watchers, []
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)
