"""A sandbox's tables out and in: for `GET` and `PUT /_mock/snapshot`, and to fork a sandbox.

Accounts are named by ordinal (`AC#1`, `AC#2`, …), since an account belongs to one living sandbox:
the first becomes the target's own. Tokens and keys stay behind. The steps that messages still have
to take are in their rows and are booked again; callbacks on their way out are not taken along.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.message import Message
from mockserver.world.accounts import Accounts
from mockserver.world.engine import Engine
from mockserver.world.rulebook import Rulebook
from mockserver.world.snapshot_checks import complaints
from mockserver.world.snapshot_form import BadSnapshot, KeptAccount, KeptMessage, Snapshot, placed
from mockserver.world.tables import Tables, Unit

__all__ = ["BadSnapshot", "Snapshot", "load", "parse", "take"]


# Out


def take(tables: Tables, rules: Rulebook, at: int) -> Snapshot:
    """The tables as they are now."""
    names = {sid: f"AC#{place}" for place, sid in enumerate(tables.accounts, 1)}
    kept = tables.messages
    scenario = rules.in_force().document()
    scenario.pop("given", None)
    return Snapshot(
        at=at,
        accounts=[_kept(account, names) for account in tables.accounts.values()],
        numbers=[_renamed(number, names) for number in tables.numbers.values()],
        services=[_renamed(service, names) for service in tables.services.values()],
        feedback=list(tables.feedback.values()),
        safe_list=[_renamed(number, names) for number in tables.safe_list.values()],
        handsets=list(tables.handsets.values()),
        heard=dict(tables.heard),
        lanes=_moved(tables.lanes, names),
        sticky=dict(tables.sticky),
        wishes=dict(tables.wishes),
        verified_callers=[_renamed(each, names) for each in tables.verified_callers.values()],
        applications=[_renamed(each, names) for each in tables.applications.values()],
        members=[_renamed(each, names) for each in tables.members.values()],
        filings=[_renamed(each, names) for each in tables.filings.values()],
        usage_triggers=[_renamed(each, names) for each in tables.usage_triggers.values()],
        senders=[_renamed(each, names) for each in tables.senders.values()],
        sender_pools=[_renamed(each, names) for each in tables.sender_pools.values()],
        sender_pool_operations=[
            _renamed(each, names) for each in tables.sender_pool_operations.values()
        ],
        deleted={name: dict(at) for name, at in tables.deleted.items() if at and placed(name)},
        opt_outs=list(tables.opt_outs),
        gets=sorted(tables.gets),
        cookies=dict(tables.cookies),
        streaks=dict(tables.streaks),
        messages=[
            KeptMessage(_renamed(message, names), kept.delivery(message.sid))
            for message in kept.oldest_first()
        ],
        media=[_renamed(media, names) for media in tables.media],
        media_contents=dict(tables.media.contents),
        gone=dict(kept.gone),
        repeats=dict(kept.repeats),
        counters=dict(tables.counters),
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


def _renamed(record: Any, names: Mapping[str, str]) -> Any:
    """A record under another name of its account."""
    sid = names.get(record.account_sid, record.account_sid)
    if isinstance(record, msgspec.Struct):
        return msgspec.structs.replace(record, account_sid=sid)
    return type(record)(**{**msgspec.to_builtins(record), "account_sid": sid})


def _moved(lanes: Mapping[str, int], names: Mapping[str, str]) -> dict[str, int]:
    """Lanes of senders that are anybody's under another name of the account before the sender."""
    moved = {}
    for lane, free in lanes.items():
        account, space, sender = lane.partition(" ")
        moved[f"{names.get(account, account)}{space}{sender}"] = free
    return moved


# In


def parse(document: object) -> Snapshot:
    """Read what `GET /_mock/snapshot` gave; raise `BadSnapshot` for anything that is not that."""
    try:
        snapshot = msgspec.convert(document, Snapshot)
    except msgspec.ValidationError as wrong:
        raise BadSnapshot(str(wrong)) from None
    for complaint in complaints(snapshot):
        raise BadSnapshot(complaint)
    return snapshot


def load(snapshot: Snapshot, tables: Tables, accounts: Accounts, engine: Engine) -> None:
    """Fill the tables of a sandbox that has just been assembled, and book its messages' steps."""
    sids = [accounts.first_sid, *(account.sid for account in snapshot.accounts[1:])]
    names = {f"AC#{place}": sid for place, sid in enumerate(sids, 1)}
    unit = Unit()
    for sid, account in zip(sids, snapshot.accounts, strict=True):
        accounts.set_up(_account(sid, account, names), unit)
    for number in snapshot.numbers:
        tables.numbers[number.phone_number] = _renamed(number, names)
    for service in snapshot.services:
        tables.services[service.sid] = _renamed(service, names)
    tables.feedback.update({each.message_sid: each for each in snapshot.feedback})
    for safe in snapshot.safe_list:
        safe = _renamed(safe, names)
        tables.safe_list[f"{safe.account_sid} {safe.phone_number}"] = safe
    tables.handsets.update({handset.phone_number: handset for handset in snapshot.handsets})
    tables.heard.update(snapshot.heard)
    tables.lanes.update(_moved(snapshot.lanes, names))
    tables.sticky.update(snapshot.sticky)
    tables.wishes.update(snapshot.wishes)
    for caller in snapshot.verified_callers:
        tables.verified_callers[caller.phone_number] = _renamed(caller, names)
    for application in snapshot.applications:
        tables.applications[application.sid] = _renamed(application, names)
    tables.members.update({each.key: _renamed(each, names) for each in snapshot.members})
    tables.filings.update({each.sid: _renamed(each, names) for each in snapshot.filings})
    for trigger in snapshot.usage_triggers:
        tables.usage_triggers[trigger.sid] = _renamed(trigger, names)
    tables.senders.update({each.id: _renamed(each, names) for each in snapshot.senders})
    tables.sender_pools.update({each.id: _renamed(each, names) for each in snapshot.sender_pools})
    tables.sender_pool_operations.update(
        {each.id: _renamed(each, names) for each in snapshot.sender_pool_operations}
    )
    for name, places in snapshot.deleted.items():
        tables.deleted.setdefault(name, {}).update(places)
    for opt_out in snapshot.opt_outs:
        tables.opt_outs.add(opt_out, unit)
    tables.gets.update(snapshot.gets)
    tables.cookies.update(snapshot.cookies)
    tables.streaks.update(snapshot.streaks)
    tables.messages.repeats.update(snapshot.repeats)
    for digest, content in snapshot.media_contents.items():
        tables.media.keep(digest, content, unit)
    for media in snapshot.media:
        tables.media.add(_renamed(media, names), None, unit)
    _load_messages(snapshot, tables, engine, names, unit)


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


def _load_messages(
    snapshot: Snapshot, tables: Tables, engine: Engine, names: Mapping[str, str], unit: Unit
) -> None:
    gone = {place: sid for sid, place in snapshot.gone.items()}
    rows = iter(snapshot.messages)
    for place in range(len(gone) + len(snapshot.messages)):
        if place in gone:
            tables.messages.add_gone(gone[place], unit)
            continue
        row = next(rows)
        message: Message = _renamed(row.message, names)
        tables.messages.add(message, row.delivery, unit)
        engine.book(message.sid, row.delivery)
