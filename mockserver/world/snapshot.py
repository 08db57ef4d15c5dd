"""A sandbox's tables out and in: for `GET` and `PUT /_mock/snapshot`, and to fork a sandbox.

Accounts are named by ordinal (`AC#1`, `AC#2`, …), since an account belongs to one living sandbox:
the first becomes the target's own. Tokens and keys stay behind. The steps that messages still have
to take are in their rows and are booked again; callbacks on their way out are not taken along.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from mockserver.domain.accounts import Account, SafeNumber
from mockserver.domain.applications import Application
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.cookies import Jar
from mockserver.domain.feedback import OUTCOMES, Feedback
from mockserver.domain.filings import STAGES, Filing
from mockserver.domain.lifecycle import STATUSES
from mockserver.domain.loops import Streak
from mockserver.domain.media import Media
from mockserver.domain.message import STEP, Delivery, Message, Steps
from mockserver.domain.numbers import Handset, Number, OptOut, Service
from mockserver.domain.pools import Member, is_pool
from mockserver.domain.sender_pools import (
    OPERATION,
    POOL,
    SENDER,
    PoolOperation,
    Sender,
    SenderPool,
)
from mockserver.domain.sids import is_sid
from mockserver.domain.type_ids import is_type_id
from mockserver.domain.usage_triggers import UsageTrigger
from mockserver.world.accounts import Accounts
from mockserver.world.engine import Engine
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit, Wish

VERSION: Final = 1

PLACED: Final = (
    "services",
    "numbers",
    "verified_callers",
    "applications",
    "filings",
    "members",
    "usage_triggers",
)
"""Tables of `world/registry.py` that are taken along; of members, one for each service."""

MOST_PLACES: Final = 1 << 32
"""More records than that there never were; ours."""

LATEST: Final = 253_402_300_799_000_000
"""Microseconds of the last second that dates can show, of the year 9999."""


class BadSnapshot(ValueError):
    """What was put is no snapshot; the text says where."""


class KeptAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account without its token."""

    sid: str = ""
    """"" for the first one, which becomes the target's own."""
    type: str = "Full"
    mode: str = "live"
    status: str = "active"
    friendly_name: str = ""
    geo_permissions_off: tuple[str, ...] = ()
    owner: str = ""
    """The parent, as `AC#1`."""
    created_at: int = 0
    updated_at: int = 0
    by_twilio: bool = False
    """Whether Twilio itself suspended it."""


class KeptMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked and what became of it."""

    message: Message
    delivery: Delivery


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in a sandbox's tables, and the rules in force."""

    at: int
    """The sandbox's time, in microseconds."""
    accounts: list[KeptAccount]
    version: int = VERSION
    numbers: list[Number] = []
    services: list[Service] = []
    feedback: list[Feedback] = []
    safe_list: list[SafeNumber] = []
    handsets: list[Handset] = []
    heard: dict[str, int] = {}
    lanes: dict[str, int] = {}
    sticky: dict[str, str] = {}
    wishes: dict[str, Wish] = {}
    verified_callers: list[CallerId] = []
    applications: list[Application] = []
    members: list[Member] = []
    filings: list[Filing] = []
    usage_triggers: list[UsageTrigger] = []
    senders: list[Sender] = []
    sender_pools: list[SenderPool] = []
    sender_pool_operations: list[PoolOperation] = []
    deleted: dict[str, dict[str, int]] = {}
    """Places of what was deleted, by SID, of the tables in `PLACED`."""
    opt_outs: list[OptOut] = []
    gets: list[str] = []
    cookies: dict[str, Jar] = {}
    streaks: dict[str, Streak] = {}
    messages: list[KeptMessage] = []
    media: list[Media] = []
    media_contents: dict[str, bytes] = {}
    """By digest, oldest first; in JSON as base64."""
    gone: dict[str, int] = {}
    """Places of deleted messages, by SID."""
    repeats: dict[str, int] = {}
    counters: dict[str, int] = {}
    scenario: dict[str, Any] = {}
    """As a document, without `given`: that is in the tables."""

    def rehomed(self, sid_of: Callable[[str], str]) -> "Snapshot":
        """With the SIDs of all but the first account as `sid_of` wants them."""
        own, *others = self.accounts
        moved = [msgspec.structs.replace(each, sid=sid_of(each.sid)) for each in others]
        return msgspec.structs.replace(self, accounts=[own, *moved])


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
        deleted={name: dict(at) for name, at in tables.deleted.items() if at and _placed(name)},
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
    for complaint in _complaints(snapshot):
        raise BadSnapshot(complaint)
    return snapshot


def _complaints(snapshot: Snapshot) -> Iterable[str]:
    """What no type can state; the records must bear whatever is done with them later."""
    if snapshot.version != VERSION:
        yield f"version {snapshot.version} is not {VERSION}, which this server reads"
    if not snapshot.accounts or not 0 <= snapshot.at <= LATEST:
        yield "there must be an account, and `at` must be a time"
    for place, account in enumerate(snapshot.accounts):
        if not _account_fits(account, place):
            yield f"accounts[{place}] is not an account"
    ordinals = [row.message.ordinal for row in snapshot.messages]
    if ordinals != sorted(ordinals) or sorted([*ordinals, *snapshot.gone.values()]) != list(
        range(len(ordinals) + len(snapshot.gone))
    ):
        yield "the ordinals of messages and `gone` must be 0, 1, 2, … with each message in order"
    if len({row.message.sid for row in snapshot.messages} | set(snapshot.gone)) != len(
        ordinals
    ) + len(snapshot.gone):
        yield "a message's SID is there twice"
    names = {f"AC#{place}" for place in range(1, len(snapshot.accounts) + 1)}
    for place, row in enumerate(snapshot.messages):
        if complaint := _misfit(row, names):
            yield f"messages[{place}]: {complaint}"
    for place, media in enumerate(snapshot.media):
        if not _media_fits(media, names):
            yield f"media[{place}] is no media of an account that is there"
    for place, service in enumerate(snapshot.services):
        times = (service.created_at, service.updated_at)
        if not (is_sid(service.sid, "MG") and _are_times(*times) and is_pool(service)):
            yield f"services[{place}] is not a service"
    yield from _misfurnished(snapshot)
    if not _are_times(*(out.at for out in snapshot.opt_outs)):
        yield "opt_outs: a time is out of range"
    for key, jar in snapshot.cookies.items():
        texts = (text for each in jar.cookies for text in (each.name, each.value))
        if not (_are_times(jar.expires) and all(map(_HEADER, texts))):
            yield f"cookies[{key!r}] is no jar of cookies"
    sids = {row.message.sid for row in snapshot.messages}
    for place, each in enumerate(snapshot.feedback):
        if each.message_sid not in sids or not _is_feedback(each):
            yield f"feedback[{place}] is not feedback on one of the messages"


_Furniture = Number | CallerId | Application | Member | Filing | UsageTrigger


def _misfurnished(snapshot: Snapshot) -> Iterable[str]:
    """What is wrong with what accounts own."""
    kinds: tuple[tuple[str, Sequence[_Furniture], tuple[str, ...]], ...] = (
        ("numbers", snapshot.numbers, ("PN", "SC", "XE", "AI")),
        ("verified_callers", snapshot.verified_callers, ("PN",)),
        ("applications", snapshot.applications, ("AP",)),
        ("members", snapshot.members, ("PN", "SC", "XE", "AI")),
        ("filings", snapshot.filings, tuple(STAGES)),
        ("usage_triggers", snapshot.usage_triggers, ("UT",)),
    )
    for name, records, prefixes in kinds:
        for place, record in enumerate(records):
            if not is_sid(record.sid, *prefixes):
                yield f"{name}[{place}]: {record.sid!r} is not its SID"
            if not _are_times(record.created_at, record.updated_at):
                yield f"{name}[{place}]: a time is out of range"
    yield from _mispooled(snapshot)
    for name, places in snapshot.deleted.items():
        if not _placed(name) or not all(0 <= place < MOST_PLACES for place in places.values()):
            yield f"deleted.{name} must hold places of {' or '.join(PLACED)}"


def _mispooled(snapshot: Snapshot) -> Iterable[str]:
    """What is wrong with senders and their pools."""
    kinds: tuple[tuple[str, Sequence[Sender | SenderPool | PoolOperation], str], ...] = (
        ("senders", snapshot.senders, SENDER),
        ("sender_pools", snapshot.sender_pools, POOL),
        ("sender_pool_operations", snapshot.sender_pool_operations, OPERATION),
    )
    for name, records, prefix in kinds:
        for place, record in enumerate(records):
            times = _are_times(record.created_at, record.updated_at)
            if not (is_type_id(record.id, prefix) and times):
                yield f"{name}[{place}]: {record.id!r} is not its id, or a time is out of range"


def _placed(name: str) -> bool:
    return name.partition("/")[0] in PLACED


def _account_fits(account: KeptAccount, place: int) -> bool:
    return (
        account.type in ("Full", "Trial")
        and account.mode in ("live", "test")
        and account.status in ("active", "suspended", "closed")
        and _are_times(account.created_at, account.updated_at)
        and (not place or is_sid(account.sid, "AC"))
    )


def _media_fits(media: Media, names: set[str]) -> bool:
    return (
        is_sid(media.sid, "ME")
        and is_sid(media.message_sid, "SM", "MM")
        and media.account_sid in names
        and 0 <= media.created_at <= LATEST
        and 0 <= media.updated_at <= LATEST
        and _HEADER(media.content_type + media.filename) is not None
    )


_HEADER: Final = re.compile(r"[\x20-\x7e]*").fullmatch
"""What may stand in a header of the answer that hands a file out."""


def _misfit(row: KeptMessage, names: set[str]) -> str:
    message, delivery = row.message, row.delivery
    if not is_sid(message.sid, "SM", "MM"):
        return f"{message.sid!r} is not the SID of a message"
    if message.account_sid not in names:
        return f"there is no account {message.account_sid!r}"
    if not _are_times(message.created_at, message.send_at, delivery.updated_at, delivery.sent_at):
        return "a time is out of range"
    if delivery.status not in STATUSES or not delivery.timeline:
        return f"{delivery.status!r} is not a status, or the timeline is empty"
    if not (_are_steps(delivery.timeline) and _are_steps(delivery.steps)):
        return "timeline and steps must be status, time, error code, status, …"
    return ""


def _is_feedback(feedback: Feedback) -> bool:
    return feedback.outcome in OUTCOMES and _are_times(feedback.created_at, feedback.updated_at)


def _are_times(*times: int) -> bool:
    return all(0 <= at <= LATEST for at in times)


def _are_steps(steps: Steps) -> bool:
    return (
        len(steps) % STEP == 0
        and all(status in STATUSES for status in steps[::STEP])
        and all(isinstance(at, int) and 0 <= at <= LATEST for at in steps[1::STEP])
        and all(isinstance(code, int) for code in steps[2::STEP])
    )


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
