"""Loop protection: two machines that answer each other are stopped.

Source: error 14107. Per pair of numbers, each reply less than 30 s after the one before adds one to
a count; above 30, replies fail for 30 s. Ours: that the count begins anew after these 30 s.
"""

from typing import Final

import msgspec

PACE: Final = 30 * 1_000_000
"""Microseconds; a reply that comes later than that after the one before begins a new count."""

MOST: Final = 30
"""Replies at that pace that still go out."""

PENALTY: Final = 30 * 1_000_000
"""Microseconds for which replies then fail."""


class Streak(msgspec.Struct, frozen=True):
    """The replies from one number to another, as far as they came at a machine's pace."""

    count: int = 0
    last: int = 0
    """Microseconds."""
    until: int = 0
    """Until then, replies fail."""

    def next(self, at: int) -> "Streak":
        """After one more reply; whether it goes out, `loops` says."""
        if at < self.until:
            return self
        if self.until or at - self.last >= PACE:
            return Streak(1, at)
        count = self.count + 1
        return Streak(count, at, at + PENALTY if count > MOST else 0)

    def loops(self, at: int) -> bool:
        """Whether a reply at that time fails."""
        return at < self.until
