"""The tables and their indexes, against a plain list; page tokens keep their places."""

from array import array
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from mockserver.domain.message import Delivery, Message
from mockserver.world.message_table import MessageTable
from mockserver.world.shelves import Bill
from mockserver.world.still import Still
from mockserver.world.unit import Unit

ACCOUNTS = ("AC" + "1" * 32, "AC" + "2" * 32)
RECIPIENTS = ("+14155550001", "+14155550002", "+14155550003")
SENDERS = ("", "+15017122661", "+15017122662")

accounts, recipients, senders = map(st.sampled_from, (ACCOUNTS, RECIPIENTS, SENDERS))


Pair = tuple[Message, Delivery]


def message(ordinal: int, **changes: Any) -> Message:
    blank = Message(
        sid=f"SM{ordinal:032x}",
        ordinal=ordinal,
        account_sid=ACCOUNTS[0],
        direction="outbound-api",
        channel="sms",
        origin="messages",
        to=RECIPIENTS[0],
        from_=SENDERS[1],
        body="Ahoy",
        encoding="GSM-7",
        num_segments=1,
        num_media=0,
        created_at=ordinal,
    )
    return msgspec.structs.replace(blank, **changes)


def queued(at: int = 0) -> Delivery:
    return Delivery("queued", at, ("queued", at, 0))


class Rack:
    """A shelf that keeps its messages as they are."""

    def __init__(self, account_sid: str, number: int) -> None:
        self.account_sid, self.operation_id = account_sid, f"operation-{number}"
        self.head = f"{number:016x}"
        self.rows: dict[int, Message] = {}
        self.away: set[int] = set()
        """Those that became the table's own, and are still there."""

    def sid(self, ordinal: int) -> str:
        return f"SM{self.head}{ordinal:016x}"

    def put(self, made: Message) -> None:
        self.rows[made.ordinal] = made

    def ordinal(self, sid: str) -> int | None:
        ordinal = int(sid[18:], 16)
        return ordinal if ordinal in self.rows else None

    def message(self, ordinal: int) -> Message:
        return self.rows[ordinal]

    def fact(self, ordinal: int, name: str) -> object:
        return getattr(self.rows[ordinal], name)

    def made_at(self, ordinal: int) -> int:
        return self.rows[ordinal].created_at

    def delivery(self, ordinal: int) -> Delivery:
        return queued(self.rows[ordinal].created_at)

    def bills(self) -> Iterator[Bill]:
        return iter(())

    def places(self, to: str | None, from_: str | None) -> "array[int]":
        return array(
            "I",
            (
                ordinal
                for ordinal, each in self.rows.items()
                if to in (None, each.to) and from_ in (None, each.from_)
            ),
        )

    def let_go(self, ordinal: int) -> None:
        self.away.add(ordinal)
        del self.rows[ordinal]

    def forget(self, ordinal: int) -> None:
        self.away.remove(ordinal)


class AgainstAList(RuleBasedStateMachine):
    """Whatever is done, looking gives what a walk through a plain list gives."""

    sids = Bundle("sids")

    def __init__(self) -> None:
        super().__init__()
        self.table = MessageTable()
        self.plain: list[Message | str] = []
        """Messages by place; where one was deleted, its SID."""
        self.racks = [Rack(account, number) for number, account in enumerate(ACCOUNTS * 2, 1)]
        self.stills: list[tuple[Still, list[Pair]]] = []
        """Moments that are read, and what there was."""
        for rack in self.racks[:2]:
            self.table.shelves.put_up(rack)

    @rule(target=sids, account=accounts, to=recipients, from_=senders)
    def add(self, account: str, to: str, from_: str) -> str:
        made = message(len(self.table.places), account_sid=account, to=to, from_=from_)
        self.table.add(made, queued(), Unit())
        self.plain.append(made)
        return made.sid

    @rule(target=sids, place=st.integers(0, 1), to=recipients, from_=st.sampled_from(SENDERS[1:]))
    def append(self, place: int, to: str, from_: str) -> str:
        """One more on a shelf."""
        return self._on_rack(self.racks[place], to, from_)

    def _on_rack(self, rack: Rack, to: str, from_: str) -> str:
        ordinal = len(self.plain)
        sid, own = rack.sid(ordinal), {"account_sid": rack.account_sid}
        made = message(ordinal, sid=sid, to=to, from_=from_, operation_id=rack.operation_id, **own)
        rack.put(made)
        if ordinal == len(self.table.places):
            self.table.shelves.append(rack.head)
        self.plain.append(made)
        return sid

    @precondition(lambda self: len(self.racks) > 2)
    @rule(count=st.integers(0, 3), to=recipients, from_=st.sampled_from(SENDERS[1:]))
    def extend(self, count: int, to: str, from_: str) -> None:
        """A shelf with some on it that were made elsewhere."""
        rack = self.racks.pop()
        self.table.shelves.put_up(rack)
        self.table.shelves.extend(rack.head, count)
        for _ in range(count):
            self._on_rack(rack, to, from_)

    @rule(sid=sids)
    def take_down(self, sid: str) -> None:
        """What it was it stays, but that things can happen to it."""
        before, unit = self.table.find_delivery(sid), Unit()
        shelved = before is not None and not self.table.owns(sid)
        assert self.table.take_down(sid, unit) == (before if shelved else None)
        assert [row[:2] for row in unit.rows] == [
            (name, sid) for name in ("messages", "deliveries") if shelved
        ]
        assert self.table.owns(sid) == (before is not None)
        assert self.table.find_delivery(sid) == before

    @rule(sid=sids)
    def keep_fragment(self, sid: str) -> None:
        """What is on a shelf may change without a word, so nothing of it is kept."""
        self.table.fragments.keep(sid, b"{}")
        shelved = self.table.get(sid) is not None and not self.table.owns(sid)
        assert not (shelved and sid in self.table.fragments)

    @rule(sid=sids, at=st.integers(1, 9))
    def deliver(self, sid: str, at: int) -> None:
        if self.table.get(sid) is not None:
            self.table.take_down(sid, Unit())
            self.table.deliver(sid, queued(at), Unit())
            assert self.table.delivery(sid).updated_at == at

    @rule(sid=sids)
    def redact(self, sid: str) -> None:
        self._change(sid, body="")

    @rule(sid=sids, from_=st.sampled_from(SENDERS[1:]))
    def choose_a_sender(self, sid: str, from_: str) -> None:
        found = self.table.get(sid)
        if found is not None and not found.from_:
            self._change(sid, from_=from_)

    def _change(self, sid: str, **changes: str) -> None:
        if (found := self.table.get(sid)) is not None:
            self.table.take_down(sid, Unit())
            changed = msgspec.structs.replace(found, **changes)
            self.table.replace(changed, Unit())
            self.plain[found.ordinal] = changed

    @rule(sid=sids)
    def delete(self, sid: str) -> None:
        if (found := self.table.get(sid)) is not None:
            self.table.take_down(sid, Unit())
            self.table.delete(sid, Unit())
            self.plain[found.ordinal] = sid

    @rule(
        account=accounts, to=st.none() | recipients, from_=st.none() | senders, at=st.integers(0, 9)
    )
    def look(self, account: str, to: str | None, from_: str | None, at: int) -> None:
        from_ = from_ or None
        wanted = [
            each
            for each in self.kept
            if each.account_sid == account and to in (None, each.to) and from_ in (None, each.from_)
        ]
        newest = self.table.lists.newest_first
        assert [*newest(account, None, to, from_)] == wanted[::-1]
        assert [*newest(account, at, to, from_)] == [m for m in wanted[::-1] if m.ordinal < at]
        later = [*self.table.lists.oldest_first_after(account, at, to, from_)]
        assert later == [m for m in wanted if m.ordinal > at]

    @rule(to=st.sets(recipients), from_=st.sets(st.sampled_from(SENDERS[1:])))
    def candidates(self, to: set[str], from_: set[str]) -> None:
        """What an index gives may be too much, never too little, and is in order."""
        places = [*self.table.lists.ordinals(to, from_)]
        assert places == sorted(set(places))
        assert set(places) >= {
            each.ordinal
            for each in self.kept
            if (not to or each.to in to) and (not from_ or each.from_ in from_)
        }

    @rule()
    def stand_still(self) -> None:
        """Whatever is done from now on, who reads this moment finds what was."""
        self.stills.append((self.table.moments.stilled(), self.own_pairs))

    @precondition(lambda self: self.stills)
    @rule()
    def go_on(self) -> None:
        still, _ = self.stills.pop()
        self.table.moments.go_on(still)
        assert bool(self.table.moments.stills) == bool(self.stills)

    @property
    def own_pairs(self) -> list[Pair]:
        """What is on no shelf."""
        ours = [each for each in self.kept if self.table.owns(each.sid)]
        return [(each, self.table.delivery(each.sid)) for each in ours]

    @property
    def kept(self) -> list[Message]:
        return [each for each in self.plain if isinstance(each, Message)]

    @invariant()
    def places_are_kept(self) -> None:
        assert [*self.table.places.oldest_first()] == self.kept
        for rack in self.racks:
            own = (each for each in self.kept if each.operation_id == rack.operation_id)
            assert rack.away == {each.ordinal for each in own if self.table.owns(each.sid)}
        assert [*self.table.pairs()] == self.own_pairs
        for still, pairs in self.stills:
            assert [*still.pairs()] == pairs
        assert (len(self.table), len(self.table.places)) == (len(self.kept), len(self.plain))
        for place, each in enumerate(self.plain):
            sid = each.sid if isinstance(each, Message) else each
            there = each if isinstance(each, Message) else None
            assert (self.table.get(sid), self.table.places.at(place)) == (there, there)
            assert (self.table.place(sid), self.table.taken(sid)) == (place, True)
            assert (self.table.find_delivery(sid) is None) == (there is None)


AgainstAList.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAgainstAList = AgainstAList.TestCase


def test_what_is_not_there() -> None:
    """Is nothing, nowhere."""
    table = MessageTable()
    assert (table.get("SM1"), table.places.at(0), table.place("SM1"), table.taken("SM1")) == (
        None,
        None,
        None,
        False,
    )
    assert [*table.lists.newest_first(ACCOUNTS[0], None, None, None)] == []
    assert [*table.lists.oldest_first_after(ACCOUNTS[0], 0, None, None)] == []
    with pytest.raises(KeyError):
        table.delivery("SM1")


def test_accounts_and_their_shelves() -> None:
    """Each has its own."""
    table, racks = MessageTable(), [Rack(account, n) for n, account in enumerate(ACCOUNTS, 1)]
    for rack in racks:
        table.shelves.put_up(rack)
    assert table.shelves.of({ACCOUNTS[1]}) == racks[1:]
    assert table.shelves.of({*ACCOUNTS}) == racks
    assert table.shelves[racks[0].head] is racks[0]
    with pytest.raises(KeyError):
        table.shelves["0" * 16]


def test_a_unit_says_what_was_written() -> None:
    """Each change of a table is a row for the store, in order; `None` for what goes."""
    table, unit = MessageTable(), Unit()
    first = message(0)
    table.add(first, queued(), unit)
    table.deliver(first.sid, queued(5), unit)
    table.replace(redacted := message(0, body=""), unit)
    table.delete(first.sid, unit)
    assert unit.rows == [
        ("messages", first.sid, first),
        ("deliveries", first.sid, queued()),
        ("deliveries", first.sid, queued(5)),
        ("messages", first.sid, redacted),
        ("messages", first.sid, None),
        ("gone", first.sid, 0),
    ]


def test_fragments_go_when_the_message_changes() -> None:
    """A rendering that is kept is never of before."""
    table = MessageTable()
    sid = message(0).sid
    table.add(message(0), queued(), Unit())
    changes: list[Callable[[], None]] = [
        lambda: table.deliver(sid, queued(5), Unit()),
        lambda: table.replace(message(0, body=""), Unit()),
        lambda: table.delete(sid, Unit()),
    ]
    for change in changes:
        table.fragments.keep(sid, b"{}")
        change()
        assert sid not in table.fragments
