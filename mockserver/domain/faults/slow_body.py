"""`{slow_body: 3s}`: the head comes at once, the body in drops."""

import msgspec


class SlowBodyFault(msgspec.Struct, frozen=True):
    """An answer without a body comes as usual."""

    slow_body: int
    """Microseconds of wall time from the head to the last byte."""
