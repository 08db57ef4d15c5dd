"""`…/Usage/Records`, also by day, month and year: what was used; routes, handlers, rendering.

Prices are what the messages cost, without a sign. Categories of products that are not served, such
as `calls`, have a record of nothing when they are asked for.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from mockserver.domain.dates import DAY
from mockserver.domain.errors import (
    INVALID_DATE,
    INVALID_PAGE_TOKEN,
    MALFORMED,
    TwilioError,
)
from mockserver.domain.matching import near
from mockserver.domain.message import SECOND
from mockserver.domain.paging import PageAsk
from mockserver.domain.usage import (
    CATEGORIES,
    TOTAL,
    Amount,
    Bounds,
    Spans,
    Tally,
    category,
    dollars,
    is_category,
    iso_day,
    read_bound,
    spans,
    total,
)
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.resource import listed, read_ask
from mockserver.world.usage import family, tally

DAY_ZERO: Final = 1 << 32
"""Added to days in page tokens, since those before 1970 are negative."""


class Row(msgspec.Struct, frozen=True):
    """One record, before it is rendered."""

    sid: str
    """What names it in a page token: made like a SID, of its first day and its category."""
    category: str
    first: int
    last: int
    amount: Amount


class Sheet(msgspec.Struct, frozen=True):
    """One list: spans of days, each with a record for every category."""

    spans: Spans
    categories: tuple[str, ...]
    counted: Tally

    def __len__(self) -> int:
        return len(self.spans.starts) * len(self.categories)

    def page(self, ask: PageAsk) -> tuple[list[Row], bool]:
        """The records of a page, and whether more are behind them."""
        if ask.before:
            end = self._place(ask.before)
            start = max(0, end - ask.size)
        else:
            start = self._place(ask.after) + 1 if ask.after else 0
            end = min(len(self), start + ask.size)
        return list(self._rows(range(start, end))), end < len(self)

    def _place(self, token: str) -> int:
        """Where a record is; raise `TwilioError` 21481 for one that is not there."""
        start, kind = int(token[2:18], 16) - DAY_ZERO, int(token[18:], 16)
        if token[:2] != "UR" or start not in self.spans.starts or kind >= len(self.categories):
            raise TwilioError(INVALID_PAGE_TOKEN)
        return self.spans.starts.index(start) * len(self.categories) + kind

    def _rows(self, places: range) -> Iterator[Row]:
        """The records at these places; what a span holds is summed up once."""
        summed, parts = -1, dict[str, Amount]()
        for place in places:
            span, kind = divmod(place, len(self.categories))
            first, last = self.spans.span(span)
            if span != summed:
                summed, parts = span, self.counted.parts(first, last)
            start, name = self.spans.starts[span], self.categories[kind]
            sid = f"UR{start + DAY_ZERO:016x}{kind:016x}"
            yield Row(sid, name, first, last, total(parts, category(name)))


async def list_(call: Call, name: str) -> Reply:
    """A page of records: the newest span first, in each one for every category."""
    ask = read_ask(call, "api/2010-04-01/ListUsageRecord")
    filters = ask.filters
    bounds, categories = _bounds(call, filters), _categories(call, filters)
    both = filters.get("IncludeSubaccounts") is not False
    if "IncludeSubaccounts" in filters:
        filters["IncludeSubaccounts"] = str(filters["IncludeSubaccounts"]).lower()
    counted = await count(call, with_subaccounts=both)
    today = _today(call)
    born = min(call.account.created_at // DAY or today, counted.first)
    sheet = Sheet(spans(name, bounds, born, today), categories, counted)
    return listed(call, "usage_records", ask, sheet.page(ask.page), partial(render, call, name))


async def count(call: Call, *, with_subaccounts: bool = True) -> Tally:
    """What the account has used until now."""
    sandbox, account = call.sandbox, call.account
    sandbox.engine.catch_up()
    whose = family(sandbox.tables, account) if with_subaccounts else frozenset((account.sid,))
    return await tally(sandbox.tables.messages, whose)


def _today(call: Call) -> int:
    return call.sandbox.clock.now() // DAY


def _bounds(call: Call, filters: dict[str, str]) -> Bounds:
    """`StartDate` and `EndDate`; raise 20001 for none, and 20404 where they are the wrong way.

    Source of the latter: a capture of 2016 (somleng/somleng, issue 8).
    """
    found: list[int | None] = []
    for name in ("StartDate", "EndDate"):
        day = read_bound(filters[name], _today(call)) if name in filters else None
        if name in filters and day is None:
            raise TwilioError(INVALID_DATE, name=name)
        found.append(day)
    start, end = found
    if start is not None and end is not None and end < start:
        raise call.missing()
    return start, end


def _categories(call: Call, filters: dict[str, str]) -> tuple[str, ...]:
    """The one that is asked for, or all; raise 20001 for what cannot be one."""
    name = filters.get("Category")
    if name is None:
        return tuple(CATEGORIES)
    if not is_category(name):
        raise TwilioError(MALFORMED, said="Category must be a usage category, such as sms-outbound")
    if name not in CATEGORIES:
        meant = near(name, CATEGORIES)
        hint = f": did you mean `{meant}`?" if meant else ""
        call.warnings.append(f"this mock counts no usage of category `{name}`{hint}")
    return (name,)


RECORD: Final = "api/2010-04-01/UsageRecord"

RECORDS: Final = "Usage/Records"

SUBRESOURCES: Final = {
    "all_time": "AllTime",
    "daily": "Daily",
    "last_month": "LastMonth",
    "monthly": "Monthly",
    "this_month": "ThisMonth",
    "today": "Today",
    "yearly": "Yearly",
    "yesterday": "Yesterday",
}
"""In the order in which a record names them."""

ROUTES: Final = (
    Route("GET", f"{ACCOUNT}/{RECORDS}", "ListUsageRecord", partial(list_, name=""), schema=RECORD),
    *(
        Route(
            "GET",
            f"{ACCOUNT}/{RECORDS}/{name}",
            f"ListUsageRecord{name}",
            partial(list_, name=name),
            schema=RECORD,
        )
        for name in SUBRESOURCES.values()
    ),
)


# Rendering


def render(call: Call, list_name: str, row: Row) -> bytes:
    """A record as Twilio renders it: every number as text. Key order: captured samples."""
    base = f"{API_ROOT}Accounts/{call.account.sid}/{RECORDS}"
    where = f"{base}/{list_name}" if list_name else base
    name, of, price = row.category, category(row.category), dollars(row.amount.price)
    first, last = iso_day(row.first), iso_day(row.last)
    only = name == TOTAL
    now = datetime.fromtimestamp(call.sandbox.clock.now() // SECOND, UTC)
    document = {
        "account_sid": call.account.sid,
        "api_version": "2010-04-01",
        "as_of": f"{now:%Y-%m-%dT%H:%M:%S+00:00}",
        "category": name,
        "count": None if only else str(row.amount.count),
        "count_unit": "" if only else of.unit,
        "description": of.description,
        "end_date": last,
        "price": price,
        "price_unit": "usd",
        "start_date": first,
        "subresource_uris": {
            key: f"{base}/{each}.json?Category={name}" for key, each in SUBRESOURCES.items()
        },
        "uri": f"{where}.json?Category={name}&StartDate={first}&EndDate={last}",
        "usage": price if only else str(row.amount.count),
        "usage_unit": of.unit,
    }
    return json.dumps(document).encode()
