"""What no type can say of notifications in a snapshot, and of their deliveries."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from mockserver.domain.notify.ask import DOCUMENTS, Ask
from mockserver.domain.notify.callbacks import MOST
from mockserver.domain.notify.channels import CHANNELS
from mockserver.domain.notify.documents import is_shallow
from mockserver.domain.notify.limits import RECIPIENTS, TTL
from mockserver.domain.notify.notifications import SENT, STATUSES, NotifyDelivery, Progress
from mockserver.domain.notify.sms import fits_sms
from mockserver.domain.sids import is_sid
from mockserver.world.notify.keeping import BINDING, KeptNotification, KeptNotify, by_service
from mockserver.world.snapshot_form import are_times

ANY: Final = 1 << 32
"""Places that a service may have had which is gone."""

PRIORITIES: Final = ("high", "low")


def complaints(kept: KeptNotify, accounts: AbstractSet[str]) -> Iterator[str]:
    """What no type can state; `accounts` are there under these names."""
    sids = [each.notification.sid for each in kept.notifications]
    if len(set(sids)) != len(sids):
        yield "notifications: a SID is there twice"
    rows = _rows(kept)
    for place, each in enumerate(kept.notifications):
        told = each.notification
        where, places = f"notifications[{place}]", rows.get(told.service.sid, ANY)
        for said in (*_misfits(each, accounts), *_unaskable(told.ask), *_lost(each, places)):
            yield f"{where}: {said}"
    for place, delivery in enumerate(kept.deliveries):
        if delivery.notification_sid not in sids or not _is_possible(delivery):
            yield f"deliveries[{place}]: there can be no such delivery"


def _rows(kept: KeptNotify) -> dict[str, int]:
    """How many places the bindings of each service take."""
    bindings = by_service(kept.bindings)
    return {
        each.sid: len(bindings[each.sid]) + len(kept.places(each.sid, BINDING))
        for each in kept.services
    }


def _misfits(kept: KeptNotification, accounts: AbstractSet[str]) -> Iterator[str]:
    told = kept.notification
    if not is_sid(told.sid, "NT") or not is_sid(told.service.sid, "IS"):
        yield "a SID is not what it must be"
    if not {told.account_sid, told.service.account_sid} <= accounts:
        yield "an account is not there"
    if not are_times(told.created_at):
        yield "a time is out of range"


def _unaskable(ask: Ask) -> Iterator[str]:
    if ask.priority not in PRIORITIES or not 0 <= ask.ttl <= TTL:
        yield "priority or ttl cannot be so"
    if len(ask.recipients) > RECIPIENTS:
        yield "there are too many recipients"
    if any(each.binding_type not in CHANNELS for each in ask.recipients):
        yield "a recipient has no channel"
    if not all(is_shallow(getattr(ask, name) or {}) for name in DOCUMENTS.values()):
        yield "a document is nested too deeply"
    if not fits_sms(ask.sms or {}):
        yield "sms cannot be so"


def _lost(kept: KeptNotification, rows: int) -> Iterator[str]:
    """What cannot be of how far it has come; the service's bindings take `rows` places."""
    progress, direct = kept.progress, len(kept.notification.ask.recipients)
    places = progress.places
    if direct and (progress.recipients != direct or places):
        yield "its recipients are others"
    elif not direct and not progress.over and len(places) != progress.recipients:
        yield "its recipients are not all there"
    if list(places) != sorted(set(places)) or (places and not 0 <= places[0] <= places[-1] < rows):
        yield "a place is there twice, or out of range"
    counted = progress.sent + progress.failed
    if not _is_counted(progress, counted):
        yield "its numbers do not add up"
    if len(progress.pending) > min(MOST, counted) or not all(map(_is_possible, progress.pending)):
        yield "what is pending cannot be so"


def _is_counted(progress: Progress, counted: int) -> bool:
    least = min(progress.sent, progress.failed, progress.told, progress.done)
    complete = progress.done == progress.recipients
    return (
        least >= 0
        and counted <= progress.done <= progress.recipients
        and (complete or not progress.over)
    )


def _is_possible(delivery: NotifyDelivery) -> bool:
    known = delivery.channel in CHANNELS and delivery.status in STATUSES
    fits = (delivery.status == SENT) == (delivery.error_code == 0)
    return known and fits and 0 <= delivery.error_code < 100_000 and are_times(delivery.at)
