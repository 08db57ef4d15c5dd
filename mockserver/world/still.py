"""The messages of one moment, for a snapshot."""

from collections.abc import Mapping
from heapq import merge

from mockserver.domain.message import Delivery, Message
from mockserver.world.pieces import PIECE


class Still:
    """Those that are on no shelf.

    Lists of the records: copying the dictionaries, whose keys count too, takes twice as long. Both
    have the same messages in the same order, since each is put in, and taken out, with the other.
    """

    __slots__ = ("_deliveries", "_messages", "gone", "repeats")

    def __init__(
        self,
        messages: Mapping[str, Message],
        deliveries: Mapping[str, Delivery],
        gone: Mapping[str, int],
        repeats: Mapping[str, int],
    ) -> None:
        self._messages, self._deliveries = list(messages.values()), list(deliveries.values())
        self.gone, self.repeats = dict(gone), dict(repeats)

    def pairs(self) -> list[tuple[Message, Delivery]]:
        """The messages with what became of them, oldest first."""
        messages, deliveries = self._messages, self._deliveries
        pieces = [slice(at, at + PIECE) for at in range(0, len(messages), PIECE)]
        parts = (zip(messages[at], deliveries[at], strict=True) for at in pieces)
        return list(merge(*(sorted(part, key=_made) for part in parts), key=_made))

    def shed(self, count: int) -> bool:
        """Let go of some records; whether any are left."""
        del self._messages[-count:], self._deliveries[-count:]
        return bool(self._messages)


def _made(pair: tuple[Message, Delivery]) -> int:
    return pair[0].ordinal
