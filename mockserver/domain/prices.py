"""The price of a message. Ours: Twilio's price lists change by country and by month."""

from collections.abc import Mapping
from typing import Final

RATES: Final[Mapping[str, int]] = {"+1": 790, "": 4_000}
"""Hundred-thousandths of a dollar per segment, by the beginning of `To`; the first that fits."""


def price(to: str, segments: int) -> str:
    """What `segments` to the address `to` cost, as Twilio renders it: `-0.00790`, in dollars."""
    rate = next(rate for prefix, rate in RATES.items() if to.startswith(prefix))
    dollars, rest = divmod(rate * segments, 100_000)
    return f"-{dollars}.{rest:05d}"
