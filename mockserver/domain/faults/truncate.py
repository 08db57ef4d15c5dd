"""`{truncate: 0.5}`: the connection ends before the body does."""

import msgspec


class TruncateFault(msgspec.Struct, frozen=True):
    """`Content-Length` says the length of the whole."""

    truncate: float
    """The part of the body that comes, from 0 up to, but without, 1."""

    def __post_init__(self) -> None:
        """Raise `ValueError` when nothing would be missing."""
        if not 0 <= self.truncate < 1:
            raise ValueError("`truncate` is the part that comes, from 0 to below 1: 0.5 is half")
