"""What no type can say of a snapshot's sinks and subscriptions."""

from collections.abc import Iterable, Sequence

from mockserver.domain.events.catalogue import TYPES
from mockserver.domain.events.schemas import SCHEMAS
from mockserver.domain.events.sinks import STATUSES, Sink, fits
from mockserver.domain.events.subscriptions import Subscription
from mockserver.domain.sids import is_sid
from mockserver.world.snapshot_form import are_times


def misfits(sinks: Sequence[Sink], subscriptions: Sequence[Subscription]) -> Iterable[str]:
    """A sentence for each that is none, or leads to no sink of its account."""
    for place, sink in enumerate(sinks):
        if not _is_sink(sink):
            yield f"sinks[{place}] is no sink"
    owners = {sink.sid: sink.account_sid for sink in sinks}
    for place, each in enumerate(subscriptions):
        if not _is_subscription(each):
            yield f"subscriptions[{place}] is no subscription"
        if owners.get(each.sink_sid) != each.account_sid:
            yield f"subscriptions[{place}]: {each.sink_sid!r} is no sink of its account"


def _is_sink(sink: Sink) -> bool:
    return (
        is_sid(sink.sid, "DG")
        and fits(sink.type, sink.configuration)
        and sink.status in STATUSES
        and sink.tests >= 0
        and are_times(sink.created_at, sink.updated_at)
    )


def _is_subscription(subscription: Subscription) -> bool:
    return (
        is_sid(subscription.sid, "DF")
        and are_times(subscription.created_at, subscription.updated_at)
        and all(_is_version(name, number) for name, number in subscription.types.items())
    )


def _is_version(name: str, number: int) -> bool:
    return name in TYPES and 1 <= number <= SCHEMAS[TYPES[name].schema_id].latest
