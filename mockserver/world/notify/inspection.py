"""Looking into what Notify sent: notifications and deliveries, found and verified."""

from collections.abc import Callable, Mapping, Sequence
from heapq import nsmallest

import msgspec

from mockserver.domain.likeness import distance
from mockserver.domain.matching import Difference, Matcher, nearest
from mockserver.domain.message import Delivery, Message
from mockserver.domain.notify.notifications import SENT, Notification, NotifyDelivery
from mockserver.domain.notify.payloads import Payload, addressed, render
from mockserver.world.notify.handing import pushed
from mockserver.world.queries import (
    NEAR,
    NEAR_COMPARED,
    NEAR_LOOKED_AT,
    Cut,
    Found,
    explain,
    holds,
    in_parts,
    sift,
    still,
)
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import MessageSubject


class NotificationSubject:
    """A notification as the matcher looks at it."""

    __slots__ = ("told",)

    def __init__(self, told: Notification) -> None:
        self.told = told

    def get(self, name: str, /) -> object:
        """A field of it, or of what was asked for."""
        told = self.told
        if name == "addresses":
            return [each.address for each in told.ask.recipients]
        if name == "service_sid":
            return told.service.sid
        return getattr(told if hasattr(told, name) else told.ask, name, None)


class DeliverySubject:
    """A delivery as the matcher looks at it; its payload is rendered only for who asks."""

    __slots__ = ("made", "told")

    def __init__(self, told: Notification, made: NotifyDelivery) -> None:
        self.told, self.made = told, made

    def get(self, name: str, /) -> object:
        """A field of it, of its notification, or of what was asked for."""
        if name == "payload":
            return msgspec.json.encode(self.payload[0]).decode()
        if name == "service_sid":
            return self.told.service.sid
        for record in (self.made, self.told, self.told.ask):
            if hasattr(record, name):
                return getattr(record, name)
        return None

    @property
    def payload(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Exactly what its provider would have got, and the headers beside it."""
        told, made = self.told, self.made
        found: Payload = render(told.ask, made.channel, told.service, told.created_at)
        return addressed(found, made.address), found.headers


async def find_notifications(sandbox: Sandbox, matcher: Matcher, cut: Cut) -> Found[Notification]:
    """A page of the notifications that match."""
    sandbox.engine.catch_up()
    every = tuple(sandbox.tables.notify.notifications.values())
    places = await sift(range(len(every)), lambda n: matcher.matches(NotificationSubject(every[n])))
    part, after = cut.page(places)
    return Found([every[place] for place in part], len(places), after)


async def find_deliveries(sandbox: Sandbox, matcher: Matcher, cut: Cut) -> Found[DeliverySubject]:
    """A page of the deliveries that match."""
    sandbox.engine.catch_up()
    places = await _places(sandbox, matcher.matches)
    part, after = cut.page(places)
    return Found([subject(sandbox, place) for place in part], len(places), after)


async def find_as_messages(
    sandbox: Sandbox, matcher: Matcher, cut: Cut
) -> Found[tuple[Message, Delivery]]:
    """The same in the shape of messages; `matcher` has the filters of these."""
    sandbox.engine.catch_up()

    def fits(found: DeliverySubject) -> bool:
        return matcher.matches(MessageSubject(*_as_message(found)))

    places = await _places(sandbox, fits)
    part, after = cut.page(places)
    found = [_as_message(subject(sandbox, place)) for place in part]
    return Found(found, len(places), after)


def _as_message(found: DeliverySubject) -> tuple[Message, Delivery]:
    made, told = found.made, found.told
    status = "sent" if made.status == SENT else "failed"
    delivery = Delivery(status, made.at, (status, made.at, made.error_code), (), made.error_code)
    return pushed(told, made.channel, made.address, made.sid), delivery


def subject(sandbox: Sandbox, place: int) -> DeliverySubject:
    """The delivery at a place that there is."""
    made = sandbox.tables.notify.deliveries[place]
    return DeliverySubject(sandbox.tables.notify.notifications[made.notification_sid], made)


async def _places(sandbox: Sandbox, fits: Callable[[DeliverySubject], bool]) -> Sequence[int]:
    """Those of the deliveries that fit; raise `SandboxGone` for a reset in the middle."""
    tables, found = sandbox.tables, list[int]()
    async for part in in_parts(range(len(tables.notify.deliveries))):
        still(sandbox, tables)
        found += (place for place in part if fits(subject(sandbox, place)))
    still(sandbox, tables)
    return found


Miss = tuple[NotifyDelivery, dict[str, Difference]]
"""A delivery that nearly matches, and what does not fit."""


class Verdict(msgspec.Struct, frozen=True):
    """Whether as many match as there should, and if not, why."""

    ok: bool
    matched: int
    explanation: str
    misses: list[Miss]


async def verify(sandbox: Sandbox, matcher: Matcher, count: Mapping[str, int]) -> Verdict:
    """Count the deliveries that match; `count` has any of `exactly`, `at_least`, `at_most`."""
    sandbox.engine.catch_up()
    number = len(await _places(sandbox, matcher.matches))
    ok = holds(count, number)
    lacking = not ok and number < max(count.get("exactly", 0), count.get("at_least", 0))
    misses = await _near_misses(sandbox, matcher) if lacking else []
    said = explain(matcher.filters, count, number, ("push delivery", "push deliveries"))
    return Verdict(ok, number, said, misses)


async def _near_misses(sandbox: Sandbox, matcher: Matcher) -> list[Miss]:
    """The latest that come nearest."""
    tables = sandbox.tables
    end = len(tables.notify.deliveries)
    best: list[Miss] = []
    async for part in in_parts(range(max(0, end - NEAR_LOOKED_AT), end)):
        still(sandbox, tables)
        found = nearest(matcher, [subject(sandbox, place) for place in part], NEAR_COMPARED)
        newer = [(each.made, differences) for each, differences in found]
        best = nsmallest(NEAR_COMPARED, [*newer, *best], key=lambda miss: len(miss[1]))
    return nsmallest(NEAR, best, key=lambda miss: distance(miss[1]))
