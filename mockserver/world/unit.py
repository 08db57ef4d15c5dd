"""What one command, or one tick, wrote."""

from mockserver.world.ports import Notice, Posting

Row = tuple[str, str, object]
"""Table, key, record; `None` for a record that goes."""


class Unit:
    """What one command, or one tick, wrote: rows for the store, notices to release after it."""

    __slots__ = ("notices", "rows")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.notices: list[Notice | Posting] = []

    def put(self, table: str, key: str, record: object) -> None:
        self.rows.append((table, key, record))
