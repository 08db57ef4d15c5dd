"""Regular expressions that strangers write: none of them can hold the event loop up.

Python's own engine tries every way to match, and cannot be stopped; `(a+)+$` on some forty letters
takes it hours. This one takes time in proportion to the text, and knows no look-around and no back
references for it.
"""

from collections.abc import Callable
from typing import Final

import jsonschema_rs

Looks = Callable[[str], bool]

LARGEST: Final = 1 << 18
"""Bytes that a compiled expression may have, and those that it may fill while it matches."""


def expression(text: str) -> Looks:
    """Whether it fits anywhere in a text; raise `ValueError` for what is none, or is too large."""
    bounds = jsonschema_rs.RegexOptions(size_limit=LARGEST, dfa_size_limit=LARGEST)
    try:
        found = jsonschema_rs.Draft202012Validator({"pattern": text}, pattern_options=bounds)
    except jsonschema_rs.ValidationError:
        raise ValueError(f"{text[:100]!r} is no regular expression") from None
    return found.is_valid
