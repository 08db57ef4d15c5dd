"""What the resources of this host have in common: parameters, dates, lists."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from mockserver.domain.errors import (
    MISSING_PARAMETER,
    NOT_FOUND,
    PAGE_TOKEN_REQUIRED_ACCOUNTS,
    TwilioError,
)
from mockserver.domain.message import SECOND
from mockserver.domain.paging import Page
from mockserver.domain.services import check
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.listing import meta_envelope
from mockserver.edge.http.resource import Ask, R, read_ask, schema
from mockserver.world.schema_files import load
from mockserver.world.schemas import Reading

FOLDER: Final = "messaging/v1"


# Parameters


def read(call: Call, operation: str) -> dict[str, Any]:
    """The parameters by the operation's schema, or the `TwilioError` that comes first.

    20001 names what is missing, 20422 what is wrong without a code of its own.
    """
    reading = read_all(call, operation)
    for name in _required(operation):
        if name not in reading.values:
            raise TwilioError(MISSING_PARAMETER, parameter=name)
    check(reading.values, reading.breaches)
    return reading.values


def read_all(call: Call, operation: str) -> Reading:
    """The same with its breaches."""
    return call.read(schema(f"{FOLDER}/{operation}"))


@lru_cache(64)
def _required(operation: str) -> tuple[str, ...]:
    return tuple(load(f"{FOLDER}/{operation}").get("required", ()))


# Answers


def reply(status: int, document: dict[str, Any]) -> Reply:
    """A record."""
    return Reply(status, json.dumps(document).encode())


def date(call: Call, at: int) -> str:
    """ISO 8601, from microseconds; what was set up with the sandbox has existed as long as that."""
    second = (at or call.sandbox.accounts.first.created_at) // SECOND
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"


def no_such(name: str, sid: str) -> TwilioError:
    """20404 for what a parameter names: its text has a path that the request did not."""
    return TwilioError(NOT_FOUND, path=f"/{name}/{sid}")


def ask(call: Call, operation: str) -> Ask:
    """The query of a list; raise `TwilioError` 70002, 20007, 21481."""
    return read_ask(call, f"{FOLDER}/{operation}", PAGE_TOKEN_REQUIRED_ACCOUNTS)


def listed(
    call: Call,
    path: str,
    key: str,
    asked: Ask,
    found: tuple[Sequence[R], bool],
    render: Callable[[Call, R], dict[str, Any]],
) -> Reply:
    """A page of the list at `path`: its records, and whether there are more behind them."""
    records, more = found
    filters = [(name, _text(each)) for name, each in asked.filters.items()]
    sids = [record.sid for record in records]
    page = Page(f"{call.base_url}{path}", filters, asked.page, sids, more)
    rendered = [json.dumps(render(call, record)).encode() for record in records]
    return Reply(200, meta_envelope(page, key, rendered))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
