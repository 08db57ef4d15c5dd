"""Durations as people write them: `500ms`, `1.5s`, `2m`, `4h`, `1d`, or a number of seconds."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

UNITS: Final[Mapping[str, int]] = {
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
}
"""Microseconds in each unit, largest first."""

LONGEST: Final = 36_500 * UNITS["d"]
"""A hundred years; what is longer is a slip of the pen, and would leave the range of dates."""

_DURATION: Final = re.compile(
    r"([0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15}) ?(ms|s|m|h|d)?"
).fullmatch


def microseconds(value: object) -> int:
    """Read a duration; raise `ValueError`, with a sentence that names the fix, for anything else.

    A number, or text without a unit, is seconds.
    """
    match = None if isinstance(value, bool) else _DURATION(_plain(value))
    if match is None:
        raise ValueError(f"{value!r} is not a duration: use 500ms, 1.5s, 2m, 4h, 1d or seconds")
    length = round(Decimal(match[1]) * UNITS[match[2] or "s"])
    if length > LONGEST:
        raise ValueError(f"{value!r} is longer than a hundred years")
    return length


def _plain(value: object) -> str:
    """Text as it is; a number without an exponent; nothing for other types."""
    if isinstance(value, str):
        return value.strip()
    return f"{Decimal(repr(value)):f}" if isinstance(value, (int, float)) else ""


def written(length: int) -> str:
    """`length` microseconds in the largest unit that needs no decimals; `microseconds` reads it."""
    for unit, size in UNITS.items():
        if length and length % size == 0:
            return f"{length // size}{unit}"
    return f"{Decimal(length) / UNITS['s']:f}s"
