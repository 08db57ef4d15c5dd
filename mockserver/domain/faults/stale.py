"""`{stale: {for: 1s}}`: what was just made cannot be read for a moment."""

import msgspec


class Stale(msgspec.Struct, frozen=True):
    """For how long; raise `ValueError` unless it says one of both."""

    for_: int = 0
    """Microseconds of the sandbox's clock since a message was made."""
    reads: int = 0
    """So many reads of the same message, by itself or in lists; or of another path."""

    def __post_init__(self) -> None:
        if bool(self.for_) == bool(self.reads):
            raise ValueError("`stale` says one of `for` and `reads`")


class StaleFault(msgspec.Struct, frozen=True):
    """A read of one thing answers 404 with 20404, and lists of messages lack it.

    What is no read, or reads nothing that is new, is as if the rule were not there.
    """

    stale: Stale
