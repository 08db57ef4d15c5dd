"""SIDs: two letters that say what a thing is, and 32 hexadecimal digits.

Source: Twilio's OpenAPI descriptions (`^XX[0-9a-fA-F]{32}$`, length 34); `RQ` and `XE` were seen in
answers.
"""

import re
from collections.abc import Mapping
from typing import Final

PREFIXES: Final[Mapping[str, str]] = {
    "AC": "Account",
    "AD": "Address",
    "AI": "Alpha sender",
    "AP": "Application",
    "BN": "A2P brand",
    "BS": "Notify binding",
    "BU": "Regulatory bundle",
    "CA": "Call",
    "CR": "Credential of a push service",
    "DF": "Event Streams subscription",
    "DG": "Event Streams sink",
    "EZ": "Event",
    "HH": "Toll-free verification",
    "HX": "Content template",
    "IS": "Notify Service",
    "ME": "Media",
    "MG": "Messaging Service",
    "MM": "Message with media",
    "NO": "Notification or alert",
    "NT": "Notification of Notify",
    "PN": "Incoming phone number or outgoing caller id",
    "QE": "A2P campaign",
    "RI": "Identity document",
    "RQ": "Request id",
    "SC": "Short code",
    "SG": "Segment of Notify users",
    "SK": "API key or signing key",
    "SM": "Message",
    "US": "Notify user",
    "UT": "Usage trigger",
    "XE": "Channel sender",
}
"""What each prefix stands for."""

ENTROPY: Final = 16
"""Bytes behind the prefix of a SID."""

_SID: Final = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}").fullmatch


def mint(prefix: str, entropy: bytes) -> str:
    """The SID made of `prefix` and 16 given bytes; raise `ValueError` for any other amount."""
    if len(entropy) != ENTROPY:
        raise ValueError(f"a SID takes {ENTROPY} bytes, not {len(entropy)}")
    return prefix + entropy.hex()


def is_sid(value: str, *prefixes: str) -> bool:
    """Whether `value` is a SID, with one of `prefixes` where any are given.

    Upper-case hexadecimal digits are accepted, as Twilio's own patterns do; prefixes are exact.
    """
    return _SID(value) is not None and (not prefixes or value[:2] in prefixes)
