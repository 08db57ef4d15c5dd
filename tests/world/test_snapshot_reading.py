"""Reading the lines of a snapshot."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.snapshot_form import BadSnapshot, Snapshot
from mockserver.world.snapshot_layout import laid
from mockserver.world.snapshot_reading import Unlaid, lines_of, read

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld


@given(st.lists(st.binary(max_size=5), max_size=6))
def test_lines_of_chunks(parts: list[bytes]) -> None:
    """However a body was cut, its lines are the same."""
    whole = b"".join(parts)
    lines = whole.split(b"\n")
    assert list(lines_of(parts)) == (lines if lines[-1] else lines[:-1])


async def some(make_world: "MakeWorld") -> Snapshot:
    """With messages, a deleted one among them, and a rule in force."""
    world = make_world(clock="manual")
    sandbox = world.sandbox
    for _ in range(3):
        await world.create()
    await world.advance(60)
    await sandbox.messages.delete(next(sandbox.tables.messages.places.oldest_first()))
    return sandbox.snapshot()


def lines(snapshot: Any) -> list[bytes]:
    return list(lines_of(laid(snapshot)))


async def test_what_is_laid_is_read(make_world: "MakeWorld") -> None:
    """From records, and from a document of them."""
    snapshot = await some(make_world)
    assert read(lines(snapshot)) == snapshot
    assert read(lines(msgspec.to_builtins(snapshot))) == snapshot


async def test_every_comma_counts(make_world: "MakeWorld") -> None:
    """With one less or one more it is no JSON, and is not read as if it were."""
    whole = lines(await some(make_world))
    for place, line in enumerate(whole):
        spoilt = list(whole)
        spoilt[place] = line[:-1] if line.endswith(b",") else line + b","
        with pytest.raises(Unlaid):
            read(spoilt)


async def test_every_line_counts(make_world: "MakeWorld") -> None:
    """Cut off anywhere, or with more behind it, it is none."""
    whole = lines(await some(make_world))
    for end in range(len(whole)):
        with pytest.raises(Unlaid):
            read(whole[:end])
    with pytest.raises(Unlaid):
        read([*whole, b"{}"])


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(at="now"),
        lambda found: found.update(unknown=1),
        lambda found: found.pop("accounts"),
        lambda found: found.update(accounts={"a": 1}),
        lambda found: found.update(repeats=[1]),
        lambda found: found.update(repeats={"SM": "x"}),
        lambda found: found.update(numbers=[{"phone": 1}]),
        lambda found: found["messages"][1]["message"].update(body=None),
        lambda found: found["messages"][1].pop("delivery"),
        lambda found: found["notify"].update(users=[3]),
        lambda found: found["notify"].update(unknown=[3]),
        lambda found: found.update(operations=[{"id": "x"}]),
        lambda found: found.update(operations=["x"]),
    ],
)
async def test_what_does_not_fit(make_world: "MakeWorld", change: Change) -> None:
    """It is said in the words, and with the place, of one who reads it in one go."""
    found: dict[str, Any] = msgspec.to_builtins(await some(make_world))
    change(found)
    with pytest.raises(msgspec.ValidationError) as at_once:
        msgspec.convert(found, Snapshot)
    with pytest.raises(BadSnapshot) as in_pieces:
        read(lines(found))
    said = str(at_once.value)
    assert str(in_pieces.value) == (said if " - at `" in said else f"{said} - at `$`")
