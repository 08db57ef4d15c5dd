"""What no type can say of a snapshot: whether its records bear what is done with them later."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from mockserver.domain.applications import Application
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.feedback import OUTCOMES, Feedback
from mockserver.domain.filings import STAGES, Filing
from mockserver.domain.lifecycle import STATUSES
from mockserver.domain.media import Media
from mockserver.domain.message import STEP, Steps
from mockserver.domain.numbers import Number
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
from mockserver.world.snapshot_form import (
    PLACED,
    VERSION,
    KeptAccount,
    KeptMessage,
    Snapshot,
    placed,
)

MOST_PLACES: Final = 1 << 32
"""More records than that there never were; ours."""

LATEST: Final = 253_402_300_799_000_000
"""Microseconds of the last second that dates can show, of the year 9999."""


def complaints(snapshot: Snapshot) -> Iterable[str]:
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
        if not placed(name) or not all(0 <= place < MOST_PLACES for place in places.values()):
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
