"""TypeIDs: what a thing is, and a version 7 UUID, as the hosts without SIDs name things.

Source: the Communications API's reference (`^comms_sender_[0-7][a-hjkmnpqrstv-z0-9]{25,34}`); that
it is a UUIDv7 was found by decoding the examples of its pages.
"""

import re
from base64 import b32hexencode
from typing import Final

import msgspec

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, in lower case: no i, l, o, u."""

LENGTH: Final = 26
"""Characters behind the prefix: 128 bits, five at a time."""

ENTROPY: Final = 16
"""Bytes that an id is made of, of which it keeps 74 bits, or 44 beside an ordinal."""

ORDINALS: Final = 1 << 30
"""How many ids of one millisecond keep their order."""

_OURS: Final = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", ALPHABET.encode())
"""From RFC 4648's base 32 of hexadecimal order."""

_BACK: Final = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
"""To the digits that `int` reads."""

_MILLISECOND: Final = 1_000
"""In microseconds."""

_ID: Final = re.compile(r"([a-z][a-z_]*)_[0-7][a-hjkmnpqrstv-z0-9]{25,34}").fullmatch


def mint(prefix: str, at: int, entropy: bytes, ordinal: int | None = None) -> str:
    """`comms_sender_01h9…` of a time in microseconds and 16 given bytes.

    Ids of different milliseconds sort by time; those of one by `ordinal`, where it is given. Raise
    `ValueError` for any other amount of bytes.
    """
    if len(entropy) != ENTROPY:
        raise ValueError(f"an id takes {ENTROPY} bytes, not {len(entropy)}")
    random = int.from_bytes(entropy) & ((1 << 74) - 1)
    if ordinal is not None:
        random = (ordinal % ORDINALS) << 44 | random & ((1 << 44) - 1)
    time = (at // _MILLISECOND) & ((1 << 48) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return f"{prefix}_{_text(time << 80 | 0x7 << 76 | high << 64 | 0x2 << 62 | low)}"


def _text(number: int) -> str:
    """By the library, which is quick: 20 bytes are 32 characters, and ours are the last of them."""
    return b32hexencode(number.to_bytes(20)).translate(_OURS)[-LENGTH:].decode()


class Parts(msgspec.Struct, frozen=True):
    """What an id of `mint`'s with an ordinal says."""

    prefix: str
    at: int
    """Microseconds, in whole milliseconds."""
    ordinal: int
    rest: int
    """The 44 bits of entropy."""


def parts(text: str) -> Parts | None:
    """The parts of an id; nothing for what is none, or longer than ours."""
    found = _ID(text)
    if found is None or len(text) - len(found[1]) - 1 != LENGTH:
        return None
    number = int(text[-LENGTH:].translate(_BACK), 32)
    random = (number >> 64 & 0xFFF) << 62 | number & ((1 << 62) - 1)
    at = (number >> 80) * _MILLISECOND
    return Parts(found[1], at, random >> 44, random & ((1 << 44) - 1))


def is_type_id(text: str, prefix: str) -> bool:
    """Whether `text` is an id of what `prefix` names."""
    found = _ID(text)
    return found is not None and found[1] == prefix
