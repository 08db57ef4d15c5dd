"""The messages of one moment, read while the table goes on.

That the two agree whatever is done is for `test_message_table.py`.
"""

from collections.abc import Iterator

import msgspec
import pytest

from mockserver.domain.message import Delivery, Message
from mockserver.world import still as module
from mockserver.world.message_table import MessageTable
from mockserver.world.still import Still
from mockserver.world.unit import Unit

BLANK = Message(
    sid="",
    ordinal=0,
    account_sid="AC" + "1" * 32,
    direction="outbound-api",
    channel="sms",
    origin="messages",
    to="+14155550001",
    from_="+15017122661",
    body="Ahoy",
    encoding="GSM-7",
    num_segments=1,
    num_media=0,
    created_at=0,
)


def sid(place: int) -> str:
    return f"SM{place:032x}"


def delivery(at: int) -> Delivery:
    return Delivery("queued", at, ("queued", at, 0))


def filled(count: int) -> MessageTable:
    table = MessageTable()
    for place in range(count):
        made = msgspec.structs.replace(BLANK, sid=sid(place), ordinal=place)
        table.add(made, delivery(0), Unit())
    return table


def told(pairs: Iterator[tuple[Message, Delivery]]) -> list[tuple[int, int]]:
    """Places, and when each was last changed."""
    return [(message.ordinal, delivery.updated_at) for message, delivery in pairs]


@pytest.mark.parametrize("read", range(7))
def test_changes_while_it_is_read(read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before or behind the place that was come to: what was there when it began is told."""
    monkeypatch.setattr(module, "PIECE", 2)
    table = filled(6)
    still = table.moments.stilled()
    pairs = still.pairs()
    first = [next(pairs) for _ in range(read)]
    for place in range(6):
        table.deliver(sid(place), delivery(7), Unit())
    table.delete(sid(0), Unit())
    table.delete(sid(5), Unit())
    table.add(msgspec.structs.replace(BLANK, sid=sid(6), ordinal=6), delivery(7), Unit())
    assert told(iter([*first, *pairs])) == [(place, 0) for place in range(6)]
    assert told(table.pairs()) == [(place, 7) for place in (1, 2, 3, 4, 6)]


def test_what_nobody_reads_is_not_kept() -> None:
    """Neither what changed before, nor what came later, nor what changes once it is let go."""
    table = filled(2)
    still = table.moments.stilled()
    table.add(msgspec.structs.replace(BLANK, sid=sid(2), ordinal=2), delivery(0), Unit())
    table.deliver(sid(2), delivery(7), Unit())
    assert not still.shed(1)
    table.moments.go_on(still)
    table.deliver(sid(0), delivery(7), Unit())
    assert not still.shed(1)
    assert not table.moments.stills


def test_two_moments_at_once() -> None:
    """Each tells of its own."""
    table = filled(1)
    first = table.moments.stilled()
    table.deliver(sid(0), delivery(1), Unit())
    second = table.moments.stilled()
    table.deliver(sid(0), delivery(2), Unit())
    table.moments.go_on(first)
    table.deliver(sid(0), delivery(3), Unit())
    assert [told(each.pairs()) for each in (first, second)] == [[(0, 0)], [(0, 1)]]


def test_it_is_shed_a_few_at_a_time() -> None:
    """What was kept for it, and no more than there is."""
    table = filled(5)
    still: Still = table.moments.stilled()
    for place in range(5):
        table.deliver(sid(place), delivery(7), Unit())
    assert still.shed(3)
    assert not still.shed(3)


def test_a_table_that_is_read_is_not_shed() -> None:
    """Its records are freed once nobody reads them."""
    table = filled(3)
    still = table.moments.stilled()
    assert table.shed(100)
    assert told(still.pairs()) == [(0, 0), (1, 0), (2, 0)]
    table.moments.go_on(still)
    while table.shed(100):
        pass
    assert told(table.pairs()) == []
