"""What the quiet resources of the v2010 API share: their schemas, and their lists."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import msgspec

from mockserver.domain.errors import PAGE_TOKEN_REQUIRED, Problem, TwilioError, rank
from mockserver.domain.paging import Page, PageAsk, read_page
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.listing import envelope
from mockserver.world.accounts import ServerFull
from mockserver.world.schema_files import load
from mockserver.world.schemas import RequestSchema


class Record(Protocol):
    """What a list may hold."""

    @property
    def sid(self) -> str: ...


R = TypeVar("R", bound=Record)


class Ask(msgspec.Struct, frozen=True):
    """What the query of a list asks for."""

    page: PageAsk
    filters: dict[str, Any]
    """By parameter, as the list's schema types them; those that were not given are not there."""


@lru_cache(256)
def schema(name: str) -> RequestSchema:
    """`schema("api/2010-04-01/ListKey")`, compiled when first asked for: a start loads little."""
    return RequestSchema(load(name))


def read_form(call: Call, name: str) -> dict[str, Any]:
    """The parameters of the body by its schema; raise the `TwilioError` that comes first."""
    reading = call.read(schema(name))
    for breach in sorted(reading.breaches, key=lambda breach: rank(breach.code)):
        raise TwilioError(breach, **reading.values)
    return reading.values


def read_ask(call: Call, name: str, tokenless: Problem = PAGE_TOKEN_REQUIRED) -> Ask:
    """The query of a list by its schema; raise `TwilioError` as `read_page` does."""
    filters = call.read_query(schema(name)).values
    page, size, token = (filters.pop(each, "") for each in ("Page", "PageSize", "PageToken"))
    return Ask(read_page(page, size, token, tokenless), filters)


def no_room(call: Call, full: ServerFull, refusal: Problem) -> TwilioError:
    """The refusal that stands in for a limit of this server, which the journal names."""
    call.warnings.append(str(full))
    return TwilioError(refusal)


def listed(
    call: Call, key: str, ask: Ask, found: tuple[Sequence[R], bool], render: Callable[[R], bytes]
) -> Reply:
    """A page of a v2010 list: its records, and whether there are more behind them."""
    records, more = found
    path = call.path[call.path.index(API_ROOT) :]
    filters = [(name, str(value)) for name, value in ask.filters.items()]
    page = Page(path, filters, ask.page, [each.sid for each in records], more)
    return Reply(200, envelope(page, key, [render(each) for each in records]))
