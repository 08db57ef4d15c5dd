"""Lists of this host: newest first by id, in pages behind opaque tokens that carry the filters."""

import asyncio
import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from typing import Any, Final, Protocol, TypeVar

import msgspec

from mockserver.domain.errors import TwilioError
from mockserver.domain.json_faults import INVALID, Fault, Refused, fault, refuse
from mockserver.domain.message import SECOND
from mockserver.domain.type_ids import parts
from mockserver.edge.comms.answers import answered
from mockserver.edge.comms.asking import read_body, read_query
from mockserver.edge.http.call import Call, Reply
from mockserver.world.bulk.ordering import BROKEN_OFF
from mockserver.world.documents import document_schema
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Tables

PAGE_SIZE: Final = 50
"""Records of a page where nobody says. Source: the reference's `pageSize`."""

RENDERED: Final = 50
"""Records rendered before others have their turn: a millisecond or two."""

_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
"""RFC 3339."""


class Named(Protocol):
    """What a list holds."""

    @property
    def id(self) -> str: ...


class Record(Named, Protocol):
    """The same, with its age."""

    @property
    def created_at(self) -> int: ...


R = TypeVar("R", bound=Record)


class Token(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the text of a page's token says."""

    of: str
    """The operation and what else it lists: a token is of one list only."""
    after: str = ""
    """The id that the page begins behind; "" for the first one."""
    asked: dict[str, str | int] = {}
    """Filters and page size."""

    def text(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


class Ask(msgspec.Struct, frozen=True):
    """Which page of what somebody wants."""

    token: Token
    first: int = 0
    end: int = 1 << 62
    """Microseconds: made at `first` or later, and before `end`."""

    @property
    def filters(self) -> dict[str, Any]:
        """By parameter; those that were not given are not there."""
        return self.token.asked

    @property
    def size(self) -> int:
        return int(self.token.asked.get("pageSize", PAGE_SIZE))


def ask_query(call: Call, operation: str) -> Ask:
    """What a query asks for; raise `Refused` for all that is wrong with it."""
    return _ask(call, operation, *read_query(call, operation))


def behind_id(ask: Ask) -> str:
    """The id behind which the page begins; raise `Refused` where the token has none."""
    after = ask.token.after
    refuse([_bad("pageToken", "is no token of this list")] * bool(after and parts(after) is None))
    return after


def ask_body(call: Call, operation: str) -> Ask:
    """The same of a body, which must repeat what it requires beside a token."""
    values, faults = read_body(call, operation)
    names = document_schema(f"comms/v1/{operation}").names
    if isinstance(values, dict):
        values = {name: each for name, each in values.items() if name in names}
    return _ask(call, operation, values, faults)


def _ask(call: Call, operation: str, values: Any, faults: list[Fault]) -> Ask:
    refuse([*faults, *_misdated(values)] if isinstance(values, dict) else faults)
    text = values.pop("pageToken", "")
    if "pageSize" in values:
        values["pageSize"] = int(values["pageSize"])  # 50.0 is a whole number in JSON
    own = "/".join((operation, *call.params.values()))
    token = _token(text, own, operation) if text else Token(own)
    # what is said beside a token is newer than what it carries
    token = msgspec.structs.replace(token, asked={**token.asked, **values})
    first, end = (_instant(str(token.asked.get(name, ""))) for name in ("startDate", "endDate"))
    backwards = first is not None and end is not None and first >= end
    refuse([_bad("endDate", "must be later than startDate")] * backwards)
    return Ask(token, first or 0, 1 << 62 if end is None else end)


def _token(text: str, own: str, operation: str) -> Token:
    """What a token says; raise `Refused` for one that no page of this list has."""
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        token = msgspec.json.decode(urlsafe_b64decode(padded), type=Token)
    except (binascii.Error, ValueError):
        token = Token("")
    schema = document_schema(f"comms/v1/{operation}")
    ours = token.of == own and token.text() == text and token.asked.keys() <= set(schema.names)
    if not ours or schema.read(token.asked).faults or _misdated(token.asked):
        raise Refused([_bad("pageToken", "is no token of this list")])
    return token


def _misdated(values: Mapping[str, Any]) -> list[Fault]:
    return [
        _bad(name, "must be a date and time as in RFC 3339, 2026-01-31T00:00:00Z")
        for name in ("startDate", "endDate")
        if isinstance(values.get(name), str) and _instant(values[name]) is None
    ]


def _instant(text: str) -> int | None:
    """Microseconds; `None` for what is no time."""
    if not _INSTANT(text):
        return None
    try:
        # in whole numbers: a float of today's seconds has no room for all microseconds
        moment = datetime.fromisoformat(text.upper())
        return int(moment.replace(microsecond=0).timestamp()) * SECOND + moment.microsecond
    except (ValueError, OverflowError):
        return None


def _bad(name: str, said: str) -> Fault:
    return fault(INVALID, f"$.{name}", what=f"$.{name} {said}")


def listed(
    ask: Ask,
    key: str,
    records: Iterable[R],
    fits: Callable[[R], bool],
    render: Callable[[R], dict[str, Any]],
) -> Reply:
    """The page of what fits and was made when it is asked for; tokens of this one and the next."""
    after = ask.token.after
    behind = (
        each
        for each in records
        if (not after or each.id < after) and ask.first <= each.created_at < ask.end and fits(each)
    )
    found = nlargest(ask.size + 1, behind, key=lambda each: each.id)
    return _page(ask, key, found, [render(each) for each in found[: ask.size]])


async def gathered(
    sandbox: Sandbox,
    ask: Ask,
    key: str,
    rows: Iterable[Named | None],
    render: Callable[[Any], dict[str, Any]],
) -> Reply:
    """The same of rows that come as the page has them, from behind `ask.token.after` on.

    Others have their turn at every None, and while much is rendered; `render` takes the rows. Raise
    `TwilioError` 20503 when the sandbox ends or begins again meanwhile: its rows are taken apart.
    """
    found: list[Named] = []
    tables = sandbox.tables
    for row in rows:
        if row is None:
            await _turn(sandbox, tables)
            continue
        found.append(row)
        if len(found) > ask.size:
            break
    rendered = []
    for count, each in enumerate(found[: ask.size], 1):
        rendered.append(render(each))
        if count % RENDERED == 0:
            await _turn(sandbox, tables)
    return _page(ask, key, found, rendered)


async def _turn(sandbox: Sandbox, tables: Tables) -> None:
    """Others have theirs."""
    await asyncio.sleep(0)
    if sandbox.tables is not tables or sandbox.closed:
        raise TwilioError(BROKEN_OFF)


def _page(ask: Ask, key: str, found: Sequence[Named], rendered: list[dict[str, Any]]) -> Reply:
    """The answer; there is a next page where more was found than is asked for."""
    last = found[ask.size - 1].id if len(found) > ask.size else ""
    following = msgspec.structs.replace(ask.token, after=last).text() if last else None
    return answered({key: rendered, "pagination": {"next": following, "self": ask.token.text()}})
