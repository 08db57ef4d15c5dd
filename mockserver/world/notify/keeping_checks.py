"""What no type can say of Notify's tables in a snapshot."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.channels import CHANNELS, PUSH
from mockserver.domain.notify.segments import Segment
from mockserver.domain.notify.users import User
from mockserver.domain.sids import is_sid
from mockserver.world.notify.keeping import BINDING, USER, KeptNotify, by_service
from mockserver.world.notify.sent_checks import complaints as sent_complaints
from mockserver.world.snapshot_form import are_times


def complaints(kept: KeptNotify, accounts: AbstractSet[str]) -> Iterator[str]:
    """What no type can state; `accounts` are there under these names."""
    for name, records, prefix in (
        ("services", kept.services, "IS"),
        ("credentials", kept.credentials, "CR"),
        ("segments", kept.segments, "SG"),
        ("bindings", kept.bindings, BINDING),
        ("users", kept.users, USER),
    ):
        yield from _misfits(name, records, prefix, accounts)
    services = {each.sid for each in kept.services}
    for place, credential in enumerate(kept.credentials):
        if credential.type not in PUSH:
            yield f"credentials[{place}]: {credential.type!r} is no channel with credentials"
    owned: tuple[Segment | Binding | User, ...] = (*kept.segments, *kept.bindings, *kept.users)
    for each in owned:
        if each.service_sid not in services:
            yield f"there is no service {each.service_sid!r}, of {each.sid}"
    yield from _misdirected(kept)
    yield from _misplaced(kept, services)
    yield from sent_complaints(kept, accounts)


def _misfits(
    name: str, records: Sequence[Any], prefix: str, accounts: AbstractSet[str]
) -> Iterator[str]:
    """What is wrong with records one by one, and with their SIDs together."""
    for place, each in enumerate(records):
        if not is_sid(each.sid, prefix):
            yield f"{name}[{place}]: {each.sid!r} is not its SID"
        if each.account_sid not in accounts:
            yield f"{name}[{place}]: there is no account {each.account_sid!r}"
        if not are_times(each.created_at, each.updated_at):
            yield f"{name}[{place}]: a time is out of range"
    if len({each.sid for each in records}) != len(records):
        yield f"{name}: a SID is there twice"


def _misdirected(kept: KeptNotify) -> Iterator[str]:
    """Bindings without a channel or a user, users twice or in segments that are not there."""
    people = {(each.service_sid, each.identity) for each in kept.users}
    if len(people) != len(kept.users):
        yield "users: an identity is there twice"
    for place, binding in enumerate(kept.bindings):
        if binding.binding_type not in CHANNELS:
            yield f"bindings[{place}]: {binding.binding_type!r} is no channel"
        if (binding.service_sid, binding.identity) not in people:
            yield f"bindings[{place}]: there is no user {binding.identity!r}"
    segments = {each.key for each in kept.segments}
    for place, user in enumerate(kept.users):
        if not {f"{user.service_sid} {name}" for name in user.segments} <= segments:
            yield f"users[{place}]: a segment is not there"


def _misplaced(kept: KeptNotify, services: AbstractSet[str]) -> Iterator[str]:
    """Places of what was deleted that cannot be: there, twice, or beyond the last."""
    bindings, users = by_service(kept.bindings), by_service(kept.users)
    for sid, gone in kept.gone.items():
        if sid not in services or not all(is_sid(each, BINDING, USER) for each in gone):
            yield f"gone: {sid!r} must be a service, with SIDs of bindings and users"
        for prefix, living in ((BINDING, len(bindings[sid])), (USER, len(users[sid]))):
            places = sorted(kept.places(sid, prefix).values())
            taken = len(set(places)) < len(places)
            if taken or (places and not 0 <= places[0] <= places[-1] < living + len(places)):
                yield f"gone.{sid}: two places are one, or a place is out of range"
        own = {*(each.sid for each in bindings[sid]), *(each.sid for each in users[sid])}
        if not own.isdisjoint(gone):
            yield f"gone.{sid}: a record is there and gone"
