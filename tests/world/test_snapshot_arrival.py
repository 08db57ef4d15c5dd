"""Making a snapshot of what came in."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
import pytest
from msgspec.structs import replace

from mockserver.world.snapshot import Snapshot
from mockserver.world.snapshot_arrival import SMALL, NotJson, arrived
from mockserver.world.snapshot_form import BadSnapshot
from mockserver.world.snapshot_layout import chunks, laid

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

LARGE = 600_000
"""Bytes of a content that make a large snapshot of two."""


class Seen:
    """Keeps the outlines that it is shown."""

    def __init__(self) -> None:
        self.outlines: list[Any] = []

    def __call__(self, outline: Any) -> None:
        self.outlines.append(outline)


async def some(make_world: "MakeWorld", size: int = 0) -> Snapshot:
    """Two messages, and two contents of so many bytes."""
    world = make_world(clock="manual")
    for _ in range(2):
        await world.create()
    taken = world.sandbox.snapshot()
    return replace(taken, media_contents={name: bytes(size) for name in ("a", "b")})


def cut(body: bytes) -> list[bytes]:
    return [body[start : start + 65_536] for start in range(0, len(body), 65_536)]


def as_laid(snapshot: Snapshot) -> Sequence[bytes]:
    return list(chunks(laid(snapshot)))


def in_one_line(snapshot: Snapshot) -> Sequence[bytes]:
    return cut(msgspec.json.encode(snapshot))


def indented(snapshot: Snapshot) -> Sequence[bytes]:
    return cut(msgspec.json.format(msgspec.json.encode(snapshot), indent=4))


@pytest.mark.parametrize("size", [0, LARGE])
@pytest.mark.parametrize("lay", [as_laid, in_one_line, indented])
async def test_any_layout(
    make_world: "MakeWorld", lay: Callable[[Snapshot], Sequence[bytes]], size: int
) -> None:
    """Small or large; only what lies otherwise is shown in outline."""
    snapshot, seen = await some(make_world, size), Seen()
    body = lay(snapshot)
    assert (sum(map(len, body)) > SMALL) == bool(size)
    assert await arrived(body, seen) == snapshot
    assert len(seen.outlines) == (lay is not as_laid)
    for outline in seen.outlines:
        assert outline["messages"] == [{}]
        assert outline["at"] == snapshot.at


async def test_who_sees_the_outline_may_refuse(make_world: "MakeWorld") -> None:
    """Before anything is said of what is in it."""

    def refuse(outline: Any) -> None:
        raise LookupError(outline["at"])

    broken = orjson.dumps({**msgspec.to_builtins(await some(make_world)), "at": "now"})
    with pytest.raises(LookupError, match="now"):
        await arrived([broken], refuse)


@pytest.mark.parametrize("size", [0, LARGE])
@pytest.mark.parametrize("lay", [as_laid, in_one_line])
async def test_what_is_wrong(
    make_world: "MakeWorld", lay: Callable[[Snapshot], Sequence[bytes]], size: int
) -> None:
    """A value of the wrong type, and one that cannot be: each is refused with its place."""
    good = await some(make_world, size)
    document = orjson.loads(b"".join(lay(good)))
    document["messages"][1]["delivery"]["status"] = 7
    with pytest.raises(BadSnapshot, match=r"got `int` - at `\$\.messages\[1\]\.delivery\.status`"):
        await arrived(list(laid(document)) if lay is as_laid else [orjson.dumps(document)], Seen())
    document["messages"][1]["delivery"]["status"] = "lost"
    with pytest.raises(BadSnapshot, match=r"messages\[1\]: 'lost' is not a status"):
        await arrived(list(laid(document)) if lay is as_laid else [orjson.dumps(document)], Seen())


@pytest.mark.parametrize("body", [b"{", b'{"at": 1,}', b"{\n" * 3, b"[" * 3_000, b"[" * 2_000_000])
async def test_what_is_no_json(body: bytes) -> None:
    """Small or large, it is said."""
    with pytest.raises(NotJson):
        await arrived([body], Seen())


async def test_nothing_is_an_empty_document() -> None:
    """Which lacks what a snapshot must have."""
    seen = Seen()
    with pytest.raises(BadSnapshot, match="opens nothing"):
        await arrived([], seen)
    assert seen.outlines == [{}]
