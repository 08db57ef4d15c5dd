"""Ids of the Communications API for senders that were set up as numbers."""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from mockserver.domain.numbers import Number
from mockserver.domain.sender_pools import SENDER
from mockserver.domain.type_ids import mint

FIRST: Final = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z, the time in ids of what was set up with the sandbox; ours."""


def sender_id(number: Number) -> str:
    """`comms_sender_…`, which follows from its SID: a snapshot carries that, but no dice."""
    return _id(number.sid, number.phone_number, number.created_at or FIRST)


@lru_cache(1 << 14)
def _id(sid: str, number: str, at: int) -> str:
    return mint(SENDER, at, blake2b(f"{sid} {number}".encode(), digest_size=16).digest())
