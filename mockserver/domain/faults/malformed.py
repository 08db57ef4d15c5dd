"""`{malformed: true}`: the answer's JSON, or XML, ends in the middle."""

from typing import Literal

import msgspec


class MalformedFault(msgspec.Struct, frozen=True):
    """Its `Content-Length` is right: what is wrong shows only when it is parsed."""

    malformed: Literal[True]

    def __post_init__(self) -> None:
        """Raise `ValueError` for a fault that is none."""
        if not self.malformed:
            raise ValueError("`malformed` can only be true: leave it out, or the rule")
