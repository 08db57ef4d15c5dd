"""Where units of writes go, and the in-memory default, where they go nowhere."""

from typing import Final, Protocol

from mockserver.world.tables import Unit


class Store(Protocol):
    """Keeps what commands wrote. A response leaves only after its unit was committed."""

    @property
    def durable(self) -> bool:
        """False where `commit` does nothing, so that a tick need not wait for it."""

    async def commit(self, unit: Unit) -> None:
        """Return when the unit is kept, units in the order in which they were handed over."""


class MemoryStore:
    """The tables are all there is."""

    durable: Final = False

    async def commit(self, unit: Unit) -> None:
        """Nothing to do."""
