"""The file: what is written, who may have it, and what it is not."""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.house import BadState
from mockserver.world.state.coming_back import NONSENSE
from mockserver.world.state.file import (
    AT_ONCE,
    MARK,
    READ,
    SCHEMA,
    VERSION,
    Batch,
    StateFile,
    explained,
)

PAGE = 4096

Content = tuple[list[Any], list[Any], list[Any]]


def content(file: StateFile) -> Content:
    """All that is in it of sandbox 1."""
    return file.sandboxes(), list(file.rows(1)), list(file.messages(1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def file(path: Path) -> Iterator[StateFile]:
    file = StateFile(path)
    yield file
    file.close()


def test_nobody_else_may_read_it(path: Path, file: StateFile) -> None:
    """It holds tokens; the same goes for its log."""
    for each in (path, path.with_name("state.db-wal")):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_a_file_that_others_may_read_is_closed(path: Path) -> None:
    """It was one before, perhaps copied."""
    path.touch(0o644)
    StateFile(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rows_stay_in_their_places(file: StateFile) -> None:
    """Unless they are put behind all others."""
    batch = Batch()
    for place, key in enumerate("abc", 1):
        batch.put((1, "page", key), place, key.encode())
    file.write(batch)
    batch = Batch()
    batch.put((1, "page", "a"), 0, b"other")
    batch.put((1, "page", "b"), 4, b"last")
    batch.rows[1, "page", "c"] = None
    batch.put((2, "page", "a"), 1, b"of another sandbox")
    file.write(batch)
    assert list(file.rows(1)) == [("page", "a", 1, b"other"), ("page", "b", 4, b"last")]


def test_messages_and_what_became_of_them(file: StateFile) -> None:
    """Each is written without the other."""
    batch = Batch()
    batch.put_message((1, 1), b"second", b"queued")
    batch.put_message((1, 0), b"first", b"queued")
    file.write(batch)
    batch = Batch()
    batch.put_message((1, 0), None, b"sent")
    batch.put_message((1, 1), b"redacted", None)
    file.write(batch)
    assert list(file.messages(1)) == [(0, b"first", b"sent"), (1, b"redacted", b"queued")]
    batch = Batch()
    batch.messages[1, 0] = None
    file.write(batch)
    assert list(file.messages(1)) == [(1, b"redacted", b"queued")]


@pytest.mark.parametrize("count", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE * 3 + 7])
def test_any_number_of_rows(file: StateFile, count: int) -> None:
    """However many one statement takes."""
    batch = Batch()
    for number in range(count):
        batch.put((1, "page", f"{number}"), number + 1, b"x")
        batch.put_message((1, number), b"m", b"d")
    file.write(batch)
    assert [len(each) for each in content(file)] == [0, count, count]
    batch = Batch()
    for number in range(count):
        batch.rows[1, "page", f"{number}"] = batch.messages[1, number] = None
    file.write(batch)
    assert content(file) == ([], [], [])


ROW = st.tuples(st.sampled_from("abc"), st.sampled_from(("put", "last", "drop")), st.integers(0, 3))


def batch_of(deeds: list[tuple[str, str, int]], first: int) -> Batch:
    """A row and a message for each; every new one has a new place."""
    batch = Batch()
    for place, (key, deed, number) in enumerate(deeds, first):
        content = f"{place}".encode()
        if deed == "drop":
            batch.rows[1, "page", key] = batch.messages[1, number] = None
        else:
            batch.put((1, "page", key), place if deed == "last" else 0, content)
            batch.put_message((1, number), content, content if deed == "last" else None)
    return batch


@given(st.lists(ROW), st.lists(ROW))
def test_what_could_not_be_written_goes_with_what_comes_next(
    first: list[tuple[str, str, int]], second: list[tuple[str, str, int]]
) -> None:
    """One batch that takes in another one is as good as both."""
    together, later = batch_of(first, 1), batch_of(second, 100)
    together.go_on(later)
    rows: dict[Any, Any] = {}
    for batch in (batch_of(first, 1), batch_of(second, 100)):
        for key, row in batch.rows.items():
            before = rows.get(key)
            rows[key] = row and (row[0] or (before[0] if before else 0), row[1])
    assert together.rows == rows
    messages = batch_of(first, 1).messages
    for place, message in later.messages.items():
        known = messages.get(place)
        if message is not None and known is not None:
            message = message[0] or known[0], message[1] or known[1]
        assert together.messages[place] == message


def test_all_of_it_or_nothing(file: StateFile) -> None:
    """What cannot be written leaves no trace, and the next batch goes through."""
    batch, broken = Batch(), Batch()
    broken.put((1, "page", "a"), 1, b"x")
    broken.put_message((1, 0), b"m", b"d")
    broken.sandboxes[1] = (1, "one", object())  # type: ignore[assignment]
    with pytest.raises(sqlite3.Error):
        file.write(broken)
    assert content(file) == ([], [], [])
    batch.sandboxes[1] = 1, "one", b"plan"
    file.write(batch)
    assert file.sandboxes() == [(1, 1, "one", b"plan")]


def test_a_sandbox_that_begins_anew(file: StateFile) -> None:
    """It has another number, and the same rank; its old rows are swept out, a few at a time."""
    batch = Batch()
    batch.sandboxes |= {1: (1, "one", b"plan"), 2: (2, "two", b"plan")}
    for number in range(10):
        batch.put((1, "page", f"{number}"), number + 1, b"x")
        batch.put_message((1, number), b"m", b"d")
    file.write(batch)
    assert not file.sweep()
    batch = Batch()
    batch.sandboxes |= {3: (1, "one", b"plan"), 1: None}
    file.write(batch)
    assert [row[:3] for row in file.sandboxes()] == [(3, 1, "one"), (2, 2, "two")]
    while file.sweep():
        """A few more."""
    assert content(file)[1:] == ([], [])


def test_a_sweep_that_was_cut_short_goes_on(path: Path) -> None:
    """At the next start; the numbers of what is left are not given again."""
    file, batch = StateFile(path), Batch()
    batch.sandboxes[1] = 1, "one", b"plan"
    batch.put((1, "page", "a"), 1, b"x")
    batch.put_message((7, 0), b"m", b"d")
    file.write(batch)
    file.close()
    file = StateFile(path)
    assert file.last_number == 7
    while file.sweep():
        """A few more."""
    assert (list(file.messages(7)), len(list(file.rows(1)))) == ([], 1)
    file.close()


# What would be lost


@pytest.mark.parametrize("name", [":memory:", "st?mode=memory", "file:state.db", "ä 'b'#%20"])
def test_a_name_that_means_something_to_sqlite(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is that of a file, like any other."""
    monkeypatch.chdir(tmp_path)
    file, batch = StateFile(Path(name)), Batch()
    batch.sandboxes[1] = 1, "one", b"plan"
    file.write(batch)
    file.close()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    file = StateFile(Path(name))
    assert file.sandboxes() == [(1, 1, "one", b"plan")]
    file.close()


@pytest.mark.parametrize("tail", ["", "-wal"])
def test_a_file_that_was_removed_meanwhile(path: Path, file: StateFile, tail: str) -> None:
    """Nothing is written into what nobody will find again: whoever waits is told."""
    path.with_name(path.name + tail).unlink()
    batch = Batch()
    batch.sandboxes[1] = 1, "one", b"plan"
    with pytest.raises(FileNotFoundError):
        file.write(batch)
    assert file.sandboxes() == []


def test_a_file_that_was_replaced_meanwhile(path: Path, file: StateFile) -> None:
    """As one that was removed."""
    other = path.with_name("other")
    other.touch()
    other.rename(path)
    batch = Batch()
    batch.sandboxes[1] = 1, "one", b"plan"
    with pytest.raises(OSError, match="somebody replaced it"):
        file.write(batch)
    assert file.sandboxes() == []


def test_a_log_of_which_the_end_is_damaged(path: Path, tmp_path: Path) -> None:
    """What was written before it is there."""
    file = StateFile(path)
    for number in range(1, 20):
        batch = Batch()
        batch.sandboxes[number] = number, f"{number}", b"plan"
        file.write(batch)
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    log = path.with_name("state.db-wal").read_bytes()
    copy.with_name("copy.db-wal").write_bytes(log[:-100] + bytes(100))
    file.close()
    again = StateFile(copy)
    assert [number for number, *_ in again.sandboxes()] == [*range(1, 19)]
    again.close()


# What is refused


def test_a_damaged_file(path: Path) -> None:
    """Wherever it is damaged, the refusal names the file."""
    file, batch = StateFile(path), Batch()
    batch.sandboxes[1] = 1, "one", b"plan"
    for number in range(500):
        batch.put((1, "page", f"{number}"), number + 1, b"x" * 100)
        batch.put_message((1, number), b"m" * 100, b"d" * 100)
    file.write(batch)
    file.close()
    whole = path.read_bytes()
    for page in range(1, len(whole) // PAGE):
        path.write_bytes(whole[: page * PAGE] + b"\xa5" * PAGE + whole[(page + 1) * PAGE :])
        with pytest.raises((BadState, *NONSENSE)) as refused:
            read(path)
        assert "malformed" in str(refused.value)


def read(path: Path) -> None:
    """Everything that is in a file."""
    file = StateFile(path)
    try:
        assert file.sandboxes()
        assert list(file.rows(1))
        assert list(file.messages(1))
    finally:
        file.close()


def test_one_server_at_a_time(path: Path, file: StateFile) -> None:
    """The other is told which file it is."""
    with pytest.raises(BadState, match=r"state\.db is in use by another server; stop that one"):
        StateFile(path)
    file.close()
    StateFile(path).close()


def test_a_database_of_another_program(path: Path) -> None:
    """It is not touched."""
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE letters (text)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(BadState, match=r"state\.db is a database of another program"):
        StateFile(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(path: Path) -> None:
    """Nor is that."""
    path.write_text("a letter to somebody, which is long enough to be taken for a file\n" * 99)
    with pytest.raises(BadState, match=r"state.db is no state file of this program"):
        StateFile(path)
    assert path.read_text().startswith("a letter")


@pytest.mark.parametrize(("version", "said"), [(VERSION + 1, "a newer"), (READ[0] - 1, "an older")])
def test_a_file_of_another_version(path: Path, version: int, said: str) -> None:
    """It says which, and what to do."""
    with sqlite3.connect(path) as other:
        other.executescript(SCHEMA)
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    told = f"written by {said} version .its form is {version}, this one reads {VERSION}"
    with pytest.raises(BadState, match=told):
        StateFile(path)


def test_an_empty_file_is_begun(path: Path) -> None:
    """Such as one that a test framework makes."""
    path.touch()
    StateFile(path).close()
    with sqlite3.connect(path) as other:
        assert other.execute("PRAGMA application_id").fetchone() == (MARK,)
    other.close()


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("database is locked", "is in use by another server; stop that one"),
        ("database disk image is malformed", "is damaged; put a copy of it back"),
        ("no such table: rows", "is damaged; put a copy of it back"),
        ("database or disk is full", "has no room on its disk; make some"),
        ("attempt to write a readonly database", "may not be written, or its folder"),
        ("disk I/O error", "cannot use state.db: disk I/O error"),
    ],
)
def test_why_it_cannot_be_used(problem: str, said: str) -> None:
    """And what to do; with the words of SQLite, which can be searched for."""
    told = str(explained(Path("state.db"), sqlite3.OperationalError(problem)))
    assert said in told
    assert problem in told


def test_a_table_is_missing(path: Path) -> None:
    """Somebody had it open in another program."""
    StateFile(path).close()
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE sandboxes")
    other.close()
    with pytest.raises(BadState, match=r"state\.db is damaged; .*no such table: sandboxes"):
        StateFile(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The reason is the system's."""
    with pytest.raises(BadState, match=r"cannot open .*nowhere.state.db: No such file"):
        StateFile(tmp_path / "nowhere" / "state.db")
