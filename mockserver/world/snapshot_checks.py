"""What no type can say of a snapshot: whether its records bear what is done with them later."""

import re
from collections.abc import Iterable, Sequence, Set
from typing import Final

from mockserver.domain.applications import Application
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.content import ContentTemplate
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
from mockserver.world.audiences.keeping import complaints as audience_complaints
from mockserver.world.events.checks import misfits
from mockserver.world.notify.keeping_checks import complaints as notify_complaints
from mockserver.world.snapshot_form import (
    LATEST,
    PLACED,
    VERSION,
    KeptAccount,
    KeptMessage,
    Snapshot,
    are_times,
    placed,
)
from mockserver.world.snapshot_places import Laid

MOST_PLACES: Final = 1 << 32
"""More records than that there never were; ours."""


def complaints(snapshot: Snapshot) -> Iterable[str]:
    """What no type can state; the records must bear whatever is done with them later."""
    if snapshot.version != VERSION:
        yield f"version {snapshot.version} is not {VERSION}, which this server reads"
    if not snapshot.accounts or not 0 <= snapshot.at <= LATEST:
        yield "there must be an account, and `at` must be a time"
    for place, account in enumerate(snapshot.accounts):
        if not _account_fits(account, place):
            yield f"accounts[{place}] is not an account"
    names = {f"AC#{place}" for place in range(1, len(snapshot.accounts) + 1)}
    for place, row in enumerate(snapshot.messages):
        if complaint := _misfit(row, names):
            yield f"messages[{place}]: {complaint}"
    yield from audience_complaints(snapshot.stores, snapshot.cohorts, names)
    laid = Laid(snapshot)
    yield from laid.complaints(names)
    for place, media in enumerate(snapshot.media):
        if not _media_fits(media, names):
            yield f"media[{place}] is no media of an account that is there"
    for place, service in enumerate(snapshot.services):
        times = (service.created_at, service.updated_at)
        if not (is_sid(service.sid, "MG") and are_times(*times) and is_pool(service)):
            yield f"services[{place}] is not a service"
    yield from _misfurnished(snapshot)
    yield from (f"notify.{each}" for each in notify_complaints(snapshot.notify, names))
    if not all(map(_LANE, map(str, snapshot.lanes.values()))):
        yield "lanes must hold numbers"
    if not are_times(*(out.at for out in snapshot.opt_outs)):
        yield "opt_outs: a time is out of range"
    if "given" in snapshot.scenario:
        yield "scenario must give nothing: what it gave is in the tables"
    if snapshot.course is not None and not snapshot.course.fits(snapshot.scenario, snapshot.at):
        yield "course is further than the scenario can have come"
    yield from _miswaiting(snapshot, names)
    yield from _misnamed(snapshot, laid)
    laid.crumble()


def _miswaiting(snapshot: Snapshot, names: Set[str]) -> Iterable[str]:
    """What is wrong with what webhooks have set, and handsets and weather still have to send."""
    for key, jar in snapshot.cookies.items():
        texts = (text for each in jar.cookies for text in (each.name, each.value))
        if not (are_times(jar.expires) and all(map(_HEADER, texts))):
            yield f"cookies[{key!r}] is no jar of cookies"
    for sid, answer in snapshot.answers.items():
        if not (is_sid(sid, "SM", "MM") and are_times(answer.at) and answer.possible):
            yield f"answers[{sid!r}] is nothing that a handset could write"
    for name, several in (("late", snapshot.late), ("retries", snapshot.retries)):
        for place, late in enumerate(several):
            if not late.fits(names, LATEST):
                yield f"{name}[{place}] is nothing that could be posted"
    held = [late.chain for late in snapshot.late if not late.due]
    if len(set(held)) < len(held):
        yield "late: two wait for the next callback of one message"


def _misnamed(snapshot: Snapshot, laid: Laid) -> Iterable[str]:
    """What is wrong with what is about messages; after the complaints about these."""
    if not all(map(laid.has, snapshot.foreseen)):
        yield "foreseen must be about messages that are there"
    for sid, shown in snapshot.shown.items():
        if not (laid.has(sid) and is_sid(shown.content_sid, "HX") and shown.is_sound):
            yield f"shown[{sid!r}] is not what one of the messages shows"
    for place, each in enumerate(snapshot.feedback):
        if not laid.has(each.message_sid) or not _is_feedback(each):
            yield f"feedback[{place}] is not feedback on one of the messages"


_Furniture = Number | CallerId | Application | Member | Filing | UsageTrigger | ContentTemplate


def _misfurnished(snapshot: Snapshot) -> Iterable[str]:
    """What is wrong with what accounts own."""
    kinds: tuple[tuple[str, Sequence[_Furniture], tuple[str, ...]], ...] = (
        ("numbers", snapshot.numbers, ("PN", "SC", "XE", "AI")),
        ("verified_callers", snapshot.verified_callers, ("PN",)),
        ("applications", snapshot.applications, ("AP",)),
        ("members", snapshot.members, ("PN", "SC", "XE", "AI")),
        ("filings", snapshot.filings, tuple(STAGES)),
        ("usage_triggers", snapshot.usage_triggers, ("UT",)),
        ("content", snapshot.content, ("HX",)),
    )
    for name, records, prefixes in kinds:
        for place, record in enumerate(records):
            if not is_sid(record.sid, *prefixes):
                yield f"{name}[{place}]: {record.sid!r} is not its SID"
            if not are_times(record.created_at, record.updated_at):
                yield f"{name}[{place}]: a time is out of range"
    yield from _miswritten(snapshot.content)
    yield from _mispooled(snapshot)
    yield from misfits(snapshot.sinks, snapshot.subscriptions)
    for name, places in snapshot.deleted.items():
        if not placed(name) or not all(0 <= place < MOST_PLACES for place in places.values()):
            yield f"deleted.{name} must hold places of {' or '.join(PLACED)}"


def _miswritten(templates: Iterable[ContentTemplate]) -> Iterable[str]:
    """What is wrong with content templates."""
    for place, template in enumerate(templates):
        given = template.submission
        if not template.is_sound:
            yield f"content[{place}]: its types are not those of a template"
        if given is not None and not are_times(given.at, given.due):
            yield f"content[{place}]: a time of its submission is out of range"


def _mispooled(snapshot: Snapshot) -> Iterable[str]:
    """What is wrong with senders and their pools."""
    kinds: tuple[tuple[str, Sequence[Sender | SenderPool | PoolOperation], str], ...] = (
        ("senders", snapshot.senders, SENDER),
        ("sender_pools", snapshot.sender_pools, POOL),
        ("sender_pool_operations", snapshot.sender_pool_operations, OPERATION),
    )
    for name, records, prefix in kinds:
        for place, record in enumerate(records):
            times = are_times(record.created_at, record.updated_at)
            if not (is_type_id(record.id, prefix) and times):
                yield f"{name}[{place}]: {record.id!r} is not its id, or a time is out of range"


def _account_fits(account: KeptAccount, place: int) -> bool:
    return (
        account.type in ("Full", "Trial")
        and account.mode in ("live", "test")
        and account.status in ("active", "suspended", "closed")
        and are_times(account.created_at, account.updated_at)
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


_LANE: Final = re.compile(r"[0-9]{1,40}").fullmatch

_PRICE: Final = re.compile(r"(?:-?[0-9]{1,12}(?:\.[0-9]{1,12})?)?").fullmatch
"""Dollars, as the API shows them, or nothing."""


def _misfit(row: KeptMessage, names: set[str]) -> str:
    message, delivery = row.message, row.delivery
    if not is_sid(message.sid, "SM", "MM"):
        return f"{message.sid!r} is not the SID of a message"
    if message.account_sid not in names:
        return f"there is no account {message.account_sid!r}"
    if not are_times(message.created_at, message.send_at, delivery.updated_at, delivery.sent_at):
        return "a time is out of range"
    if delivery.status not in STATUSES or not delivery.timeline:
        return f"{delivery.status!r} is not a status, or the timeline is empty"
    if not (_are_steps(delivery.timeline) and _are_steps(delivery.steps)):
        return "timeline and steps must be status, time, error code, status, …"
    if not _PRICE(delivery.price):
        return f"{delivery.price!r} is not a price"
    return ""


def _is_feedback(feedback: Feedback) -> bool:
    return feedback.outcome in OUTCOMES and are_times(feedback.created_at, feedback.updated_at)


def _are_steps(steps: Steps) -> bool:
    return (
        len(steps) % STEP == 0
        and all(status in STATUSES for status in steps[::STEP])
        and all(type(at) is int and 0 <= at <= LATEST for at in steps[1::STEP])
        and all(type(code) is int for code in steps[2::STEP])
    )
