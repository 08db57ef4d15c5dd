"""Finds messages of this API, a few at a time, newest first by id.

An account may have millions, so nothing here goes through all of them at a stretch: the iterators
yield None where others may have their turn.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.bulk.recipients import BLOCK
from mockserver.domain.bulk.statuses import FAILED, STATUSES, UNADDRESSABLE, UNDELIVERED
from mockserver.domain.message import MILLISECOND
from mockserver.domain.type_ids import parts
from mockserver.world.bulk.arrivals import Arrival
from mockserver.world.bulk.arrivals import newest_first as arrivals
from mockserver.world.bulk.operation import NONE, Operation
from mockserver.world.bulk.views import Seen, Views, seen
from mockserver.world.sandbox import Sandbox

SPAN: Final = 200
"""Recipients looked at before others have their turn: up to two milliseconds."""

FEW: Final = 3
"""So many recipients of a lot are looked up one by one."""

INBOUND: Final = "INBOUND"

ANY: Final = -1
"""Stands for the code of any status."""

Row = Seen | Arrival
"""A message: of an operation, or of a handset."""


class Wanted(msgspec.Struct, frozen=True):
    """Which messages; "" for any."""

    first: int = 0
    end: int = 1 << 62
    """Microseconds: made at `first` or later, and before `end`."""
    after: str = ""
    """The id behind which to begin."""
    operation_id: str = ""
    session_id: str = ""
    profile: str = ""
    channel: str = ""
    """The sender's."""
    status: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """All of them."""


def newest_first(
    sandbox: Sandbox, account: Account, wanted: Wanted, span: int = SPAN
) -> Iterator[Row | None]:
    """An account's messages; `span` is how many are looked at once, at most."""
    inbound = _inbound(sandbox, account, wanted)
    return _merged([_sent(sandbox, account, wanted, min(span, SPAN)), inbound])


def _merged(streams: Sequence[Iterator[Row | None]]) -> Iterator[Row | None]:
    """Of several that are newest first, all that way."""
    live, heads = dict(enumerate(streams)), dict[int, Row]()
    while live:
        for name, stream in [*live.items()]:
            while name in live and name not in heads:
                try:
                    row = next(stream)
                except StopIteration:
                    del live[name]
                    break
                if row is None:
                    yield None
                else:
                    heads[name] = row
        if heads:
            newest = max(heads, key=lambda name: heads[name].id) if len(heads) > 1 else min(heads)
            yield heads.pop(newest)


# From handsets


def _inbound(sandbox: Sandbox, account: Account, wanted: Wanted) -> Iterator[Arrival | None]:
    of_operations = wanted.operation_id or wanted.profile or wanted.tags
    if of_operations or wanted.status not in ("", INBOUND):
        return
    said = parts(wanted.after)
    until = min(wanted.end, said.at) if said is not None else wanted.end
    since = max(sandbox.bulk.since, wanted.first - 1)
    for each in arrivals(sandbox.tables.messages, account.sid, since, until):
        if each is None or _is_wanted(each, wanted):
            yield each


def _is_wanted(arrival: Arrival, wanted: Wanted) -> bool:
    return (
        arrival.message.created_at < wanted.end
        and (not wanted.after or arrival.id < wanted.after)
        and wanted.channel in ("", arrival.channel)
        and wanted.session_id in ("", arrival.session_id)
    )


# Of operations


def _sent(sandbox: Sandbox, account: Account, wanted: Wanted, span: int) -> Iterator[Seen | None]:
    if wanted.session_id or wanted.status not in ("", *STATUSES):
        return
    views = Views(sandbox)
    for operation in _operations(sandbox, account, wanted):
        if end := _end(operation, wanted.after):
            yield from _rows(operation, wanted, views, _lots(operation, wanted, end, span))


def _operations(sandbox: Sandbox, account: Account, wanted: Wanted) -> list[Operation]:
    """Newest first; those in which a message might be."""
    bulk = sandbox.bulk
    one = bulk.find(account, wanted.operation_id) if wanted.operation_id else None
    found = [one] if one is not None else [] if wanted.operation_id else [*bulk.of(account)]
    return [each for each in reversed(found) if _may_have(each, wanted)]


def _may_have(operation: Operation, wanted: Wanted) -> bool:
    if not wanted.first <= operation.created_at < wanted.end:
        return False
    told = dict(operation.order.send.tags)
    return all(told.get(name) == text or _is_liquid(told.get(name)) for name, text in wanted.tags)


def _is_liquid(text: str | None) -> bool:
    return text is not None and ("{{" in text or "{%" in text)


def _end(operation: Operation, after: str) -> int:
    """How many of its messages may come behind an id, the first ones."""
    said, made = parts(after), operation.created_at // MILLISECOND * MILLISECOND
    if said is None or made < said.at:
        return operation.count
    return 0 if made > said.at else max(0, min(operation.count, operation.ids.place(after) + 1))


def _lots(operation: Operation, wanted: Wanted, end: int, span: int) -> Iterator[Sequence[int]]:
    """Places below `end` to look at, the last ones first; each lot ascends."""
    if wanted.profile:
        found = sorted(operation.people.of_profile(wanted.profile))
        yield from ([place] for place in reversed(found) if place < end)
        return
    code = _code(wanted)
    while end > 0:
        if code != ANY and (end := operation.states.rfind(code, 0, end) + 1) == 0:
            return
        start = (end - 1) // BLOCK * BLOCK if wanted.tags else max(0, end - span)
        yield range(start, end)
        end = start


def _code(wanted: Wanted) -> int:
    return STATUSES.index(wanted.status) if wanted.status else ANY


def _rows(
    operation: Operation, wanted: Wanted, views: Views, lots: Iterator[Sequence[int]]
) -> Iterator[Seen | None]:
    """Those of the lots that are wanted, the last one first."""
    code, senders = _code(wanted), enumerate(operation.ways.senders)
    ways = {_UNSENT, *(place for place, each in senders if each.channel == wanted.channel)}
    for lot in lots:
        states = operation.states
        places = [
            place
            for place in lot
            if (states[place] == code if code != ANY else states[place] != UNADDRESSABLE)
            and (not wanted.channel or _way(operation, place) in ways)
        ]
        found = []
        for count, row in enumerate(_people(operation, places), 1):
            if _fits(row, wanted, views):
                found.append(row)
            if count % SPAN == 0 and count < len(places):
                yield None
        yield from reversed(found)
        yield None


_UNSENT: Final = -1


def _way(operation: Operation, place: int) -> int:
    """The sender of the latest attempt, by its place in the operation's."""
    number = operation.latest[place]
    return _UNSENT if number == NONE else operation.attempts.way[number]


def _people(operation: Operation, places: Sequence[int]) -> Iterator[Seen]:
    """The messages at ascending places, none far from the others."""
    if len(places) <= FEW:
        return (seen(operation, place) for place in places)
    return (seen(operation, place, person) for place, person in operation.people.walk(places))


def _fits(row: Seen, wanted: Wanted, views: Views) -> bool:
    """What only a message's own person tells."""
    tags = row.tags if wanted.tags else {}
    if any(tags.get(name) != text for name, text in wanted.tags):
        return False
    if wanted.after and row.id >= wanted.after:
        return False
    if not wanted.channel or row.operation.latest[row.place] != NONE:
        return True
    sender = views.sender(row, None)
    return sender is not None and sender.channel == wanted.channel


# What went wrong

_WRONG: Final = re.compile(bytes([*b"[", UNDELIVERED, FAILED, UNADDRESSABLE, *b"]"]))


def lost(operation: Operation, after: str) -> Iterator[Seen | None]:
    """Messages that are lost, and recipients that have none, in the order of the recipients."""
    start = operation.ids.place(after) + 1 if after else 0
    while (found := _WRONG.search(operation.states, start)) is not None:
        first = found.start()
        start = min(first + SPAN, operation.count)
        here = _WRONG.finditer(operation.states[first:start])
        yield from _people(operation, [first + each.start() for each in here])
        yield None
