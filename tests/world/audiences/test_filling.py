"""Blocks out of rows: from documents, files, and bytes that come in pieces."""

import json
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import pytest

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.audiences.profiles import Profile
from mockserver.domain.audiences.rows import BadRow, CsvRows, JsonRows
from mockserver.world.audiences.filling import (
    ROWS,
    Filling,
    TooMany,
    at_once,
    in_turns,
    of_file,
    of_pieces,
    of_rows,
)
from mockserver.world.audiences.stores import MOST, Store

STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
ID, OTHER = (f"mem_profile_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")


class Crowded:
    """A store with room for so many."""

    def __init__(self, room: int) -> None:
        self.count = MOST - room

    def find(self, profile_id: str) -> int | None:
        return None


def phones(batch: Batch) -> list[str]:
    return [ends[0][1] for block in batch.blocks for ends in block.all_ends()]


def number(place: int) -> str:
    return f"+1415{2_000_000 + place}"


def csv_of(count: int) -> bytes:
    lines = "".join(f"{number(place)},{place}\n" for place in range(count))
    return f"phone,n\n{lines}".encode()


def steps_of(steps: Generator[None, None, Batch]) -> int:
    """How often it gives way to others."""
    return sum(1 for _ in steps)


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def test_rows_of_a_document_are_put_into_blocks() -> None:
    """A thousand each, the last one what is left."""
    batch = at_once(of_rows([{"phone": number(place)} for place in range(2_345)]))
    assert [block.count for block in batch.blocks] == [1_000, 1_000, 345]
    assert phones(batch) == [number(place) for place in range(2_345)]
    assert at_once(of_rows([])) == Batch()


def test_others_get_their_turn_again_and_again() -> None:
    """A million rows take seconds; nobody is to wait for them."""
    assert steps_of(of_rows([{} for _ in range(10 * ROWS)])) == 10


def test_a_bad_row_is_told_by_its_place_in_the_list() -> None:
    """And nothing is kept of the others."""
    with pytest.raises(BadRow, match="line 1: phone: 'x' is not a phone number"):
        at_once(of_rows([{}, {"phone": "x"}, {"phone": "y"}]))


# Ids


def test_an_id_may_be_given_once() -> None:
    """Neither twice among the rows, nor to somebody who is in the store already."""
    with pytest.raises(BadRow, match=f"line 2: id: there is a profile {ID} already"):
        at_once(of_rows([{"id": ID}, {"id": OTHER}, {"id": ID}]))
    batch = at_once(of_rows([{"id": ID}, {}]))
    assert batch.index == {ID: 0}
    store = Store(STORE, "AC").grown(batch, 7)
    for taken in (ID, store.profile_id(1)):
        with pytest.raises(BadRow, match="already"):
            at_once(of_rows([{"id": taken}], store))
    assert at_once(of_rows([{"id": OTHER}], store)).index == {OTHER: 0}


# The limit


def test_a_store_has_a_limit() -> None:
    """What is one too many is refused, and the limit is named."""
    room = Crowded(3)
    assert at_once(of_rows([{}] * 3, room)).count == 3
    with pytest.raises(TooMany, match=f"at most {MOST} members"):
        at_once(of_rows([{}] * 4, room))
    assert MOST == 1_000_000


def test_the_limit_holds_for_profiles_one_by_one() -> None:
    """However they come."""
    filling = Filling(Crowded(1))
    filling.add(Profile(b"{}"))
    with pytest.raises(TooMany):
        filling.add(Profile(b"{}"))


# Files


@pytest.mark.parametrize("name", ["people.csv", "PEOPLE.CSV"])
def test_a_table_is_read_bit_by_bit(tmp_path: Path, name: str) -> None:
    """By the end of its name, whatever its case; larger than any piece of it."""
    path = tmp_path / name
    path.write_bytes(csv_of(6_000))
    batch = at_once(of_file(path))
    assert phones(batch) == [number(place) for place in range(6_000)]
    assert batch.blocks[5].traits_of(999) == {"phone": number(5_999), "n": "5999"}
    assert steps_of(of_file(path)) >= 6_000 // ROWS


@pytest.mark.parametrize("name", ["people.jsonl", "people.ndjson"])
def test_lines_of_json_are_read_bit_by_bit(tmp_path: Path, name: str) -> None:
    """Without an end to the last one."""
    path = tmp_path / name
    path.write_text("\n".join(json.dumps({"phone": number(n), "n": n}) for n in range(3_000)))
    batch = at_once(of_file(path))
    assert phones(batch) == [number(place) for place in range(3_000)]
    assert batch.blocks[2].traits_of(999)["n"] == 2_999


def test_a_bad_row_of_a_file_is_told_by_its_line(tmp_path: Path) -> None:
    """Far behind the first piece too."""
    path = tmp_path / "people.csv"
    path.write_bytes(csv_of(6_000) + b"abc,1\n")
    with pytest.raises(BadRow, match="line 6002: phone: 'abc' is not a phone number"):
        at_once(of_file(path))


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    """Nor is one whose name says nothing of what is in it."""
    with pytest.raises(FileNotFoundError):
        at_once(of_file(tmp_path / "people.csv"))
    with pytest.raises(KeyError):
        at_once(of_file(tmp_path / "people.txt"))


# Pieces


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_pieces_make_the_same_blocks(size: int) -> None:
    """Wherever they are cut."""
    data = csv_of(450)
    batch = await of_pieces(pieces(data, size), CsvRows())
    assert phones(batch) == [number(place) for place in range(450)]


async def test_a_bad_row_in_pieces_is_told_by_its_line() -> None:
    """As in a file; of either kind."""
    with pytest.raises(BadRow, match="line 3: phone: must be text"):
        await of_pieces(pieces(b'{}\n{}\n{"phone":1}\n{}', 5), JsonRows())


async def test_steps_can_be_taken_in_turns() -> None:
    """With the same result as at once."""
    rows: list[dict[str, Any]] = [{"n": place} for place in range(3 * ROWS)]
    assert await in_turns(of_rows(rows)) == at_once(of_rows(rows))
