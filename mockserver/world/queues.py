"""Callbacks on their way to receivers: a queue for each, from which its window lets so many go.

One that failed goes before the others of its message: at once on the instant clock, where time does
not move for it, since when an application fails is a matter of wall time, which must leave no
trace; else once the sandbox's clock has come so far.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Set
from typing import Final

from mockserver.domain.message import Message
from mockserver.world.callbacks import Postman
from mockserver.world.chains import Chains, Item, url_of
from mockserver.world.clock import Clock
from mockserver.world.memory import Memory
from mockserver.world.ports import Notice, Posting
from mockserver.world.windows import Receiver, Receivers

MOST_WAITING: Final = 100_000
"""Callbacks that may wait for one receiver; what comes then is dropped. Ours."""

Announce = Callable[[Message, str, int, int], Posting]
"""Makes the callback for a message's status, time and error code."""

log: Final = logging.getLogger("mockserver")


class Queues:
    """Those of one sandbox."""

    def __init__(
        self, clock: Clock, postman: Postman, held: Set[str], done: Callable[[], None]
    ) -> None:
        """`held` are messages whose callbacks may not go yet.

        `done` is told when all of a message are posted, or wait for the clock.
        """
        self._clock, self._postman, self._held, self._done = clock, postman, held, done
        self.announce: Announce
        self._chains = Chains()
        self.under_way = self._chains.active
        """What waits, or is being posted, by message; not what waits for the clock."""
        self._receivers = Receivers()
        self._workers: set[asyncio.Task[None]] = set()
        self._stopped = False
        self.memory: Memory | None = None
        """Who remembers what is not answered yet."""
        self.corked = False
        """Whether everything waits, for the other callbacks of a tick."""

    def post(self, item: Item) -> None:
        """Post it as soon as those before it, of the same message, are done."""
        receiver = self._receivers.of(url_of(item))
        if self._stopped:
            return
        if receiver.waiting >= MOST_WAITING:
            self._drop(item, receiver)
            self._over(item, None)
            return
        if self.memory is not None:
            self.memory.keep(item)
        receiver.waiting += 1
        key = self._chains.add(item)
        if key and key not in self._held:
            self._queue(key, receiver)

    def resume(self, item: Item) -> None:
        """Go on with one that was kept; where it waited for the clock, its message's do again."""
        due = item.due if isinstance(item, Posting) else 0
        if due <= self._clock.now() or self._clock.mode.name == "instant":
            self.post(item)
            return
        self._receivers.of(url_of(item)).waiting += 1
        if key := self._chains.add(item):
            self._chains.park(key)
            self._clock.book(due, self._due, key)

    def parked(self) -> Iterator[tuple[str, int, list[Item]]]:
        """What waits for the clock: chains by key, when each goes on, and what is in it."""
        for key, items in self._chains.parked():
            first = items[0]
            yield key, first.due if isinstance(first, Posting) else first.at, items

    def receiver(self, url: str) -> Receiver:
        """Who is behind a URL."""
        return self._receivers.of(url)

    @property
    def busiest(self) -> str:
        """Who most callbacks wait for, or are on their way to; "" where there are none."""
        by_load = ((each.waiting + each.window.under_way, each.name) for each in self._receivers)
        load, name = max(by_load, default=(0, ""))
        return name if load else ""

    def open(self, key: str) -> None:
        """A message's callbacks may go, if there are any."""
        chain = self.under_way.get(key)
        if chain is not None:
            self._queue(key, self._receivers.of(url_of(chain[0])))

    def uncork(self) -> None:
        """Let go what was posted meanwhile."""
        self.corked = False
        for receiver in self._receivers:
            for _ in range(len(receiver.ready)):
                self._hire(receiver)

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""
        self._stopped = True
        for task in self._workers:
            task.cancel()
        self._chains.clear()

    def _drop(self, item: Item, receiver: Receiver) -> None:
        """Write into the journal that it is not posted."""
        reason = f"{MOST_WAITING:,} callbacks wait for {receiver.name} already"
        if not receiver.refuses:
            receiver.refuses = True
            log.warning("%s: those that come now are not posted", reason)
        self._postman.drop(self._posting(item), f"not posted: {reason}")

    def _posting(self, item: Item) -> Posting:
        """A notice is put into words, and signed, when its turn has come."""
        if isinstance(item, Notice):
            return self.announce(item.message, item.status, item.at, item.error_code)
        return item

    def _queue(self, key: str, receiver: Receiver) -> None:
        receiver.ready.append(key)
        if not self.corked:
            self._hire(receiver)

    def _hire(self, receiver: Receiver) -> None:
        """One more to post to a receiver, if its window has a place."""
        if receiver.window.enter():
            worker = asyncio.get_running_loop().create_task(self._work(receiver))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self, receiver: Receiver) -> None:
        """Post one message's callbacks after the other's, in one place of the window."""
        ready, window = receiver.ready, receiver.window
        try:
            while ready and not self.corked and not window.crowded:
                await self._empty(ready.popleft(), receiver)
        finally:
            window.leave()

    async def _empty(self, key: str, receiver: Receiver) -> None:
        """Post a message's callbacks to the last, or until one has to wait."""
        chain = self.under_way[key]
        while chain:
            item = chain[0]
            if (other := self._receivers.of(url_of(item))) is not receiver:
                self._queue(key, other)
                return
            del chain[0]
            receiver.waiting -= 1
            attempt = await self._postman.make(self._posting(item))
            self._over(item, attempt.again)
            took, outcome = attempt.entry.duration, attempt.outcome
            receiver.window.heed(took, outcome.answer.waited, strained=outcome.strained)
            if receiver.ready and not self.corked:
                self._hire(receiver)
            if attempt.again is not None and self._again(key, attempt.again, receiver):
                return
            if chain and receiver.window.crowded:
                receiver.ready.appendleft(key)
                return
        self.under_way.pop(key, None)
        self._done()

    def _over(self, item: Item, again: Posting | None) -> None:
        """An attempt was made, or none is to be."""
        if self.memory is None:
            return
        if again is None:
            self.memory.forget(item)
        else:
            self.memory.replace(item, again)

    def _again(self, key: str, again: Posting, receiver: Receiver) -> bool:
        """Put the next attempt before all others of its chain; whether they wait for the clock."""
        self.under_way[key].insert(0, again)
        receiver.waiting += 1
        return self._waits(key, again)

    def _waits(self, key: str, again: Posting) -> bool:
        """Whether another attempt waits for the clock; then its message's callbacks do."""
        if self._clock.mode.name == "instant":
            return False
        self._chains.park(key)
        self._clock.book(max(again.due, self._clock.now()), self._due, key)
        self._done()
        return True

    def _due(self, key: str, at: int) -> None:
        self._chains.unpark(key)
        self.open(key)
