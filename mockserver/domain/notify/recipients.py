"""`ToBinding`: addresses that a notification goes to directly, up to ten thousand of them.

Each is a JSON text. One that cannot be read refuses the whole request; one whose address cannot be
reached is a recipient nevertheless, to whom nothing can be delivered (52001).
"""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from mockserver.domain.notify.bindings import is_reachable

UNREACHABLE: Final = 52001
"""Invalid destination binding."""


class Recipient(msgspec.Struct, frozen=True, gc=False):
    """One address, in the order of the request; the same address twice is two recipients."""

    binding_type: str
    address: str

    @property
    def code(self) -> int:
        """What its delivery fails with from the outset; 0 for nothing."""
        return 0 if is_reachable(self.binding_type, self.address) else UNREACHABLE


class _Written(msgspec.Struct, gc=False):
    """As it is on the wire. Attributes that it does not know are ignored."""

    binding_type: Literal["apn", "gcm", "sms", "fcm", "facebook-messenger", "alexa"]
    address: str


_READ: Final = msgspec.json.Decoder(_Written).decode


def read_recipients(texts: Iterable[str]) -> tuple[Recipient, ...] | None:
    """All of them, or `None` where one is not a JSON object with a channel and an address.

    Of an attribute that is there twice the last one counts, as in any JSON.
    """
    try:
        written = [_READ(text) for text in texts]
    except (ValueError, RecursionError):  # msgspec's errors are of the first
        return None
    return tuple([Recipient(each.binding_type, each.address) for each in written])
