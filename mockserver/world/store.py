"""Where units of writes go, and the in-memory default, where they go nowhere."""

from collections.abc import Awaitable
from typing import Final, Protocol

from mockserver.world.tables import Unit


class Store(Protocol):
    """Keeps what commands wrote. A response leaves only after its unit was committed."""

    @property
    def durable(self) -> bool:
        """False where `commit` does nothing, so that a tick need not wait for it."""

    def commit(self, unit: Unit) -> Awaitable[None]:
        """Take a unit over now; what comes back is done when it and all before it are kept."""


class MemoryStore:
    """The tables are all there is."""

    durable: Final = False

    async def commit(self, unit: Unit) -> None:
        """Nothing to do."""
