"""What events cause outside the clock: webhooks, units on their way into the store, fetches."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from mockserver.world.clock import stopwatch
from mockserver.world.downloads import Downloads
from mockserver.world.keeping import Keeper
from mockserver.world.outbox import Outbox


class NotIdle(Exception):
    """`advance` gave up; the text says what keeps the sandbox busy."""


class Outside:
    """Waits for all of it."""

    def __init__(self, keeper: Keeper, outbox: Outbox) -> None:
        self._keeper, self._outbox = keeper, outbox
        self.flush = keeper.flush
        """Lets go what the events wrote."""
        self.downloads: Downloads | None = None
        """What is fetched for messages."""

    @property
    def idle(self) -> bool:
        """No webhook under way, no response or unit unwritten, nothing fetched."""
        fetched = self.downloads is None or self.downloads.idle
        return self._keeper.idle and self._outbox.idle and fetched

    async def answered(self, deadline: float) -> None:
        """Wait for the conversations under way; raise `NotIdle` at the deadline."""
        await self._within(deadline, self._outbox.visits.answered())

    async def drain(self, deadline: float) -> None:
        """Wait for the webhooks under way, the responses unwritten and the units not yet kept.

        Raise what kept a unit from being kept, or `NotIdle` at the deadline.
        """
        await self._within(deadline, self._quiet())
        self._keeper.complain()
        await asyncio.sleep(0)

    async def _within(self, deadline: float, wait: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(deadline - stopwatch()):
                await wait
        except TimeoutError:
            raise NotIdle(f"webhooks are still under way: {self._busy}") from None

    @property
    def _busy(self) -> str:
        """What is still under way, in words."""
        count = self.downloads.count if self.downloads is not None else 0
        return self._outbox.busy + (f", media of {count} messages" if count else "")

    async def _quiet(self) -> None:
        """What is fetched leads to callbacks, which lead to nothing that is fetched."""
        await self._posted()
        while self.downloads is not None and not self.downloads.idle:
            await self.downloads.drained()
            await self._posted()

    async def _posted(self) -> None:
        """Return once what was written is kept, and its callbacks are posted."""
        while not (self._keeper.idle and self._outbox.idle):
            await self._keeper.kept()
            await self._outbox.drained()
