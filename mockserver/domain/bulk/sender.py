"""`from`: what no schema says of it, and its reading."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from mockserver.domain.addresses import BadAddress, is_phone_number, parse_from
from mockserver.domain.bulk.faults import GENERAL, Found
from mockserver.domain.bulk.records import SenderChoice
from mockserver.domain.sender_pools import PAIRINGS

NOT_YOURS: Final = 21606
NO_CHANNEL: Final = 63007
"""No sender of RCS or WhatsApp can have that address."""

_AGENT: Final = re.compile(r"[A-Za-z0-9._\-]{1,128}").fullmatch
"""An RCS agent, such as `bowlingteam_212_sender`."""


def faults(sender: Any) -> Iterator[Found]:
    """An address that its channel cannot have, and channels that are named twice."""
    if not isinstance(sender, dict):
        return
    address, channel = sender.get("address"), sender.get("channel")
    if isinstance(address, str) and isinstance(channel, str) and (code := bad(address, channel)):
        yield Found(("from", "address"), code, "is no sender of this channel")
    controls = sender.get("channels")
    if isinstance(controls, dict):
        for name in ("filterIn", "priority"):
            if _repeats(controls.get(name)):
                yield Found(("from", "channels", name), GENERAL, "must name a channel once")


def bad(address: str, channel: str) -> int:
    """The code that such a sender answers with; 0 where it can be one, or the channel is unknown.

    An address stands without a channel's prefix, and is never a Messaging Service.
    """
    match channel.upper():
        case "SMS":
            return 0 if _can_text(address) else NOT_YOURS
        case "WHATSAPP":
            return 0 if is_phone_number(address) else NO_CHANNEL
        case "RCS":
            return 0 if is_phone_number(address) or _AGENT(address) else NO_CHANNEL
    return 0


def _can_text(address: str) -> bool:
    try:
        parsed = parse_from(address)
    except BadAddress:
        return False
    return parsed.value == address and parsed.kind in ("phone", "short_code", "alphanumeric")


def _repeats(channels: Any) -> bool:
    if not isinstance(channels, list):
        return False
    some = islice(channels, len(PAIRINGS) + 1)  # with one more than there are, one is there twice
    named = [one.get("channel") if isinstance(one, dict) else one for one in some]
    upper = [one.upper() for one in named if isinstance(one, str)]
    return len(upper) > len(set(upper))


def read(sender: dict[str, Any] | None) -> SenderChoice | None:
    """Of a sender without fault."""
    if sender is None:
        return None
    controls = sender.get("channels", {}) if "senderPoolId" in sender else {}
    ranked = sorted(controls.get("priority", ()), key=lambda one: one["priority"])
    return SenderChoice(
        sender.get("address", ""),
        sender["channel"].upper() if "address" in sender else "",
        sender.get("senderId", ""),
        sender.get("senderPoolId", ""),
        tuple(one.upper() for one in controls.get("filterIn", ())),
        tuple(one["channel"].upper() for one in ranked),
    )
