"""A copy of the tables tells of one moment, whatever happens later."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from mockserver.domain.numbers import OptOut
from mockserver.edge.control.freeing import free
from mockserver.world.snapshot import take
from mockserver.world.snapshot_moment import moment
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World


def told(world: "World", tables: Tables) -> bytes:
    """A snapshot of tables, as it goes over the wire."""
    rules = world.sandbox.rules.in_force()
    return msgspec.json.encode(take(tables, rules, 0))


def test_nothing_in_it_is_the_tables_own() -> None:
    """Every part of the tables is another object in the copy."""
    tables = Tables()
    copy = moment(tables)
    for name in Tables.__struct_fields__:
        assert getattr(copy, name) is not getattr(tables, name), name


async def test_messages_go_on(make_world: "MakeWorld") -> None:
    """Moved, deleted and made: the copy shows none of it."""
    world = make_world(clock="manual")
    tables = world.sandbox.tables
    for _ in range(3):
        await world.create()
    before, still = told(world, tables), moment(tables)
    await world.advance(60)
    await world.sandbox.messages.delete(next(tables.messages.places.oldest_first()))
    await world.create()
    tables.opt_outs.add(OptOut("+15017122661", "+14155552671"), Unit())
    tables.media.keep("digest", b"content", Unit())
    tables.deleted.setdefault("numbers", {})["PN1"] = 0
    tables.gets.add("SM1")
    assert told(world, still) == before
    assert told(world, tables) != before


async def test_places_of_what_was_deleted_go_on(make_world: "MakeWorld") -> None:
    """Those of each table, too."""
    world = make_world(clock="manual")
    tables = world.sandbox.tables
    tables.deleted["numbers"] = {}
    before, still = told(world, tables), moment(tables)
    tables.deleted["numbers"]["PN1"] = 0
    assert told(world, still) == before


async def test_it_is_made_beside_the_loop(make_world: "MakeWorld") -> None:
    """What others do meanwhile is not in the snapshot."""
    world = make_world(clock="manual")
    await world.create()
    taking: Any = asyncio.ensure_future(world.sandbox.told())
    await asyncio.sleep(0)
    await world.create()
    assert len((await taking).messages) == 1
    assert world.sandbox.snapshot() != await taking
    assert world.sandbox.snapshot() == await world.sandbox.told()


async def test_a_reset_while_it_is_made(make_world: "MakeWorld") -> None:
    """It tells of the moment that it was asked for; the old tables are freed once it is there."""
    world = make_world(clock="manual")
    for _ in range(50):
        await world.create()
    before = world.sandbox.snapshot()
    taking: Any = asyncio.ensure_future(world.sandbox.told())
    await asyncio.sleep(0)
    old = world.sandbox.reset()
    freeing = asyncio.ensure_future(free(old))
    assert await taking == before
    await freeing
    assert (len(old.messages), old.messages.moments.stills) == (0, ())


async def test_who_does_not_wait_for_it_leaves_nothing(make_world: "MakeWorld") -> None:
    """Given up, it keeps nobody's messages from being freed."""
    world = make_world(clock="manual")
    await world.create()
    taking: Any = asyncio.ensure_future(world.sandbox.told())
    await asyncio.sleep(0)
    assert world.sandbox.tables.messages.moments.stills
    taking.cancel()
    with suppress(asyncio.CancelledError):
        await taking
    assert not world.sandbox.tables.messages.moments.stills
