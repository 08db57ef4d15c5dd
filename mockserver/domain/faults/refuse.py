"""`{refuse: 5s}`: connections are refused."""

from typing import Final

import msgspec

LONGEST: Final = 600_000_000
"""Microseconds: ten minutes. Meanwhile nobody can lift it."""


class RefuseFault(msgspec.Struct, frozen=True):
    """The request is reset before it is processed, and then nobody can connect for so long.

    That is so for the whole server, all its sandboxes and the control API included; connections
    that are open stay so.
    """

    refuse: int
    """Microseconds of wall time."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what nobody could wait for."""
        if self.refuse > LONGEST:
            raise ValueError("`refuse` lasts ten minutes at most: nobody can end it earlier")
