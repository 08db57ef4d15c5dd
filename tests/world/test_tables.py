"""The tables and their indexes, against a plain list; page tokens keep their places."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mockserver.domain.caller_ids import CallerId
from mockserver.domain.media import Media
from mockserver.domain.message import Delivery, Message
from mockserver.world import tables as module
from mockserver.world.tables import MessageTable, Tables, Unit

ACCOUNTS = ("AC" + "1" * 32, "AC" + "2" * 32)
RECIPIENTS = ("+14155550001", "+14155550002", "+14155550003")
SENDERS = ("", "+15017122661", "+15017122662")

accounts, recipients, senders = map(st.sampled_from, (ACCOUNTS, RECIPIENTS, SENDERS))


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


class AgainstAList(RuleBasedStateMachine):
    """Whatever is done, looking gives what a walk through a plain list gives."""

    sids = Bundle("sids")

    def __init__(self) -> None:
        super().__init__()
        self.table = MessageTable()
        self.plain: list[Message | str] = []
        """Messages by place; where one was deleted, its SID."""

    @rule(target=sids, account=accounts, to=recipients, from_=senders)
    def add(self, account: str, to: str, from_: str) -> str:
        made = message(self.table.next_ordinal, account_sid=account, to=to, from_=from_)
        self.table.add(made, queued(), Unit())
        self.plain.append(made)
        return made.sid

    @rule(sid=sids, at=st.integers(1, 9))
    def deliver(self, sid: str, at: int) -> None:
        if self.table.get(sid) is not None:
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
            changed = msgspec.structs.replace(found, **changes)
            self.table.replace(changed, Unit())
            self.plain[found.ordinal] = changed

    @rule(sid=sids)
    def delete(self, sid: str) -> None:
        if (found := self.table.get(sid)) is not None:
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
        newest = self.table.newest_first
        assert [*newest(account, None, to, from_)] == wanted[::-1]
        assert [*newest(account, at, to, from_)] == [m for m in wanted[::-1] if m.ordinal < at]
        later = [*self.table.oldest_first_after(account, at, to, from_)]
        assert later == [m for m in wanted if m.ordinal > at]

    @rule(to=st.sets(recipients), from_=st.sets(st.sampled_from(SENDERS[1:])))
    def candidates(self, to: set[str], from_: set[str]) -> None:
        """What an index gives may be too much, never too little, and is in order."""
        places = [*self.table.ordinals(to, from_)]
        assert places == sorted(set(places))
        assert set(places) >= {
            each.ordinal
            for each in self.kept
            if (not to or each.to in to) and (not from_ or each.from_ in from_)
        }

    @property
    def kept(self) -> list[Message]:
        return [each for each in self.plain if isinstance(each, Message)]

    @invariant()
    def places_are_kept(self) -> None:
        assert [*self.table.oldest_first()] == self.kept
        assert (len(self.table), self.table.next_ordinal) == (len(self.kept), len(self.plain))
        for place, each in enumerate(self.plain):
            sid = each.sid if isinstance(each, Message) else each
            there = each if isinstance(each, Message) else None
            assert (self.table.get(sid), self.table.at(place)) == (there, there)
            assert (self.table.place(sid), self.table.taken(sid)) == (place, True)
            assert (self.table.find_delivery(sid) is None) == (there is None)


AgainstAList.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAgainstAList = AgainstAList.TestCase


def test_what_is_not_there() -> None:
    """Is nothing, nowhere."""
    table = MessageTable()
    assert (table.get("SM1"), table.at(0), table.place("SM1"), table.taken("SM1")) == (
        None,
        None,
        None,
        False,
    )
    assert [*table.newest_first(ACCOUNTS[0], None, None, None)] == []
    assert [*table.oldest_first_after(ACCOUNTS[0], 0, None, None)] == []
    with pytest.raises(KeyError):
        table.delivery("SM1")


def test_many_messages_of_one_service() -> None:
    """The index by sender takes each in its place, in whatever order senders are chosen."""
    table = MessageTable()
    for ordinal in range(300):
        table.add(message(ordinal, from_=""), queued(), Unit())
    for ordinal in [*range(0, 300, 2), *range(299, 0, -2)]:
        table.replace(message(ordinal, from_=SENDERS[1]), Unit())
    found = table.newest_first(ACCOUNTS[0], None, None, SENDERS[1])
    assert [each.ordinal for each in found] == list(range(299, -1, -1))


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
        table.keep_fragment(sid, b"{}")
        change()
        assert sid not in table.fragments


def test_fragments_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than so many, and the newest is always there."""
    monkeypatch.setattr(module, "FRAGMENTS_KEPT", 3)
    table = MessageTable()
    for ordinal in range(20):
        table.keep_fragment(f"SM{ordinal}", b"{}")
        assert len(table.fragments) <= 3
        assert f"SM{ordinal}" in table.fragments


def test_new_tables_are_empty() -> None:
    """Nothing is shared between two sandboxes."""
    one, other = Tables(), Tables()
    one.messages.add(message(0), queued(), Unit())
    one.verified_callers["+14155550001"] = CallerId("PN" + "c" * 32, ACCOUNTS[0], "+14155550001")
    one.counters["rule.fired"] = 1
    assert (len(other.messages), other.verified_callers, other.counters) == (0, {}, {})


def test_all_tables_are_shed() -> None:
    """Messages first, then media, a few records at a time."""
    tables, unit = Tables(), Unit()
    media = Media("ME1", "MM1", "AC1", "image/png", 1, 1, "http://localhost/", 3, "digest")
    tables.media.add(media, b"cat", unit)
    slices = 1
    while tables.shed(1):
        slices += 1
    assert (slices, len(tables.media)) == (4, 0)
