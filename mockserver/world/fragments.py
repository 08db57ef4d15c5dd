"""Messages as they were last written for the wire."""

from collections.abc import Mapping
from typing import Final

from mockserver.domain.message import Message
from mockserver.world.leaves import Leaves
from mockserver.world.shelves import Shelf

FRAGMENTS_KEPT: Final = 50_000
"""Rendered messages kept for the next fetch or list: about 40 MB at most."""


class Fragments(dict[str, bytes]):
    """Wire JSON by SID, which the table drops when the message changes."""

    __slots__ = ("_messages", "_shelves")

    def __init__(self, messages: Leaves[Message], shelves: Mapping[str, Shelf]) -> None:
        """`messages` are those on no shelf."""
        super().__init__()
        self._messages, self._shelves = messages, shelves

    def keep(self, sid: str, fragment: bytes) -> None:
        """Those of messages on shelves are not kept: nobody would say when they change."""
        if self._shelves and sid not in self._messages[sid[-1:]]:
            return
        if len(self) >= FRAGMENTS_KEPT:
            self.clear()  # taking out the oldest ones singly scans what was taken before
        self[sid] = fragment
