"""`{latency: 2s}`: the request waits before it is processed."""

import msgspec

from mockserver.domain.faults.spread import Spread


class LatencyFault(msgspec.Struct, frozen=True):
    """What it makes is made after the wait, which is of wall time; goes with any other kind."""

    latency: Spread
