"""Where units of writes go, and the in-memory default, where they go nowhere."""

import asyncio
from collections.abc import Awaitable
from typing import Final, Protocol

from mockserver.world.tables import Unit


class NotKept(Exception):
    """What was done could not be written into the file; the text names the file and says why.

    It is tried again with what comes next. Until then nobody is told that it was done.
    """


class Store(Protocol):
    """Keeps what commands wrote. A response leaves only after its unit was committed."""

    @property
    def durable(self) -> bool:
        """False where `commit` does nothing, so that a tick need not wait for it."""

    def commit(self, unit: Unit) -> Awaitable[None]:
        """Take a unit over now; what comes back is done when it and all before it are kept.

        It may raise `NotKept`; then it is tried again.
        """

    def at_last(self) -> "asyncio.Future[None]":
        """Done when all that was taken over so far is kept, however often that is tried."""


class MemoryStore:
    """The tables are all there is."""

    durable: Final = False

    async def commit(self, unit: Unit) -> None:
        """Nothing to do."""

    def at_last(self) -> "asyncio.Future[None]":
        """It is done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done
