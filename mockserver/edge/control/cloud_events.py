"""`/cloud_events`: what the Communications API tells of, and what else somebody has subscribed to.

All of it as Event Streams delivers it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.matching import CLOUD_EVENT_FIELDS, BadFilter, near
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, Query, Route
from mockserver.world.queries import find_entries, in_parts, still

if TYPE_CHECKING:  # loaded with the first operation
    from mockserver.world.bulk.happened import Happened


class EventSubject:
    """An event as the matcher looks at it: what it says is made only for who reads it."""

    __slots__ = ("_event",)

    def __init__(self, event: "Happened") -> None:
        self._event = event

    def get(self, name: str, /) -> object:
        """What a filter asks."""
        from mockserver.world.bulk import cloud_events

        event = self._event
        if name == "type":
            return cloud_events.type_of(event)
        if name == "message_id":
            return cloud_events.message_id(event)
        if name == "operation_id":
            return cloud_events.operation_id(event)
        return event.at if name == "at" else event.about.account_sid


async def list_(ask: Ask) -> Answer:
    """A page of the events that match."""
    ask.sandbox.engine.catch_up()
    asked = replace(ask, query=_in_full(ask.query))
    matcher, cut = filters.matcher(asked, CLOUD_EVENT_FIELDS), filters.cut(ask)
    tables, events = ask.sandbox.tables, ask.sandbox.events
    keep = (lambda each: matcher.matches(EventSubject(each))) if matcher.filters else None
    found = await find_entries(events, cut, keep)
    documents: list[dict[str, Any]] = []
    async for part in in_parts(found.items):
        still(ask.sandbox, tables)
        documents += map(events.cloud_event, part)
    return Answer(
        200, filters.page("cloud_events", documents, found, cut) | {"dropped": events.dropped}
    )


def _in_full(query: Query) -> Query:
    """Types as they are: `message.sent` stands for `com.twilio.comms-api.message.sent`."""
    from mockserver.domain.events.catalogue import TEST, TYPES
    from mockserver.world.bulk.cloud_events import PREFIX

    full = [_full(text, PREFIX) for text in query.get("type", ())]
    known = [name.removeprefix(PREFIX) for name in (*TYPES, TEST)]
    for each in full:
        name = each.removeprefix(PREFIX)
        if "*" not in each and name not in known:
            raise BadFilter("type", f"{each!r} is none of {', '.join(known)}", near(name, known))
    return {**query, **({"type": full} if full else {})}


def _full(text: str, prefix: str) -> str:
    return text if text.startswith(("*", "com.twilio.")) else prefix + text


async def clear(ask: Ask) -> Answer:
    """Forget all of them."""
    ask.sandbox.events.clear()
    return Answer(204)


ROUTES: Final = (
    Route(
        "GET",
        "/cloud_events",
        list_,
        "The events that match, as CloudEvents: the Communications API's, and those of other "
        "products that were subscribed to; the latest 10,000.",
        answer="CloudEvents",
        query=filters.CLOUD_EVENTS,
    ),
    Route("DELETE", "/cloud_events", clear, "Forget the events.", status=204),
)
