"""`/v1/Services/{IS}/Segments`: names that users are gathered under; only a list."""

from typing import Final

from mockserver.domain.notify.segments import Segment
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify.shared import (
    FOLDER,
    SERVICE,
    SERVICES,
    Document,
    ask,
    date,
    find_service,
    listed,
)
from mockserver.world.notify.segments import Segments


async def list_(call: Call) -> Reply:
    """The service's segments, newest first, a page at a time."""
    service = find_service(call)
    asked = ask(call, "ListSegment", "Segment")
    segments = Segments(call.sandbox)
    found = segments.page(call.account, asked.page, lambda each: each.service_sid == service.sid)
    return listed(call, f"{SERVICES}/{service.sid}/Segments", "segments", asked, found, render)


ROUTES: Final = (
    Route("GET", f"{SERVICE}/Segments", "ListSegment", list_, schema=f"{FOLDER}/Segment"),
)


def render(_: Call, segment: Segment) -> Document:
    """A segment as the official Python library of early 2018 has it in its tests."""
    return {
        "sid": segment.sid,
        "account_sid": segment.account_sid,
        "service_sid": segment.service_sid,
        "unique_name": segment.unique_name,
        "date_created": date(segment.created_at),
        "date_updated": date(segment.updated_at),
    }
