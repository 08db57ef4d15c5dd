"""`{reset: after}`: the connection is reset, as by a TCP RST."""

from typing import Literal

import msgspec


class ResetFault(msgspec.Struct, frozen=True):
    """The client learns of nothing but the reset."""

    reset: Literal["before", "during", "after"]
    """before: nothing is processed; during: it is, and half of the answer is written; after: it
    is, and nothing is written: the message exists, but the client never learns of it."""
