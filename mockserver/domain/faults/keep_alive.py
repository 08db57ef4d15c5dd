"""`{keep_alive: drop}`: the answer promises to keep the connection, which is closed."""

from typing import Literal

import msgspec


class KeepAliveFault(msgspec.Struct, frozen=True):
    """The answer is as usual; the next request on the connection meets a closed one."""

    keep_alive: Literal["drop"]
