"""Callbacks on their way out: when each may go.

In order for each message, side by side for different ones, and never before the response that made
the message was written and the grace has passed.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar

from mockserver.world.callbacks import Postman
from mockserver.world.clock import Clock
from mockserver.world.queues import Queues
from mockserver.world.visits import Visits

T = TypeVar("T")


class Poster(Protocol):
    """Somebody else who posts, and whose posts are waited for as if they were callbacks."""

    @property
    def under_way(self) -> str:
        """What is, in words; "" for nothing."""

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""


class Outbox:
    """One sandbox's callbacks."""

    def __init__(self, clock: Clock, postman: Postman, grace: float) -> None:
        self._clock, self._grace = clock, grace
        self.held: set[str] = set()
        """Messages whose create response is not written yet; always the same set."""
        self._openings: dict[str, list[Callable[[], None]]] = {}
        """What else waits for a create response, by message."""
        self.queues = Queues(clock, postman, self.held, self.tell)
        self.post = self.queues.post
        """Posts a callback as soon as those before it, of the same message, are done."""
        self.visits = Visits(self.tell)
        self.poster: Poster | None = None
        self._watchers: list[asyncio.Future[None]] = []
        self._stopped = False

    def hold(self, sid: str) -> None:
        """Keep a message's callbacks back until `release`."""
        self.held.add(sid)

    def hold_along(self, sid: str, leader: str) -> None:
        """Keep a message's callbacks back for as long as those of `leader` are, if they are."""
        if leader in self.held:
            self.held.add(sid)
            self.once_open(leader, partial(self._open, sid))

    def release(self, sid: str) -> None:
        """The response that made the message is written; its callbacks may go after the grace."""
        if sid not in self.held:
            return
        self.after_grace(partial(self._open, sid))

    def after_grace(self, action: Callable[[], None]) -> None:
        """Do it when the grace has passed; on the manual clock there is none."""
        if self._grace and self._clock.mode.name != "manual":
            asyncio.get_running_loop().call_later(self._grace, action)
        else:
            action()

    def once_open(self, sid: str, action: Callable[[], None]) -> None:
        """Do it as soon as a callback of the message could go."""
        if sid in self.held:
            self._openings.setdefault(sid, []).append(action)
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
        also = self.poster.under_way if self.poster is not None else ""
        others = f", {also}" if also else ""
        return f"callbacks of {posting} messages{whom}, {len(self.held)} responses{inbound}{others}"

    @property
    def idle(self) -> bool:
        waiting = self.queues.under_way or self.held or self.visits.count
        return not waiting and (self.poster is None or not self.poster.under_way)

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""
        self._stopped = True
        self.queues.stop()
        self.visits.stop()
        if self.poster is not None:
            self.poster.stop()
        self.held.clear()
        self._openings.clear()
        self.tell()

    def _open(self, sid: str) -> None:
        if sid not in self.held:
            return
        self.held.discard(sid)
        for action in self._openings.pop(sid, ()):
            action()
        self.queues.open(sid)
        self.tell()

    def tell(self) -> None:
        """Something is done: whoever waits for all of it is told if that was the last."""
        if self._watchers and self.idle:
            watchers, self._watchers = self._watchers, []
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)
