"""`{refuse: 5s}`: connections are refused."""

import msgspec


class RefuseFault(msgspec.Struct, frozen=True):
    """The request is reset before it is processed, and then nobody can connect for so long.

    That is so for the whole server, all its sandboxes and the control API included; connections
    that are open stay so.
    """

    refuse: int
    """Microseconds of wall time."""
