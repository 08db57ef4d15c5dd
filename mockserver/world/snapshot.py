"""A sandbox's tables out and in: for `GET` and `PUT /_mock/snapshot`, and to fork a sandbox.

Accounts are named by ordinal (`AC#1`, `AC#2`, …), since an account belongs to one living sandbox:
the first becomes the target's own. Tokens and keys stay behind. The steps that messages still have
to take are in their rows and are booked again; callbacks on their way out are not taken along.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.lifecycle import STATUSES
from mockserver.domain.message import STEP, Delivery, Message, Steps
from mockserver.domain.numbers import Number, OptOut, Service
from mockserver.domain.sids import is_sid
from mockserver.world.accounts import Accounts
from mockserver.world.engine import Engine
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit

VERSION: Final = 1

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
    owner: str = ""
    """The parent, as `AC#1`."""
    created_at: int = 0


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
    verified_callers: list[str] = []
    opt_outs: list[OptOut] = []
    messages: list[KeptMessage] = []
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
        verified_callers=sorted(tables.verified_callers),
        opt_outs=sorted(tables.opt_outs, key=lambda out: (out.from_, out.to)),
        messages=[
            KeptMessage(_renamed(message, names), kept.delivery(message.sid))
            for message in kept.oldest_first()
        ],
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
        owner=names.get(account.owner_account_sid, account.owner_account_sid),
        created_at=account.created_at,
    )


def _renamed(record: Any, names: Mapping[str, str]) -> Any:
    """A record under another name of its account."""
    sid = names.get(record.account_sid, record.account_sid)
    if isinstance(record, msgspec.Struct):
        return msgspec.structs.replace(record, account_sid=sid)
    return type(record)(**{**msgspec.to_builtins(record), "account_sid": sid})


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


def _account_fits(account: KeptAccount, place: int) -> bool:
    return (
        account.type in ("Full", "Trial")
        and account.mode in ("live", "test")
        and account.status in ("active", "suspended", "closed")
        and (not place or is_sid(account.sid, "AC"))
    )


def _misfit(row: KeptMessage, names: set[str]) -> str:
    message, delivery = row.message, row.delivery
    if not is_sid(message.sid, "SM", "MM"):
        return f"{message.sid!r} is not the SID of a message"
    if message.account_sid not in names:
        return f"there is no account {message.account_sid!r}"
    times = (message.created_at, message.send_at, delivery.updated_at, delivery.sent_at)
    if not all(0 <= at <= LATEST for at in times):
        return "a time is out of range"
    if delivery.status not in STATUSES or not delivery.timeline:
        return f"{delivery.status!r} is not a status, or the timeline is empty"
    if not (_are_steps(delivery.timeline) and _are_steps(delivery.steps)):
        return "timeline and steps must be status, time, error code, status, …"
    return ""


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
    tables.verified_callers.update(snapshot.verified_callers)
    tables.opt_outs.update(snapshot.opt_outs)
    tables.messages.repeats.update(snapshot.repeats)
    _load_messages(snapshot, tables, engine, names, unit)


def _account(sid: str, kept: KeptAccount, names: Mapping[str, str]) -> Account:
    return Account(
        sid=sid,
        type=kept.type,
        mode=kept.mode,
        status=kept.status,
        friendly_name=kept.friendly_name,
        owner_account_sid=names.get(kept.owner, kept.owner),
        created_at=kept.created_at,
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
