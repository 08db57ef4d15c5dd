"""What the queues of callbacks need of whoever remembers them beyond the end of the process."""

from typing import Protocol

import msgspec

from mockserver.world.chains import Item
from mockserver.world.ports import Posting


class Gathered(msgspec.Struct, frozen=True):
    """An event that waits for others, or for its leave."""

    sink_sid: str
    event: bytes
    at: int
    message_sid: str = ""
    alone: bool = False


class Memory(Protocol):
    """Remembers callbacks until somebody has answered them."""

    @property
    def gathered(self) -> dict[str, Gathered]:
        """Events that nobody posts yet, for whoever gathers them."""

    @property
    def ringing(self) -> dict[str, Posting]:
        """What is posted once calls to caller ids are answered, by number, for whoever calls.

        Its time is that of the answer; its URL may be "".
        """

    def keep(self, item: Item, until: int = 0) -> None:
        """One that is to be posted, though not before a time in microseconds.

        One that is remembered already stays as it is.
        """

    def replace(self, item: Item, again: Item) -> None:
        """An attempt is over, and another one is to follow."""

    def forget(self, item: Item) -> None:
        """It was answered, or given up."""
