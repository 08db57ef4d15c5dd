"""What tables are written on: plain dictionaries, unless somebody wants to know what changes."""

from collections.abc import Callable
from typing import Any

Paper = Callable[[str], dict[str, Any]]
"""Makes an empty dictionary for a part of a table, which it is told the name of."""


def loose(name: str) -> dict[str, Any]:
    """Nobody wants to know."""
    return {}
