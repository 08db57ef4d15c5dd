"""Recipients with an outcome of their own: +1 500 556 and four digits that say how it ends.

So that a user needs no configuration. The block is ours (Twilio's own magic numbers, +1500555000x,
decide what the create answers); delivery rules go before it.
"""

from functools import lru_cache
from typing import Final

from mockserver.domain.faults.outcomes import FINAL_STATUS
from mockserver.domain.lifecycle import DELIVERED, Fate, Profile
from mockserver.domain.message import SECOND

BLOCK: Final = "+1500556"

NO_RECEIPT: Final = "8000"
"""Stays `sent`."""
READ: Final = "8001"
"""Delivered, then read."""
SLOW: Final = "9"
"""9 and three digits: delivered after so many seconds, sent halfway."""

CODES: Final = {f"{code % 10_000:04d}": code for code in FINAL_STATUS}
"""The last four digits of an error code end a message with it: 0003 is 30003, 3016 is 63016."""


def built_in(to: str) -> Fate:
    """How a message ends of which no rule says anything; on a channel too."""
    place = to.find(BLOCK)
    return DELIVERED if place < 0 else _fate(to[place + len(BLOCK) :])


@lru_cache(256)
def _fate(digits: str) -> Fate:
    if code := CODES.get(digits):
        return Fate(FINAL_STATUS[code], code)
    if digits == NO_RECEIPT:
        return Fate("sent")
    if digits == READ:
        return Fate("read")
    if digits.startswith(SLOW) and len(digits) == 4 and (seconds := int(digits[1:])):
        final = seconds * SECOND
        usual = Profile()
        sent = final // 2
        return Fate("delivered", 0, Profile(usual.queued, min(usual.sending, sent), sent, final))
    return DELIVERED
