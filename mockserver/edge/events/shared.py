"""What the resources of this host have in common: parameters, dates, lists."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.problems import MISSING
from mockserver.domain.message import SECOND
from mockserver.domain.paging import Page, read_page
from mockserver.domain.services import check
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.listing import meta_envelope
from mockserver.edge.http.resource import Ask, schema
from mockserver.world.schema_files import load
from mockserver.world.schemas import Reading

FOLDER: Final = "events/v1"

Document = dict[str, Any]


class Record(Protocol):
    """What a list may hold."""

    @property
    def sid(self) -> str: ...


R = TypeVar("R", bound=Record)


# Parameters


def read(call: Call, operation: str) -> dict[str, Any]:
    """The parameters by the operation's schema, or the `TwilioError` that comes first.

    20001 names what is missing.
    """
    reading = call.read(schema(f"{FOLDER}/{operation}"))
    for name in _required(operation):
        if name not in reading.values:
            raise TwilioError(MISSING, parameter=name)
    return _checked(reading)


@lru_cache(64)
def _required(operation: str) -> tuple[str, ...]:
    return tuple(load(f"{FOLDER}/{operation}").get("required", ()))


def _checked(reading: Reading) -> dict[str, Any]:
    check(reading.values, reading.breaches)
    return reading.values


def ask(call: Call, operation: str) -> Ask:
    """The query of a list; raise `TwilioError` 91002, 20007, 21481."""
    filters = _checked(call.read_query(schema(f"{FOLDER}/{operation}")))
    page, size, token = (filters.pop(each, "") for each in ("Page", "PageSize", "PageToken"))
    return Ask(read_page(page, size, token, tokenless=None), filters)


# Answers


def reply(status: int, document: Document) -> Reply:
    """A record."""
    return Reply(status, json.dumps(document).encode())


def date(at: int) -> str:
    """ISO 8601, from microseconds."""
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"


def listed(
    call: Call,
    path: str,
    key: str,
    asked: Ask,
    found: tuple[Sequence[R], bool],
    render: Callable[[Call, R], Document],
) -> Reply:
    """A page of the list at `path`: its records, and whether there are more behind them."""
    records, more = found
    filters = [(name, _text(each)) for name, each in asked.filters.items()]
    sids = [record.sid for record in records]
    page = Page(f"{call.base_url}{path}", filters, asked.page, sids, more)
    rendered = [json.dumps(render(call, record)).encode() for record in records]
    return Reply(200, meta_envelope(page, key, rendered))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
