"""Where a message of an operation stands, in one byte, and how many stand where.

Source: the Message and Operation resources; how the classic statuses map is facts §5.3.
"""

from collections.abc import Iterator, Mapping
from typing import Final

STATUSES: Final = (
    *("SCHEDULED", "QUEUED", "SENT", "DELIVERED", "READ", "UNDELIVERED", "FAILED", "CANCELED"),
)
"""By code. `GROUP` and `INBOUND` are no message's of an operation."""

SCHEDULED, QUEUED, SENT, DELIVERED, READ, UNDELIVERED, FAILED, CANCELED = range(8)
UNADDRESSABLE: Final = 8
"""The code of a recipient for whom there is no message."""

OPEN: Final = frozenset({SCHEDULED, QUEUED})
"""While a message is one of these, its operation is not over."""

LOST: Final = frozenset({UNDELIVERED, FAILED})
"""After one of these, the next sender is tried, if there is one."""

OF_CLASSIC: Final[Mapping[str, int]] = {
    "accepted": QUEUED,
    "scheduled": SCHEDULED,
    "queued": QUEUED,
    "sending": QUEUED,
    "sent": SENT,
    "delivered": DELIVERED,
    "read": READ,
    "undelivered": UNDELIVERED,
    "failed": FAILED,
    "canceled": CANCELED,
}
"""What a classic status of the latest attempt makes of the message."""


class Tally:
    """How many messages of one operation stand where. Every recipient is in exactly one place."""

    __slots__ = ("_counts", "attempts")

    def __init__(self, count: int, first: int) -> None:
        """All of `count` recipients begin with the code `first`."""
        self._counts = [0] * (UNADDRESSABLE + 1)
        self._counts[first] = count
        self.attempts = 0

    @classmethod
    def of(cls, states: bytes | bytearray, attempts: int) -> "Tally":
        """Counted anew."""
        tally = cls(0, QUEUED)
        tally._counts = [states.count(code) for code in range(UNADDRESSABLE + 1)]
        tally.attempts = attempts
        return tally

    def move(self, before: int, after: int) -> None:
        """One message went from one code to another."""
        self._counts[before] -= 1
        self._counts[after] += 1

    def __getitem__(self, code: int) -> int:
        return self._counts[code]

    @property
    def open(self) -> int:
        """Messages that are scheduled or queued."""
        return self._counts[SCHEDULED] + self._counts[QUEUED]

    def stats(self) -> dict[str, int]:
        """As the Operation resource has them."""
        return dict(self._stats())

    def _stats(self) -> Iterator[tuple[str, int]]:
        recipients, unaddressable = sum(self._counts), self._counts[UNADDRESSABLE]
        yield "total", recipients - unaddressable
        yield "recipients", recipients
        yield "attempts", self.attempts
        yield "unaddressable", unaddressable
        for code, name in enumerate(STATUSES):
            yield name.lower(), self._counts[code]
