"""What the world needs of whoever keeps a sandbox beyond the end of the process."""

from collections.abc import Awaitable, Mapping
from typing import Protocol

from mockserver.world.clock import Clock
from mockserver.world.memory import Memory
from mockserver.world.rulebook import Rulebook
from mockserver.world.store import Store
from mockserver.world.tables import Tables


class Ledger(Store, Memory, Protocol):
    """Keeps one sandbox: whatever changes in the tables that it gives it, and how it stands."""

    @property
    def tables(self) -> Tables:
        """Those of the sandbox; who changes them need not say so."""

    def follow(self, clock: Clock, rules: Rulebook, routes: Mapping[str, tuple[str, str]]) -> None:
        """Keep these from now on too, and what the tables have by now."""

    async def prepare(self) -> None:
        """Have what the tables have by now on its way, so that little is left to `follow`.

        Nothing of it is found before. Nobody may change them meanwhile. Raise `NotKept`.
        """

    def give_up(self) -> None:
        """It is not followed after all: nothing stays of what was prepared."""

    def settled(self) -> Awaitable[None]:
        """Done when everything that has changed so far is kept."""
