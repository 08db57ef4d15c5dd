"""What the resources of this host have in common: parameters, dates, lists, addresses."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from mockserver.domain.message import SECOND
from mockserver.domain.notify.forms import check, check_tags
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User
from mockserver.domain.paging import Page, read_page
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.listing import meta_envelope
from mockserver.edge.http.resource import Ask, R, schema
from mockserver.world.notify.services import NotifyServices
from mockserver.world.notify.users import Users
from mockserver.world.schema_files import load

FOLDER: Final = "notify/v1"

SERVICES: Final = "/v1/Services"
SERVICE: Final = f"{SERVICES}/{{ServiceSid}}"
USER: Final = f"{SERVICE}/Users/{{Identity}}"

Document = dict[str, Any]


# What a path names


def find_service(call: Call) -> NotifyService:
    """The service that the path names, or 20404."""
    service = NotifyServices(call.sandbox).find(call.account, call.params["ServiceSid"])
    if service is None:
        raise call.missing()
    return service


def find_user(call: Call, users: Users) -> User:
    """The user that the path names by identity or SID, or 20404."""
    user = users.find(call.params["Identity"])
    if user is None:
        raise call.missing()
    return user


def user_path(service_sid: str, identity: str) -> str:
    """Where a user is, below the host."""
    return f"{SERVICES}/{service_sid}/Users/{quoted(identity)}"


def quoted(name: str) -> str:
    """An identity, or a segment's name, as a part of a path."""
    return quote(name, safe="")


# Parameters


def read(call: Call, operation: str, kind: str) -> Document:
    """The parameters of the body by the operation's schema, or the `TwilioError` that comes first.

    `kind` is what its text says that they were to make: `Binding`.
    """
    reading = call.read(schema(f"{FOLDER}/{operation}"))
    check(kind, reading.values, _required(operation), reading.wrong, reading.breaches)
    return reading.values


def ask(call: Call, operation: str, kind: str) -> Ask:
    """The query of a list, its filters in the order of the schema.

    Raise `TwilioError` 20001, 20007, 21481.
    """
    name = f"{FOLDER}/{operation}"
    reading = call.read_query(schema(name))
    check(kind, reading.values, (), reading.wrong, reading.breaches)
    values = reading.values
    check_tags(kind, values.get("Tag", ()), call.sandbox.rules.options.notify_tags)
    page, size, token = (str(values.pop(each, "")) for each in ("Page", "PageSize", "PageToken"))
    filters = {each: values[each] for each in load(name)["properties"] if each in values}
    return Ask(read_page(page, size, token, None), filters)


@lru_cache(64)
def _required(operation: str) -> tuple[str, ...]:
    return tuple(load(f"{FOLDER}/{operation}").get("required", ()))


# Answers


def answers_again(call: Call) -> bool:
    """Whether what is made a second time is answered with a 200 instead of refused with a 409."""
    return call.sandbox.rules.options.notify_conflicts == 200


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
    filters = [
        (name, text)
        for name, value in asked.filters.items()
        for text in (value if isinstance(value, list) else [value])
    ]
    page = Page(f"{call.base_url}{path}", filters, asked.page, [each.sid for each in records], more)
    return Reply(200, meta_envelope(page, key, [_fragment(render(call, each)) for each in records]))


def _fragment(document: Document) -> bytes:
    return json.dumps(document).encode()
