"""api.twilio.com: a module per resource.

Messages are there from the start; the others are loaded when somebody first asks for one.
"""

from collections.abc import Iterator
from typing import Final

from mockserver.domain.errors import GONE, NOT_FOUND, Problem
from mockserver.edge.api import messages
from mockserver.edge.http.call import Route
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router


def _others() -> Iterator[Route]:
    from mockserver.edge.api import (
        accounts,
        applications,
        available_phone_numbers,
        balance,
        feedback,
        incoming_phone_numbers,
        keys,
        media,
        notifications,
        outgoing_caller_ids,
        short_codes,
        usage,
        usage_triggers,
    )

    yield from feedback.ROUTES
    yield from media.ROUTES
    yield from usage.ROUTES
    yield from usage_triggers.ROUTES
    yield from notifications.ROUTES
    yield from accounts.ROUTES
    yield from balance.ROUTES
    yield from keys.ROUTES
    yield from incoming_phone_numbers.ROUTES
    yield from available_phone_numbers.ROUTES
    yield from outgoing_caller_ids.ROUTES
    yield from short_codes.ROUTES
    yield from applications.ROUTES


OLD: Final = ["SMS", "Messages"]


def _unserved(path: str) -> Problem:
    """What was called `SMS/Messages` before there was MMS is gone. Source: error 20410."""
    _, *segments = path.removesuffix(".json").split("/")
    return GONE if segments[0] == "2010-04-01" and segments[3:5] == OLD else NOT_FOUND


PRODUCT = Product(
    "api",
    "v2010",
    Router(messages.ROUTES, later=_others),
    names_version=True,
    unserved=_unserved,
)
"""Every operation of this host that is served."""
