"""Notify's tables in a snapshot: out and in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.credentials import Credential
from mockserver.domain.notify.notifications import Notification, NotifyDelivery, Progress
from mockserver.domain.notify.segments import Segment
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User
from mockserver.world.notify.binding_table import BindingTable
from mockserver.world.notify.rows import Record, Rows
from mockserver.world.notify.user_table import UserTable
from mockserver.world.tables import Tables

BINDING: Final = "BS"
USER: Final = "US"


class KeptNotification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One notification, and how far it has come; callbacks that it made are not taken along."""

    notification: Notification
    progress: Progress


class KeptNotify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    services: list[NotifyService] = []
    credentials: list[Credential] = []
    segments: list[Segment] = []
    bindings: list[Binding] = []
    """Those of a service in order of creation; so are users."""
    users: list[User] = []
    gone: dict[str, dict[str, int]] = {}
    """Places of deleted bindings and users, by SID, by service."""
    notifications: list[KeptNotification] = []
    """In order; so are deliveries."""
    deliveries: list[NotifyDelivery] = []

    def places(self, service_sid: str, prefix: str) -> dict[str, int]:
        """Of the deleted ones of a service whose SIDs begin so."""
        gone = self.gone.get(service_sid, {})
        return {sid: place for sid, place in gone.items() if sid.startswith(prefix)}


Renamed = Callable[[Any], Any]
"""A record with its account as the other side calls it."""

R = TypeVar("R", bound=Record)
M = TypeVar("M", Binding, User)


# Out


def take(tables: Tables, renamed: Renamed) -> KeptNotify:
    """The tables as they are now."""
    bindings, users = tables.notify.bindings, tables.notify.users
    return KeptNotify(
        [renamed(each) for each in tables.notify.services.values()],
        [renamed(each) for each in tables.notify.credentials.values()],
        [renamed(each) for each in tables.notify.segments.values()],
        [renamed(each) for table in bindings.values() for each in table],
        [renamed(each) for table in users.values() for each in table],
        {sid: gone for sid in tables.notify.services if (gone := _gone(tables, sid))},
        [
            KeptNotification(_moved(each, renamed), _copied(tables.notify.progress[each.sid]))
            for each in tables.notify.notifications.values()
        ],
        list(tables.notify.deliveries),
    )


def _copied(progress: Progress) -> Progress:
    """It changes, and a snapshot does not."""
    return replace(progress, pending=list(progress.pending))


def _moved(told: Notification, renamed: Renamed) -> Notification:
    """A notification, and the service that it holds, with another name of their account."""
    moved: Notification = renamed(told)
    return replace(moved, service=renamed(moved.service))


def _gone(tables: Tables, sid: str) -> dict[str, int]:
    bindings, users = tables.notify.bindings.get(sid), tables.notify.users.get(sid)
    return {**(bindings.gone if bindings else {}), **(users.gone if users else {})}


# In


def load(kept: KeptNotify, tables: Tables, renamed: Renamed) -> None:
    """Fill empty tables with what has no `complaints`."""
    tables.notify.services.update({each.sid: renamed(each) for each in kept.services})
    tables.notify.credentials.update({each.sid: renamed(each) for each in kept.credentials})
    tables.notify.segments.update({each.key: renamed(each) for each in kept.segments})
    bindings, users = by_service(kept.bindings), by_service(kept.users)
    for sid in tables.notify.services:
        tables.notify.bindings[sid], tables.notify.users[sid] = BindingTable(), UserTable()
        own, people = map(renamed, bindings[sid]), map(renamed, users[sid])
        _fill(tables.notify.bindings[sid], own, kept.places(sid, BINDING))
        _fill(tables.notify.users[sid], people, kept.places(sid, USER))
    for each in kept.notifications:
        sid = each.notification.sid
        tables.notify.notifications[sid] = _moved(each.notification, renamed)
        tables.notify.progress[sid] = _copied(each.progress)
    tables.notify.deliveries += kept.deliveries


def by_service(records: Iterable[M]) -> Mapping[str, list[M]]:
    """Bindings or users of each service; none of one that has none."""
    found = defaultdict[str, list[M]](list)
    for record in records:
        found[record.service_sid].append(record)
    return found


def _fill(table: Rows[R], records: Iterable[R], gone: Mapping[str, int]) -> None:
    left_out = {place: sid for sid, place in gone.items()}
    for record in records:
        _leave_out(table, left_out)
        table.put(record)
    _leave_out(table, left_out)


def _leave_out(table: Rows[R], left_out: Mapping[int, str]) -> None:
    while (sid := left_out.get(table.next_place)) is not None:
        table.leave_out(sid)
