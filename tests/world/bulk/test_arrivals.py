"""What handsets sent, in the Communications API: ids, sessions, who sees it."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.message import SECOND, Message
from mockserver.domain.type_ids import is_type_id
from mockserver.world.bulk.arrivals import (
    CHANNELS,
    Arrival,
    find,
    message_id,
    newest_first,
    number,
    session_id,
)

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

ANNA, BERT, OURS = "+14155550199", "+14155550198", "+14155550101"
START = 1_796_083_200_000_000
"""2026-12-01T00:00:00Z, where seeded clocks begin."""
EVER, NEVER = 1 << 62, -1


@pytest.fixture
def world(make_world: "MakeWorld") -> "World":
    return make_world("manual")


async def text(world: "World", from_: str = ANNA, to: str = OURS) -> Message:
    """What a handset sent just now."""
    return (await world.receive(from_=parse_to(from_), to=parse_from(to))).message


def listed(world: "World", since: int = NEVER, until: int = EVER) -> list[Arrival]:
    """Those that the first account sees."""
    sandbox = world.sandbox
    own = sandbox.accounts.first.sid
    found = newest_first(sandbox.tables.messages, own, since, until)
    return [each for each in found if each is not None]


async def test_ids_lead_back(world: "World") -> None:
    """The id of a message holds its place, and finds it again, for as long as it is shown."""
    message = await text(world)
    table, own = world.sandbox.tables.messages, message.account_sid
    id_ = message_id(message)
    assert is_type_id(id_, "comms_message")
    assert find(table, own, NEVER, id_) == Arrival(message, id_)
    assert find(table, own, START - 1, id_) is not None
    assert find(table, own, START, id_) is None
    assert find(table, "AC" + "b" * 32, NEVER, id_) is None


async def test_ids_of_others(world: "World") -> None:
    """What names no inbound message finds none: other texts, other ids, sent messages."""
    message, sent = await text(world), await world.create()
    table, own = world.sandbox.tables.messages, message.account_sid
    id_ = message_id(message)
    other = "1" if id_[-1] != "1" else "2"
    for wrong in ("", "x", message.sid, id_[:-1] + other, f"{id_}0", message_id(sent)):
        assert find(table, own, NEVER, wrong) is None


async def test_sessions(world: "World") -> None:
    """One for each sender and person, whatever is said in it."""
    first, again = await text(world), await text(world)
    others = [await text(world, from_=BERT), await text(world, to="+14155550102")]
    assert is_type_id(session_id(first), "comms_session")
    assert session_id(first) == session_id(again)
    assert len({session_id(each) for each in (first, *others)}) == 3
    assert Arrival(first, "").session_id == session_id(first)


@pytest.mark.parametrize(
    ("from_", "to", "channel"),
    [
        (ANNA, OURS, "SMS"),
        (f"whatsapp:{ANNA}", "whatsapp:+14155238886", "WHATSAPP"),
        (f"rcs:{ANNA}", "rcs:brand_agent", "RCS"),
        (f"messenger:{'1' * 15}", f"messenger:{'2' * 15}", ""),
    ],
)
async def test_channels(world: "World", from_: str, to: str, channel: str) -> None:
    """That of the sender which was written to; Messenger is none of this API."""
    message = await text(world, from_, to)
    found = listed(world)
    assert [each.channel for each in found] == ([channel] if channel else [])
    assert CHANNELS.get(message.channel, "") == channel
    if channel:
        assert number(message.to) == to.rpartition(":")[2]
        assert number(message.from_) == ANNA


async def test_newest_first(world: "World") -> None:
    """Inbound ones alone, between two times; what was deleted is not there any more."""
    made = []
    for _ in range(4):
        made.append(await text(world))
        await world.create()
        await world.advance(1)
    await world.sandbox.messages.delete(made[2])
    sids = [each.sid for each in made]
    assert [each.message.sid for each in listed(world)] == [sids[3], sids[1], sids[0]]
    assert [each.message.sid for each in listed(world, since=START)] == [sids[3], sids[1]]
    until = START + SECOND
    assert [each.message.sid for each in listed(world, until=until)] == [sids[1], sids[0]]
    assert [each.id for each in listed(world)] == sorted(
        (each.id for each in listed(world)), reverse=True
    )


async def test_others_have_their_turn(world: "World") -> None:
    """Where there are many, None comes once in a while; what arrives meanwhile is not looked at."""
    for _ in range(251):
        await text(world)
    own = world.sandbox.accounts.first.sid
    rows = newest_first(world.sandbox.tables.messages, own, NEVER, EVER)
    seen = [next(rows)]
    await text(world)
    seen += rows
    assert len([each for each in seen if each is not None]) == 251
    assert seen.count(None) == 2


async def test_accounts_without_any(world: "World") -> None:
    """Also such as nobody knows."""
    table = world.sandbox.tables.messages
    assert list(newest_first(table, "AC" + "b" * 32, NEVER, EVER)) == []
