"""Callbacks on their way out: when each may go.

In order for each message, side by side for different ones, and never before the response that made
the message was written and the grace has passed. The next attempt at one that failed waits its time
on the sandbox's clock; on the instant clock it follows at once and time does not move for it, since
when an application fails is a matter of wall time, which must leave no trace.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from mockserver.world.callbacks import Postman
from mockserver.world.clock import Clock
from mockserver.world.ports import Posting

SLOTS: Final = 64
"""Callbacks of one sandbox that may be under way at once; ours."""


T = TypeVar("T")


class Stopped(Exception):
    """The sandbox was reset or dropped while somebody waited for an application's answer."""


class Outbox:
    """One sandbox's callbacks."""

    def __init__(self, clock: Clock, postman: Postman, grace: float) -> None:
        self._clock, self._postman, self._grace = clock, postman, grace
        self._chains: dict[str, deque[Posting]] = {}
        """What waits to be posted, by message; one that is being posted stays until it is empty."""
        self._ready: deque[str] = deque()
        """Messages whose chains wait for a slot."""
        self._held: set[str] = set()
        """Messages whose create response is not written yet."""
        self._openings: dict[str, Callable[[], None]] = {}
        """What else waits for a create response, by message."""
        self._later: dict[str, Posting] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._visits: set[asyncio.Task[Any]] = set()
        self._watchers: list[asyncio.Future[None]] = []
        self._stopped = False
        self.corked = False
        """Whether everything waits, for the other callbacks of a tick."""

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

    def post(self, posting: Posting) -> None:
        """Post it as soon as those before it, of the same message, are done."""
        key = posting.parcel.message_sid or posting.parcel.idempotency_token
        if (chain := self._chains.get(key)) is not None:
            chain.append(posting)
        elif not self._stopped:
            self._chains[key] = deque((posting,))
            if key not in self._held:
                self._enqueue(key)

    async def visit(self, talk: Coroutine[Any, Any, T]) -> T:
        """Do what awaits an application's answer; the sandbox is not idle meanwhile.

        Raise `Stopped` where the sandbox ends or begins again before it is done.
        """
        if self._stopped:
            talk.close()
            raise Stopped("the sandbox was reset or dropped meanwhile")
        task = asyncio.get_running_loop().create_task(talk)
        self._visits.add(task)
        task.add_done_callback(self._left)
        await asyncio.wait((task,))
        if task.cancelled():
            raise Stopped("the sandbox was reset or dropped meanwhile")
        return task.result()

    def _left(self, visit: asyncio.Task[Any]) -> None:
        self._visits.discard(visit)
        self._tell()

    def uncork(self) -> None:
        """Let go what was posted meanwhile."""
        self.corked = False
        for _ in range(min(len(self._ready), SLOTS)):
            self._hire()

    async def drained(self) -> None:
        """Return once nothing is held, waiting or under way."""
        if not self.idle:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher

    @property
    def busy(self) -> str:
        """What is still under way, in words."""
        inbound = f", {len(self._visits)} inbound webhooks" if self._visits else ""
        return f"callbacks of {len(self._chains)} messages, {len(self._held)} responses{inbound}"

    @property
    def idle(self) -> bool:
        return not self._chains and not self._held and not self._visits

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""
        self._stopped = True
        for task in (*self._workers, *self._visits):
            task.cancel()
        self._held.clear()
        self._openings.clear()
        self._ready.clear()
        self._chains.clear()
        self._tell()

    def _open(self, sid: str) -> None:
        if sid not in self._held:
            return
        self._held.discard(sid)
        if (action := self._openings.pop(sid, None)) is not None:
            action()
        if sid in self._chains:
            self._enqueue(sid)
        else:
            self._tell()

    def _enqueue(self, key: str) -> None:
        self._ready.append(key)
        if not self.corked:
            self._hire()

    def _hire(self) -> None:
        if len(self._workers) < SLOTS:
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        """Post one chain after the other."""
        while self._ready and not self.corked:
            key = self._ready.popleft()
            chain = self._chains[key]
            while chain:
                again = await self._postman.attempt(chain.popleft())
                if again is not None:
                    self._retry(again)
            self._chains.pop(key, None)
            self._tell()

    def _retry(self, posting: Posting) -> None:
        if self._clock.mode.name == "instant":
            self.post(posting)
            return
        key = f"{posting.parcel.idempotency_token}/{posting.attempt}"
        self._later[key] = posting
        self._clock.book(max(posting.due, self._clock.now()), self._due, key)

    def _due(self, key: str, at: int) -> None:
        self.post(self._later.pop(key))

    def _tell(self) -> None:
        if self._watchers and self.idle:
            watchers, self._watchers = self._watchers, []
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)
