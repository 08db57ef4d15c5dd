"""A sandbox's tables out and in: for `GET` and `PUT /_mock/snapshot`, and to fork a sandbox.

Accounts are named by ordinal (`AC#1`, `AC#2`, …), since an account belongs to one living sandbox:
the first becomes the target's own. Tokens and keys stay behind. The steps that messages still have
to take are in their rows and are booked again, and so are callbacks that wait for the clock: what
weather holds back, and what is tried again. Callbacks and events on their way out stay behind.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.message import Message
from mockserver.world.accounts import Accounts
from mockserver.world.audiences import keeping as audiences
from mockserver.world.audiences.stores import Store
from mockserver.world.bulk.keeping import Span, build, keep, spans, unpacked
from mockserver.world.engine import Engine
from mockserver.world.notify.keeping import load as load_notify
from mockserver.world.notify.keeping import take as take_notify
from mockserver.world.pieces import PIECE
from mockserver.world.snapshot_checks import complaints
from mockserver.world.snapshot_form import (
    BadSnapshot,
    KeptAccount,
    KeptCourse,
    KeptMessage,
    Snapshot,
    placed,
)
from mockserver.world.tables import Tables, Unit
from mockserver.world.weather.waiting import Late

if TYPE_CHECKING:
    from mockserver.world.bulk.commands import Bulk
    from mockserver.world.bulk.operation import Operation

__all__ = ["BadSnapshot", "Snapshot", "load", "parse", "take"]

OWNED: Final = {
    "numbers": "phone_number",
    "services": "sid",
    "verified_callers": "phone_number",
    "applications": "sid",
    "members": "key",
    "filings": "sid",
    "usage_triggers": "sid",
    "sinks": "sid",
    "subscriptions": "sid",
    "senders": "id",
    "sender_pools": "id",
    "sender_pool_operations": "id",
}
"""Tables of records that say which account they are of, and what each is kept by."""


FORGOTTEN: Final = 1_000
"""Places after which what was written of them so far is forgotten."""


# Out


def take(tables: Tables, in_force: Scenario, at: int, retries: Iterable[Late] = ()) -> Snapshot:
    """What the tables hold: those of `moment`, where they go on meanwhile.

    `retries` are callbacks that wait for another attempt.
    """
    names = {sid: f"AC#{place}" for place, sid in enumerate(tables.accounts, 1)}
    kept, roll = tables.messages, audiences.Roll(tables)
    scenario = in_force.document()
    scenario.pop("given", None)
    return Snapshot(
        at=at,
        accounts=[_kept(account, names) for account in tables.accounts.values()],
        **_owned(tables, names),
        feedback=list(tables.feedback.values()),
        safe_list=[_renamed(number, names) for number in tables.safe_list.values()],
        content=[_renamed(template, names) for template in tables.content.values()],
        shown=dict(tables.shown),
        handsets=list(tables.handsets.values()),
        heard=dict(tables.heard),
        lanes={lane: str(free) for lane, free in _moved(tables.lanes, names)},
        sticky=dict(tables.sticky),
        wishes=dict(tables.wishes),
        deleted={name: dict(at) for name, at in tables.deleted.items() if at and placed(name)},
        opt_outs=list(tables.opt_outs),
        gets=sorted(tables.gets),
        cookies=dict(tables.cookies),
        streaks=dict(tables.streaks),
        answers=dict(tables.answers),
        late=[late.renamed(names) for late in tables.late.values()],
        retries=[late.renamed(names) for late in retries],
        foreseen=dict(tables.foreseen),
        operations=[keep(each, names, roll) for each in tables.operations.values()],
        stores=roll.stores(names),
        cohorts=audiences.cohorts(tables, names),
        notify=take_notify(tables, lambda record: _renamed(record, names)),
        messages=[
            KeptMessage(_renamed(message, names), delivery) for message, delivery in kept.pairs()
        ],
        media=[_renamed(media, names) for media in tables.media],
        media_contents=dict(tables.media.contents),
        gone=dict(kept.gone),
        repeats=dict(kept.repeats),
        counters=dict(tables.counters),
        calls=dict(tables.calls),
        course=KeptCourse.of(tables.course),
        scenario=scenario,
    )


def _kept(account: Account, names: Mapping[str, str]) -> KeptAccount:
    return KeptAccount(
        sid="" if names[account.sid] == "AC#1" else account.sid,
        type=account.type,
        mode=account.mode,
        status=account.status,
        friendly_name=account.friendly_name,
        geo_permissions_off=account.geo_permissions_off,
        owner=names.get(account.owner_account_sid, account.owner_account_sid),
        created_at=account.created_at,
        updated_at=account.updated_at,
        by_twilio=account.by_twilio,
    )


def _owned(tables: Tables, names: Mapping[str, str]) -> dict[str, Any]:
    """The records of `OWNED`, under other names of their accounts."""
    return {
        name: [_renamed(each, names) for each in getattr(tables, name).values()] for name in OWNED
    }


def _renamed(record: Any, names: Mapping[str, str]) -> Any:
    """A record under another name of its account."""
    sid = names.get(record.account_sid, record.account_sid)
    if isinstance(record, msgspec.Struct):
        return msgspec.structs.replace(record, account_sid=sid)
    return type(record)(**{**msgspec.to_builtins(record), "account_sid": sid})


def _moved(
    lanes: Mapping[str, int | str], names: Mapping[str, str]
) -> Iterator[tuple[str, int | str]]:
    """Lanes of senders that are anybody's under another name of the account before the sender."""
    for lane, free in lanes.items():
        account, space, sender = lane.partition(" ")
        yield f"{names.get(account, account)}{space}{sender}", free


# In


def parse(document: object) -> Snapshot:
    """Read what `GET /_mock/snapshot` gave; raise `BadSnapshot` for anything that is not that."""
    try:
        snapshot = msgspec.convert(document, Snapshot)
    except msgspec.ValidationError as wrong:
        raise BadSnapshot(str(wrong)) from None
    return checked(snapshot)


def checked(snapshot: Snapshot) -> Snapshot:
    """The same; raise `BadSnapshot` for what no type can say."""
    for complaint in complaints(snapshot):
        raise BadSnapshot(complaint)
    return snapshot


def names_in(snapshot: Snapshot, first_sid: str) -> dict[str, str]:
    """What its accounts are called in a sandbox whose own account is `first_sid`."""
    sids = [first_sid, *(account.sid for account in snapshot.accounts[1:])]
    return {f"AC#{place}": sid for place, sid in enumerate(sids, 1)}


def load(
    snapshot: Snapshot,
    tables: Tables,
    accounts: Accounts,
    engine: Engine,
    bulk: "Callable[[], Bulk]",
) -> None:
    """Fill the tables of a sandbox that has just been assembled, and book its messages' steps.

    `bulk` makes what moves operations, which few snapshots hold.
    """
    names = names_in(snapshot, accounts.first_sid)
    unit = Unit()
    for sid, account in zip(names.values(), snapshot.accounts, strict=True):
        accounts.set_up(_account(sid, account, names), unit)
    _load_owned(snapshot, tables, names)
    load_notify(snapshot.notify, tables, lambda record: _renamed(record, names))
    tables.feedback.update({each.message_sid: each for each in snapshot.feedback})
    for safe in snapshot.safe_list:
        safe = _renamed(safe, names)
        tables.safe_list[f"{safe.account_sid} {safe.phone_number}"] = safe
    tables.content.update({each.sid: _renamed(each, names) for each in snapshot.content})
    tables.shown.update(snapshot.shown)
    tables.handsets.update({handset.phone_number: handset for handset in snapshot.handsets})
    tables.heard.update(snapshot.heard)
    tables.lanes.update((lane, int(free)) for lane, free in _moved(snapshot.lanes, names))
    tables.sticky.update(snapshot.sticky)
    tables.wishes.update(snapshot.wishes)
    for name, places in snapshot.deleted.items():
        tables.deleted.setdefault(name, {}).update(places)
    for opt_out in snapshot.opt_outs:
        tables.opt_outs.add(opt_out, unit)
    tables.gets.update(snapshot.gets)
    tables.cookies.update(snapshot.cookies)
    tables.streaks.update(snapshot.streaks)
    tables.answers.update(snapshot.answers)
    tables.late.update((str(n), late.renamed(names)) for n, late in enumerate(snapshot.late, 1))
    tables.foreseen.update(snapshot.foreseen)
    tables.messages.repeats.update(snapshot.repeats)
    for digest, content in snapshot.media_contents.items():
        tables.media.keep(digest, content, unit)
    for media in snapshot.media:
        tables.media.add(_renamed(media, names), None, unit)
    stores = audiences.loaded(snapshot.stores, names)
    audiences.put(stores, snapshot.stores, snapshot.cohorts, names, tables)
    operations = _load_operations(snapshot, stores, bulk, names, unit)
    _load_messages(snapshot, operations, tables, engine, names, unit)
    for operation, each in zip(operations, snapshot.operations, strict=True):
        bulk().resume(operation, unpacked("I", each.under_way))


def _load_owned(snapshot: Snapshot, tables: Tables, names: Mapping[str, str]) -> None:
    for name, key in OWNED.items():
        records = getattr(snapshot, name)
        kept: dict[str, Any] = getattr(tables, name)
        kept.update({getattr(each, key): _renamed(each, names) for each in records})


def _account(sid: str, kept: KeptAccount, names: Mapping[str, str]) -> Account:
    return Account(
        sid=sid,
        type=kept.type,
        mode=kept.mode,
        status=kept.status,
        friendly_name=kept.friendly_name,
        geo_permissions_off=kept.geo_permissions_off,
        owner_account_sid=names.get(kept.owner, kept.owner),
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        by_twilio=kept.by_twilio,
    )


def _load_operations(
    snapshot: Snapshot,
    stores: Sequence[Store],
    bulk: "Callable[[], Bulk]",
    names: Mapping[str, str],
    unit: Unit,
) -> "list[Operation]":
    """Put the operations up, without their work."""
    found: list[Operation] = []
    for kept in snapshot.operations:
        first = found[-1].first + found[-1].count if found else 0
        found.append(build(kept, first, len(found), names, stores))
        bulk().keep(found[-1], unit)
    return found


def _spans(operation: "Operation") -> "Iterator[tuple[int, Span]]":
    """Each with its place, none of them long."""
    for span in spans(operation):
        for start in range(0, span.count, PIECE):
            first = span.first + start
            yield first, Span(first, min(PIECE, span.count - start), span.head)


def _load_messages(
    snapshot: Snapshot,
    operations: "list[Operation]",
    tables: Tables,
    engine: Engine,
    names: Mapping[str, str],
    unit: Unit,
) -> None:
    """In the order in which they were made, those in columns between the others."""
    rows: list[Iterable[tuple[int, KeptMessage | Span | str]]] = [
        ((row.message.ordinal, row) for row in snapshot.messages),
        sorted((place, sid) for sid, place in snapshot.gone.items()),
        *(_spans(operation) for operation in operations),
    ]
    for place, row in merge(*rows, key=itemgetter(0)):
        if place % FORGOTTEN == 0:
            unit.rows.clear()  # nobody commits it, and all at once would take long to free
        if isinstance(row, str):
            tables.messages.places.add_gone(row, unit)
        elif isinstance(row, Span):
            tables.messages.shelves.extend(row.head, row.count)
        else:
            message: Message = _renamed(row.message, names)
            tables.messages.add(message, row.delivery, unit)
            engine.book(message.sid, row.delivery)
