"""What forks began with, and begin with again: in the file in pieces, under numbers of their own.

So a fork that begins again refers to what is there already. The pieces are packed: it is mostly the
same as what is in the fork's rows.
"""

import zlib
from typing import TYPE_CHECKING, Final

from mockserver.world.state.file import StateFile
from mockserver.world.state.scribe import Desk

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot import Snapshot

PAGE: Final = "origin"
"""What the pieces are called in the file, by their places."""

QUICKLY: Final = 1
"""A tenth of the size in a third of the time that zlib takes by itself."""


def write(origin: "Snapshot", number: int, desk: Desk) -> None:
    """Put it down, as it lies when it goes over the wire."""
    from mockserver.world.snapshot_layout import chunks, laid

    for place, chunk in enumerate(chunks(laid(origin))):
        desk.batch.put((number, PAGE, str(place)), place + 1, zlib.compress(chunk, QUICKLY))


def read(file: StateFile, number: int) -> "Snapshot":
    """It again; raise `ValueError` for what makes no sense."""
    from mockserver.world.snapshot_reading import lines_of
    from mockserver.world.snapshot_reading import read as read_lines

    pieces = (content for _, _, _, content in file.rows(number))
    try:
        return read_lines(lines_of(map(zlib.decompress, pieces)))
    except zlib.error as wrong:
        raise ValueError(str(wrong)) from None


class Origins:
    """Those that the file has, by the sandboxes that began with them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Snapshot, int]] = {}

    def number(self, sandbox_id: str, origin: "Snapshot | None") -> int:
        """Where it is; 0 for one that is not there, or none."""
        known = self._known.get(sandbox_id)
        return known[1] if known is not None and known[0] is origin else 0

    def know(self, sandbox_id: str, origin: "Snapshot", number: int) -> None:
        """The file has it."""
        self._known[sandbox_id] = origin, number

    def forget(self, sandbox_id: str) -> int:
        """Nobody begins with it again; its number, or 0."""
        return self._known.pop(sandbox_id, (None, 0))[1]
