"""`{stale: {for: 1s}}`: what was just made cannot be read for a moment."""

import msgspec


class Stale(msgspec.Struct, frozen=True):
    """For how long; raise `ValueError` unless it says one of both."""

    for_: int = 0
    """Microseconds of the sandbox's clock since a message was made."""
    reads: int = 0
    """So many reads of the same path, whatever it names."""

    def __post_init__(self) -> None:
        if bool(self.for_) == bool(self.reads):
            raise ValueError("`stale` says one of `for` and `reads`")


class StaleFault(msgspec.Struct, frozen=True):
    """A GET of one thing answers 404 with 20404; lists show it all the same.

    What is not a GET of one thing, or no longer new, is as if the rule were not there.
    """

    stale: Stale
