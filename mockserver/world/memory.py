"""What the queues of callbacks need of whoever remembers them beyond the end of the process."""

from typing import Protocol

from mockserver.world.chains import Item


class Memory(Protocol):
    """Remembers callbacks until somebody has answered them."""

    def keep(self, item: Item) -> None:
        """One that is to be posted; one that is remembered already stays as it is."""

    def replace(self, item: Item, again: Item) -> None:
        """An attempt is over, and another one is to follow."""

    def forget(self, item: Item) -> None:
        """It was answered, or given up."""
