"""Dictionaries that grow large, in leaves: none of them takes long to grow.

One of a million keys stands still for forty milliseconds when it grows, the sixteenth part of it
for three.
"""

from typing import TypeVar

from mockserver.world.paper import Paper, loose

V = TypeVar("V")


class Leaves(dict[str, dict[str, V]]):
    """A dictionary for each last letter of keys: in SIDs and numbers that is a digit.

    Who looks for a key writes `leaves[key[-1:]].get(key)`, since a method would be one call more
    for each look.
    """

    __slots__ = ("_name", "_paper")

    def __init__(self, paper: Paper = loose, name: str = "") -> None:
        """Whoever wants to know what changes gets each leaf on a page, as `messages/7`."""
        super().__init__()
        self._paper, self._name = paper, name

    def __missing__(self, end: str) -> dict[str, V]:
        leaf = self[end] = self._paper(f"{self._name}/{end}")
        return leaf
