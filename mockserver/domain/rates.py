"""How fast a sender may send, and how much may wait for it.

Sources: help articles and docs on rate limits and queueing (segments a second by kind of sender;
queues of 10 hours, formerly of 4); Twilio's own skill text for WhatsApp. Segments count, not
messages; on channels a message is one segment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from mockserver.domain.addresses import is_us_or_canada

SenderKind = Literal[
    "long_code_us_ca",
    "long_code",
    "toll_free",
    "short_code",
    "alphanumeric",
    "whatsapp",
    "rcs",
    "messenger",
]

PER_SECOND: Final[Mapping[str, float]] = {
    "long_code_us_ca": 1,
    "long_code": 10,
    "toll_free": 3,
    "short_code": 100,
    "alphanumeric": 10,
    "whatsapp": 80,
}
"""Segments a second; kinds that are not here are not held back: no rate is published for them."""

WHATSAPP_HOURS: Final = 4.0
"""Hours that a WhatsApp sender's queue may last. Source: Twilio's own skill text."""

CLASSIC_HOURS: Final = 4.0
"""Up to this length, a full queue fails the message (30001) also where `From` names the sender.

That was so when queues lasted 4 hours; since they last 10, such a create is refused (21611).
"""

TOLL_FREE: Final = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")
"""Area codes of toll-free numbers of the North American plan."""

_CHANNELS: Final[Mapping[str, SenderKind]] = {
    "whatsapp": "whatsapp",
    "rcs": "rcs",
    "messenger": "messenger",
}

MILLI: Final = 1_000
"""Rates are counted in thousandths of a segment a second, so that 3.75 is a whole number."""

_UNCHANGED: Final[Mapping[str, float]] = MappingProxyType({})


class Rates(msgspec.Struct, frozen=True):
    """A scenario's `rates`."""

    enabled: bool = False
    queue_hours: float = 10.0
    per_second: Mapping[str, float] = _UNCHANGED
    """Segments a second by kind of sender, in place of the usual ones; 0: as many as come."""

    def rate(self, kind: str) -> int:
        """Thousandths of a segment a second; 0: not held back."""
        usual = PER_SECOND.get(kind, 0)
        wanted = self.per_second.get(kind, usual) * MILLI
        return max(round(wanted), 1) if wanted else 0

    def capacity(self, kind: str) -> int:
        """Segments that may wait for a sender."""
        hours = min(self.queue_hours, WHATSAPP_HOURS) if kind == "whatsapp" else self.queue_hours
        return round(self.rate(kind) * hours * 3_600) // MILLI

    @property
    def refuses(self) -> bool:
        """Whether a full queue refuses a create that names its sender (21611)."""
        return self.queue_hours > CLASSIC_HOURS


def kind_of(sender: str) -> SenderKind:
    """What kind of sender an address is."""
    if sender.startswith("+"):
        if sender.startswith(TOLL_FREE):
            return "toll_free"
        return "long_code_us_ca" if is_us_or_canada(sender) else "long_code"
    if sender.isdigit():
        return "short_code"
    return _CHANNELS.get(sender.partition(":")[0], "alphanumeric")
