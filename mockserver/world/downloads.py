"""Fetches under way in one sandbox: side by side, not too many, and each can be given up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

SLOTS: Final = 16
"""Messages of one sandbox whose media is fetched at once; ours. The others wait their turn."""

log: Final = logging.getLogger("mockserver")

Fetch = Callable[[str, int], Awaitable[None]]
"""Fetches what a message needs, by its SID and the time at which it was wanted."""


class Downloads:
    """What is fetched for messages, by SID."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._waiting: dict[str, int] = {}
        """Times by SID, first come first served."""
        self._running: dict[str, asyncio.Task[None]] = {}
        self._watchers: list[asyncio.Future[None]] = []

    @property
    def idle(self) -> bool:
        return not self._running and not self._waiting

    @property
    def count(self) -> int:
        """Messages whose media is still to come."""
        return len(self._running) + len(self._waiting)

    def start(self, sid: str, at: int) -> None:
        """Fetch for a message, unless that is under way; `at` is handed through."""
        if sid in self._running or sid in self._waiting:
            return
        if len(self._running) < SLOTS:
            self._run(sid, at)
        else:
            self._waiting[sid] = at

    def cancel(self, sid: str) -> None:
        """Nobody wants it any more."""
        self._waiting.pop(sid, None)
        if (task := self._running.get(sid)) is not None:
            task.cancel()
        self._tell()

    def stop(self) -> None:
        """Give up all of them."""
        self._waiting.clear()
        for task in self._running.values():
            task.cancel()
        self._tell()

    async def drained(self) -> None:
        """Return once nothing is fetched any more."""
        if not self.idle:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher

    def _run(self, sid: str, at: int) -> None:
        task = asyncio.get_running_loop().create_task(self._work(sid, at))
        self._running[sid] = task
        task.add_done_callback(partial(self._ended, sid))

    async def _work(self, sid: str, at: int) -> None:
        try:
            await self._fetch(sid, at)
        except Exception:
            log.exception("fetching the media of %s broke the mock: please report this", sid)

    def _ended(self, sid: str, _: "asyncio.Task[None]") -> None:
        del self._running[sid]
        if self._waiting:
            sid = next(iter(self._waiting))
            self._run(sid, self._waiting.pop(sid))
        self._tell()

    def _tell(self) -> None:
        if self._watchers and self.idle:
            watchers, self._watchers = self._watchers, []
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)
