"""The price of a message. Ours: Twilio's price lists change by country and by month."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

USUAL: Final[Mapping[str, int]] = MappingProxyType({"+1": 790, "": 4_000})
"""Hundred-thousandths of a dollar per segment, by how the recipient's number begins."""

PRICED: Final = frozenset({"sms", "mms"})
"""Channels with a price; what others cost is not known here."""


def price(to: str, segments: int, prices: Mapping[str, int] = USUAL) -> str:
    """What `segments` to the number `to` cost, as Twilio renders it: `-0.00790`, in dollars.

    The longest beginning in `prices` decides, else the usual ones.
    """
    if prices is USUAL:
        return _text(USUAL["+1"] if to.startswith("+1") else USUAL[""], segments)
    return _text(_rate(to, prices), segments)


def _rate(to: str, prices: Mapping[str, int]) -> int:
    known = {**USUAL, **prices}
    return known[max((start for start in known if to.startswith(start)), key=len)]


@lru_cache(4096)
def _text(rate: int, segments: int) -> str:
    dollars, rest = divmod(rate * segments, 100_000)
    return f"-{dollars}.{rest:05d}"
