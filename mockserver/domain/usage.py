"""What an account has used, by category and day; and the spans of days that it is asked for.

A message counts once it was sent or received, on that day. `count` and `usage` are both the number
of messages, as Twilio's docs on usage categories say; segments are in the price alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

import msgspec

from mockserver.domain.dates import DAY, read_day
from mockserver.domain.message import Message

_EPOCH: Final = date(1970, 1, 1).toordinal()

LAST_DAY: Final = date.max.toordinal() - _EPOCH
"""Days since 1970 of the last one that can be written."""

CENT_PARTS: Final = 100_000
"""Prices are counted in hundred-thousandths of a dollar, in which messages are priced."""


class Category(msgspec.Struct, frozen=True):
    """One category that is counted here, or known to be nothing."""

    description: str
    parts: tuple[str, ...] = ()
    """What is counted in it."""
    unit: str = "messages"


TOTAL: Final = "totalprice"
"""The price of everything: its `usage` is the price, and it has no `count`. Source: docs."""

_LINES: Final = ("sms-inbound", "sms-outbound", "mms-inbound", "mms-outbound")
_PARTS: Final = (
    *(f"{line}-{code}" for line in _LINES for code in ("longcode", "shortcode")),
    "channels-messaging-inbound",
    "channels-messaging-outbound",
    "Usage-RCS-Messages-Inbound",
    "Usage-RCS-Messages-Outbound",
)


def _within(*starts: str) -> tuple[str, ...]:
    return tuple(part for part in _PARTS if part.startswith(starts))


def _codes(kind: str) -> dict[str, Category]:
    """The categories of SMS, or of MMS."""
    name = kind.lower()
    found = {name: Category(f"All {kind}", _within(name))}
    for way in ("inbound", "outbound"):
        line, shown = f"{name}-{way}", f"{way.capitalize()} {kind}"
        found[line] = Category(shown, _within(line))
        for code, said in (("longcode", "Long Code"), ("shortcode", "Short Code")):
            found[f"{line}-{code}"] = Category(f"{said} {shown}", (f"{line}-{code}",))
    found[f"{name}-messages-carrierfees"] = Category(f"{kind} Carrier Fees", unit="segments")
    return found


CATEGORIES: Final[Mapping[str, Category]] = {
    **_codes("SMS"),
    **_codes("MMS"),
    "channels": Category("All Channels Messages", _within("channels", "Usage-RCS")),
    "channels-messaging": Category("Channels Messaging", _within("channels-messaging")),
    "channels-messaging-inbound": Category(
        "Channels Messaging Inbound", _within("channels-messaging-inbound")
    ),
    "channels-messaging-outbound": Category(
        "Channels Messaging Outbound", _within("channels-messaging-outbound")
    ),
    "Usage-RCS-Messages": Category("RCS Messages", _within("Usage-RCS")),
    "Usage-RCS-Messages-Inbound": Category(
        "Inbound RCS Messages", _within("Usage-RCS-Messages-Inbound")
    ),
    TOTAL: Category("Total Price", _PARTS, unit="usd"),
}
"""What lists show, in this order. Carrier fees are nothing here.

Toll-free numbers and alphanumeric senders count as long codes: Twilio names no category of theirs.
Source of the names: Twilio's full list of usage categories; the descriptions are ours but for
those of short codes and of the total, which were captured, and the order.
"""

_CATEGORY: Final = re.compile(r"[A-Za-z0-9-]{1,100}").fullmatch


def is_category(name: str) -> bool:
    """Whether this may be a category, of whatever product."""
    return _CATEGORY(name) is not None


def category(name: str) -> Category:
    """One of the table; one that nothing is ever counted in for another product's."""
    return CATEGORIES.get(name) or Category(name)


def part_of(channel: str, *, short: bool, inbound: bool) -> str:
    """Where a message counts; `short`: its account's end is a short code."""
    way = "inbound" if inbound else "outbound"
    if channel in ("sms", "mms"):
        return f"{channel}-{way}-{'shortcode' if short else 'longcode'}"
    if channel == "rcs":
        return f"Usage-RCS-Messages-{way.capitalize()}"
    return f"channels-messaging-{way}"


# Amounts


class Amount(msgspec.Struct, frozen=True):
    """So many messages, and their price in hundred-thousandths of a dollar."""

    count: int = 0
    price: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.count + other.count, self.price + other.price)


@lru_cache(1024)
def price_of(text: str) -> int:
    """What a message's price, such as `-0.00790`, is in hundred-thousandths; 0 for none."""
    try:
        price = Decimal(text or 0)
    except InvalidOperation:
        return 0  # a snapshot may hold anything
    return round(abs(price) * CENT_PARTS) if price.is_finite() else 0


def dollars(price: int) -> str:
    """As usage records show prices: `2192.84855`, `0.0079`, `0`."""
    whole, rest = divmod(price, CENT_PARTS)
    return f"{whole}.{rest:05d}".rstrip("0").rstrip(".")


class Tally:
    """What was used, by part and day (days since 1970); the sum of what was added before."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[tuple[int, str, bool, bool], list[int]] = {}
        """Count and price by day, channel, whether to or from a short code, and inbound."""

    def add(self, message: Message, sent_at: int, price: str) -> None:
        """Count a message that went out, or came in, at `sent_at`."""
        inbound = message.direction == "inbound"
        own = message.to if inbound else message.from_
        self.count(sent_at, message.channel, own, price, inbound=inbound)

    def count(self, at: int, channel: str, own: str, price: str, *, inbound: bool = False) -> None:
        """The same without a message; `own` is the account's end."""
        row = self._rows.setdefault((at // DAY, channel, own.isdigit(), inbound), [0, 0])
        row[0] += 1
        if price:
            row[1] += price_of(price)

    @property
    def first(self) -> int:
        """The first day with something in it; later than any day where there is none."""
        return min((day for day, *_ in self._rows), default=LAST_DAY)

    def parts(self, first: int, last: int) -> dict[str, Amount]:
        """What was used from the day `first` to the day `last`, by part."""
        found: dict[str, Amount] = {}
        for (day, channel, short, inbound), (count, price) in self._rows.items():
            if first <= day <= last:
                part = part_of(channel, short=short, inbound=inbound)
                found[part] = found.get(part, Amount()) + Amount(count, price)
        return found


def total(parts: Mapping[str, Amount], of: Category) -> Amount:
    """A category's amount."""
    return sum((parts[part] for part in of.parts if part in parts), Amount())


# Spans of days

_OFFSET: Final = re.compile(r"(?P<sign>[+-]?)(?P<days>[0-9]{1,7}) ?days?").fullmatch


def read_bound(text: str, today: int) -> int | None:
    """The day of `2026-01-31`, or of `-30days` from today; `None` for neither.

    Source: description of the usage records.
    """
    text = text.strip()  # a plus that was not encoded came as a space
    if offset := _OFFSET(text):
        days = int(offset["days"]) * (-1 if offset["sign"] == "-" else 1)
        return min(max(today + days, 0), LAST_DAY)
    found = read_day(text)
    return None if found is None else min(max(found[0] // DAY, 0), LAST_DAY)


def iso_day(day: int) -> str:
    """`2026-01-31`, from days since 1970."""
    return _date(day).isoformat()


def _date(day: int) -> date:
    return date.fromordinal(day + _EPOCH)


class Spans(msgspec.Struct, frozen=True):
    """Adjoining spans of days, the newest first, cut at both ends."""

    first: int
    last: int
    starts: Sequence[int] = ()
    """Where each begins, were it not cut."""

    def span(self, place: int) -> tuple[int, int]:
        """First and last day of one."""
        end = self.starts[place - 1] - 1 if place else self.last
        return max(self.first, self.starts[place]), end


Split = Callable[[int, int], Sequence[int]]
"""Where the spans from a first to a last day begin, the newest first."""


def _whole(first: int, last: int) -> Sequence[int]:
    return (first,)


def _days(first: int, last: int) -> Sequence[int]:
    return range(last, first - 1, -1)


def _months(first: int, last: int, length: int = 1) -> Sequence[int]:
    start, end = _date(first), _date(last)
    month = (start.year * 12 + start.month - 1) // length * length
    months = range(month, end.year * 12 + end.month, length)
    return [date(each // 12, each % 12 + 1, 1).toordinal() - _EPOCH for each in reversed(months)]


def _years(first: int, last: int) -> Sequence[int]:
    return _months(first, last, 12)


def _month_before(today: int) -> tuple[int, int]:
    last = _months(today, today)[0] - 1
    return _months(last, last)[0], last


Bounds = tuple[int | None, int | None]
"""The days that are asked for; `None` where no bound was given."""

SPLITS: Final[Mapping[str, Split]] = {"Daily": _days, "Monthly": _months, "Yearly": _years}

ONE: Final[Mapping[str, Callable[[int], tuple[int, int]]]] = {
    "Today": lambda today: (today, today),
    "Yesterday": lambda today: (today - 1, today - 1),
    "ThisMonth": lambda today: (_months(today, today)[0], today),
    "LastMonth": _month_before,
}
"""First and last day of the lists with one record for each category."""


def spans(name: str, asked: Bounds, born: int, today: int) -> Spans:
    """What a list of usage records is about; `name` is "", `AllTime`, `Daily`, `Today` ….

    Those without a period show the days that were asked for, also where there was no account yet;
    from its first day, `born`, to today where none were.
    """
    start, end = asked
    if name in ONE or name in SPLITS:
        low, high = ONE[name](today) if name in ONE else (born, today)
        first = max(low, low if start is None else start)
        last = min(high, high if end is None else end)
    else:
        last = today if end is None else end
        first = min(born, last) if start is None else start
    if first > last:
        return Spans(first, last)
    return Spans(first, last, SPLITS.get(name, _whole)(first, last))
