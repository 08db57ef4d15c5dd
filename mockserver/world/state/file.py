"""The file: its tables, its version, who may read it, and that one server at a time has it."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mockserver.world.house import BadState

VERSION: Final = 2
"""Of what stands in the file."""

READ: Final = (1, VERSION)
"""Versions that are read; the first had what a fork began with in its plan."""

MARK: Final = 0x54774D6B
"""`TwMk`: SQLite's application id of our files."""

PRIVATE: Final = 0o600
"""It holds tokens: they are needed to sign webhooks."""

AT_ONCE: Final = 64
"""Rows of one statement: each statement that runs lets other threads go first."""

LITTER: Final = 500
"""Rows of sandboxes that are gone which are swept out after a transaction."""

LOG_KEPT: Final = 16 << 20
"""Bytes of the log that stay on the disk once what is in it was moved to the file."""

CHECKPOINT: Final = 1_000
"""Pages of 4 KiB in the log before they are put into the file."""

SCHEMA: Final = f"""
CREATE TABLE sandboxes (number INTEGER PRIMARY KEY, rank INTEGER, id TEXT UNIQUE, plan BLOB);
CREATE TABLE rows (
    sandbox INTEGER, page TEXT, key TEXT, place INTEGER, value BLOB,
    PRIMARY KEY (sandbox, page, key)
) WITHOUT ROWID;
CREATE TABLE messages (
    sandbox INTEGER, ordinal INTEGER, message BLOB, delivery BLOB,
    PRIMARY KEY (sandbox, ordinal)
) WITHOUT ROWID;
PRAGMA application_id = {MARK};
PRAGMA user_version = {VERSION};
"""

PUT_ROWS: Final = (
    "INSERT INTO rows VALUES {} ON CONFLICT DO UPDATE SET value = excluded.value,"
    " place = CASE WHEN excluded.place THEN excluded.place ELSE place END"
)
"""A row without a place keeps the one that it has."""

PUT_MESSAGES: Final = (
    "INSERT INTO messages VALUES {} ON CONFLICT DO UPDATE SET"
    " message = coalesce(excluded.message, message),"
    " delivery = coalesce(excluded.delivery, delivery)"
)
DROP_ROWS: Final = "DELETE FROM rows WHERE (sandbox, page, key) IN (VALUES {})"
DROP_MESSAGES: Final = "DELETE FROM messages WHERE (sandbox, ordinal) IN (VALUES {})"

NUMBERS: Final = (
    "WITH RECURSIVE found(number) AS (SELECT min(sandbox) FROM {0} UNION ALL"
    " SELECT (SELECT min(sandbox) FROM {0} WHERE sandbox > number) FROM found"
    " WHERE number IS NOT NULL) SELECT number FROM found WHERE number IS NOT NULL"
)
"""Numbers of sandboxes that have rows; each is looked up, since there may be a million rows."""

SWEEP: Final = (
    "DELETE FROM rows WHERE (sandbox, page, key) IN"
    " (SELECT sandbox, page, key FROM rows WHERE sandbox = ? LIMIT ?)",
    "DELETE FROM messages WHERE (sandbox, ordinal) IN"
    " (SELECT sandbox, ordinal FROM messages WHERE sandbox = ? LIMIT ?)",
)

RowKey = tuple[int, str, str]
"""Number of the sandbox, page, key."""

MessageKey = tuple[int, int]
"""Number of the sandbox, ordinal."""


class Batch:
    """What is written in one transaction: of each row, what it is in the end."""

    __slots__ = ("messages", "rows", "sandboxes", "size")

    def __init__(self) -> None:
        self.rows: dict[RowKey, tuple[int, bytes] | None] = {}
        """Place (0: as it is) and content; `None` for one that goes."""
        self.messages: dict[MessageKey, tuple[bytes | None, bytes | None] | None] = {}
        """Message and delivery, each `None` where it is as it was."""
        self.sandboxes: dict[int, tuple[int, str, bytes] | None] = {}
        """Rank, id and plan, by number; `None` for one of which all rows are to go."""
        self.size = 0
        """Bytes that were put into it, at least."""

    def __bool__(self) -> bool:
        return bool(self.rows or self.messages or self.sandboxes)

    def put(self, key: RowKey, place: int, content: bytes) -> None:
        """A row; with a `place`, behind all that have smaller ones."""
        if not place and (before := self.rows.get(key)) is not None:
            place = before[0]
        self.rows[key] = place, content
        self.size += len(content)

    def put_message(self, key: MessageKey, message: bytes | None, delivery: bytes | None) -> None:
        """What is known of a message, or of what became of it."""
        if (before := self.messages.get(key)) is not None:
            message, delivery = message or before[0], delivery or before[1]
        self.messages[key] = message, delivery
        self.size += len(message or b"") + len(delivery or b"")

    def go_on(self, later: "Batch") -> None:
        """Take in what came after it."""
        for key, row in later.rows.items():
            if row is None:
                self.rows[key] = None
            else:
                self.put(key, *row)
        for place, message in later.messages.items():
            if message is None:
                self.messages[place] = None
            else:
                self.put_message(place, *message)
        self.sandboxes |= later.sandboxes


class StateFile:
    """An open file, which nobody else can open meanwhile."""

    def __init__(self, path: Path) -> None:
        """Raise `BadState` for one that is not ours, of another version, or in use."""
        self.path = path
        self._place = os.path.realpath(path)
        self._connection = _opened(path, self._place)
        try:
            self._begin()
            self._litter = self._find_litter()
        except (sqlite3.DatabaseError, BadState) as wrong:
            self._connection.close()
            raise explained(path, wrong) from None
        self._identity = self._look()
        self.last_number = max(self._litter, default=0)
        """The largest number of a sandbox of which some rows are left."""

    def _begin(self) -> None:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        empty = self._check()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"wal_autocheckpoint = {CHECKPOINT}",
            f"journal_size_limit = {LOG_KEPT}",
        ):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        self._connection.execute("BEGIN EXCLUSIVE")
        if empty:
            for statement in SCHEMA.split(";"):
                self._connection.execute(statement)
        else:
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
        self._connection.execute("COMMIT")

    def _check(self) -> bool:
        """Whether nothing is in it yet; raise `BadState` for what we cannot read."""
        mark, version = self._number("application_id"), self._number("user_version")
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not (tables or mark or version):
            return True
        if mark != MARK:
            raise BadState(f"{self.path} is a database of another program; name another file")
        if version not in READ:
            newer = "a newer" if version > VERSION else "an older"
            raise BadState(
                f"{self.path} was written by {newer} version (its form is {version}, this one "
                f"reads {VERSION}); name another file, or use that version"
            )
        return False

    def _number(self, pragma: str) -> int:
        (number,) = self._connection.execute(f"PRAGMA {pragma}").fetchone()
        return int(number)

    def _find_litter(self) -> list[int]:
        """Numbers of sandboxes that are gone, but for some of their rows."""
        found: set[int] = set()
        for table in ("rows", "messages"):
            found.update(number for (number,) in self._connection.execute(NUMBERS.format(table)))
        there = self._connection.execute("SELECT number FROM sandboxes")
        return sorted(found - {number for (number,) in there})

    # Reading

    def sandboxes(self) -> list[tuple[int, int, str, bytes]]:
        """Number, rank, id and plan of each, in the order in which they were made.

        Raise `BadState` where they cannot be read.
        """
        try:
            return self._connection.execute(
                "SELECT number, rank, id, plan FROM sandboxes ORDER BY rank"
            ).fetchall()
        except sqlite3.DatabaseError as wrong:
            raise explained(self.path, wrong) from None

    def rows(self, sandbox: int) -> Iterator[tuple[str, str, int, bytes]]:
        """Page, key, place and content, in order of places; raise `sqlite3.DatabaseError`."""
        return self._connection.execute(
            "SELECT page, key, place, value FROM rows WHERE sandbox = ? ORDER BY place", (sandbox,)
        )

    def spare(self, number: int) -> None:
        """Do not sweep out the rows under a number: a sandbox refers to them."""
        self._litter = [each for each in self._litter if each != number]

    def messages(self, sandbox: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Ordinal, message and delivery, oldest first; raise `sqlite3.DatabaseError`."""
        return self._connection.execute(
            "SELECT ordinal, message, delivery FROM messages WHERE sandbox = ? ORDER BY ordinal",
            (sandbox,),
        )

    # Writing

    def write(self, batch: Batch) -> None:
        """All of it or nothing; raise `sqlite3.Error`, or `OSError` where the file was removed."""
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            self._write(cursor, batch)
            self._look_again()
            cursor.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                cursor.execute("ROLLBACK")
            raise
        finally:
            cursor.close()
        self._litter += (number for number, row in batch.sandboxes.items() if row is None)

    def _write(self, cursor: sqlite3.Cursor, batch: Batch) -> None:
        for number, row in sorted(batch.sandboxes.items(), key=_those_that_go_first):
            cursor.execute("DELETE FROM sandboxes WHERE number = ?", (number,))
            if row is not None:
                cursor.execute("INSERT INTO sandboxes VALUES (?, ?, ?, ?)", (number, *row))
        _each(cursor, DROP_ROWS, 3, [k for k, row in batch.rows.items() if row is None])
        _each(cursor, PUT_ROWS, 5, [(*k, *row) for k, row in batch.rows.items() if row is not None])
        _each(cursor, DROP_MESSAGES, 2, [k for k, row in batch.messages.items() if row is None])
        _each(cursor, PUT_MESSAGES, 4, _full(batch.messages))

    def sweep(self) -> bool:
        """Take out some rows of sandboxes that are gone; whether any are left."""
        if self._litter:
            swept = 0
            for statement in SWEEP:
                swept += self._connection.execute(statement, (self._litter[-1], LITTER)).rowcount
            if not swept:
                self._litter.pop()
        return bool(self._litter)

    def _look(self) -> tuple[int, ...]:
        """Which files are there under our names; what goes into others would be lost.

        Raise `OSError` where there are none.
        """
        return tuple(os.stat(self._place + tail).st_ino for tail in ("", "-wal"))

    def _look_again(self) -> None:
        if self._look() != self._identity:
            raise OSError("somebody replaced it, or the log beside it")

    def close(self) -> None:
        """Let others open it."""
        self._connection.close()


def _opened(path: Path, place: str) -> sqlite3.Connection:
    """A connection to a file that nobody else may read; it is made where it is not there.

    SQLite is given the whole `place`, since there are names that it takes for something else.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))
        path.chmod(PRIVATE)
    except OSError as problem:
        raise BadState(f"cannot open {path}: {problem.strerror or problem}") from None
    return sqlite3.connect(place, timeout=0, isolation_level=None, check_same_thread=False)


SAID: Final[Mapping[str, str]] = {
    "locked": "is in use by another server; stop that one, or name another file",
    "not a database": "is no state file of this program; name another file",
    "malformed": "is damaged; put a copy of it back, or name another file",
    "no such": "is damaged; put a copy of it back, or name another file",
    "full": "has no room on its disk; make some, or name another file",
    "readonly": "may not be written, or its folder, where its log goes; name another file",
}
"""What is said of a file where SQLite says something with these words."""


def explained(path: Path, wrong: Exception) -> BadState:
    """Why it cannot be used, and what to do."""
    if isinstance(wrong, BadState):
        return wrong
    for word, said in SAID.items():
        if word in str(wrong):
            return BadState(f"{path} {said} (SQLite: {wrong})")
    return BadState(f"cannot use {path}: {wrong}")


def _those_that_go_first(item: tuple[int, object]) -> bool:
    return item[1] is not None


def _full(
    messages: Mapping[MessageKey, tuple[bytes | None, bytes | None] | None],
) -> list[tuple[Any, ...]]:
    return [(*key, *message) for key, message in messages.items() if message is not None]


def _each(
    cursor: sqlite3.Cursor, statement: str, width: int, rows: Sequence[Iterable[Any]]
) -> None:
    """Run it for many rows at once, and for what is left by the half, so that few forms of it are
    compiled."""
    place, size = 0, AT_ONCE
    one = f"({', '.join('?' * width)})"
    while place < len(rows):
        while size > len(rows) - place:
            size //= 2
        values = [value for row in rows[place : place + size] for value in row]
        cursor.execute(statement.format(", ".join([one] * size)), values)
        place += size
