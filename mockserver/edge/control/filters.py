"""Filters and cuts out of a query."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeVar

from mockserver.domain.matching import (
    CALLBACK_FIELDS,
    CLOUD_EVENT_FIELDS,
    MESSAGE_FIELDS,
    NOTIFICATION_FIELDS,
    OPERATION_FIELDS,
    PUSH_FIELDS,
    REQUEST_FIELDS,
    Matcher,
)
from mockserver.domain.matching import FieldKind as Kind
from mockserver.edge.control.ask import Ask
from mockserver.edge.control.refusals import Refusal
from mockserver.world.queries import Cut, Found

T = TypeVar("T")

LIST: Final = ("order", "limit", "cursor")
MESSAGES: Final = (*MESSAGE_FIELDS, *LIST)
REQUESTS: Final = (*REQUEST_FIELDS, *LIST)
CALLBACKS: Final = (*CALLBACK_FIELDS, *LIST)
OPERATIONS: Final = (*OPERATION_FIELDS, *LIST)
CLOUD_EVENTS: Final = (*CLOUD_EVENT_FIELDS, *LIST)
NOTIFICATIONS: Final = (*NOTIFICATION_FIELDS, *LIST)
PUSH_DELIVERIES: Final = (*PUSH_FIELDS, *LIST)
WAIT: Final = (*MESSAGE_FIELDS, "count", "timeout")

LIMIT: Final = 1_000
MOST: Final = 10_000
"""Entries of one page."""

_PLUS_LOST: Final = re.compile(r"(?:^|(?<=:)) (?=[0-9])")
"""`?to=+1415…` without its plus escaped, which reads as a space; also after `whatsapp:`."""

_ZONE_LOST: Final = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)")
"""The same in `…T00:00:00+01:00`."""

_LOST: Final = {"to": _PLUS_LOST, "from": _PLUS_LOST, "since": _ZONE_LOST}


def matcher(ask: Ask, fields: Mapping[str, Kind], *, reached: bool = False) -> Matcher:
    """The query's filters; raise `BadFilter`. With `reached`, that is what `status` means."""
    filters = {
        name: values[0] if len(values) == 1 else values
        for name, texts in ask.query.items()
        if name in fields and (values := [_mended(name, text) for text in texts])
    }
    return Matcher.compile(filters, fields=fields, status_means_reached=reached)


def _mended(name: str, text: str) -> str:
    return _LOST[name].sub("+", text) if name in _LOST else text


def cut(ask: Ask) -> Cut:
    """Which part of a list is wanted; refuse what cannot be."""
    order, place = _start(ask)
    return Cut(order, whole(ask, "limit", LIMIT, MOST), place)


_CURSOR: Final = re.compile(r"(asc|desc)-([0-9]{1,15})").fullmatch


def _start(ask: Ask) -> tuple[Literal["asc", "desc"], int | None]:
    """Order and place; a cursor knows its order."""
    order, text = ask.parameter("order"), ask.parameter("cursor")
    if order not in ("", "asc", "desc"):
        raise bad("order", f"must be asc or desc, not {order!r}")
    if not text:
        return ("desc" if order == "desc" else "asc"), None
    match = _CURSOR(text)
    if match is None or (order and order != match[1]):
        raise bad("cursor", "is not one that this list gave, in this order, as `next_cursor`")
    return ("desc" if match[1] == "desc" else "asc"), int(match[2])


def page(key: str, documents: Sequence[object], found: Found[T], cut: Cut) -> dict[str, object]:
    """A list as it is answered."""
    cursor = None if found.next is None else f"{cut.order}-{found.next}"
    return {key: documents, "total": found.total, "next_cursor": cursor}


def whole(ask: Ask, name: str, usual: int, most: int) -> int:
    """A whole number from 1 to `most` out of the query."""
    text = ask.parameter(name) or str(usual)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise bad(name, f"must be a whole number from 1 to {most}, not {text!r}")
    return int(text)


def seconds(ask: Ask, name: str, usual: float, most: float) -> float:
    """Seconds up to `most` out of the query."""
    text = ask.parameter(name) or str(usual)
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text) or float(text) > most:
        raise bad(name, f"must be a number of seconds up to {most:g}, not {text!r}")
    return float(text)


def bad(name: str, message: str) -> Refusal:
    """A parameter that cannot be used."""
    return Refusal("bad_parameter", f"{name}: {message}", {"parameter": name})
