"""Chance, addressed by purpose and key instead of drawn, so that the order of arrival is no matter.

What routes (account and key SIDs, tokens, sandbox ids) never comes from a sandbox's seed: two
sandboxes with one seed must not share an address. Nothing else in the project rolls.
"""

import os
from hashlib import blake2b
from typing import Final

_SPAN: Final = 2**64

_FIXED: Final = 0x4 << 76 | 0x2 << 62
"""What is the same in every version 4 UUID: version and variant. Source: RFC 9562, 5.4."""
_NOT_FIXED: Final = (1 << 128) - 1 ^ (0xF << 76 | 0x3 << 62)


class Dice:
    """Chance of one sandbox: the same seed, purpose and key always fall the same way."""

    __slots__ = ("_key", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()

    def of(self, purpose: str, key: str) -> bytes:
        """Sixteen bytes that depend on seed, purpose and key alone."""
        text = f"{purpose}\0{key}".encode("utf-8", "replace")
        return blake2b(text, digest_size=16, key=self._key).digest()

    def fraction(self, purpose: str, key: str) -> float:
        """A number from 0 up to, but without, 1."""
        return int.from_bytes(self.of(purpose, key)[:8]) / _SPAN

    def uuid(self, purpose: str, key: str) -> str:
        """A version 4 UUID."""
        number = int.from_bytes(self.of(purpose, key))
        text = f"{number & _NOT_FIXED | _FIXED:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def fresh_seed() -> int:
    """A seed for a sandbox that was made without one; short enough to be typed again."""
    return int.from_bytes(os.urandom(4)) >> 1


def fresh_entropy() -> bytes:
    """Sixteen bytes for a name that routes."""
    return os.urandom(16)
