"""The price of a message. Ours: Twilio's price lists change by country and by month."""

from functools import lru_cache
from typing import Final

NEAR: Final = 790
FAR: Final = 4_000
"""Hundred-thousandths of a dollar per segment, to +1 and to everywhere else."""


def price(to: str, segments: int) -> str:
    """What `segments` to the address `to` cost, as Twilio renders it: `-0.00790`, in dollars."""
    return _text(NEAR if to.startswith("+1") else FAR, segments)


@lru_cache(4096)
def _text(rate: int, segments: int) -> str:
    dollars, rest = divmod(rate * segments, 100_000)
    return f"-{dollars}.{rest:05d}"
