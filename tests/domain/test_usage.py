"""Categories of usage, sums, and spans of days."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.dates import DAY
from mockserver.domain.message import Message
from mockserver.domain.usage import (
    CATEGORIES,
    LAST_DAY,
    TOTAL,
    Amount,
    Tally,
    category,
    dollars,
    is_category,
    iso_day,
    price_of,
    read_bound,
    spans,
    total,
)

TODAY = (date(2026, 3, 31) - date(1970, 1, 1)).days


def message(channel: str, ours: str, *, inbound: bool) -> Message:
    ends = ("+14155552671", ours)
    to, from_ = ends[::-1] if inbound else ends
    direction = "inbound" if inbound else "outbound-api"
    texts = ("SM" + "a" * 32, 0, "AC" + "a" * 32, direction, channel, "messages", to, from_)
    return Message(*texts, body="x", encoding="GSM-7", num_segments=3, num_media=0, created_at=0)


@pytest.mark.parametrize(
    ("channel", "ours", "inbound", "expected"),
    [
        ("sms", "+15017122661", False, {"sms", "sms-outbound", "sms-outbound-longcode"}),
        ("sms", "12345", False, {"sms", "sms-outbound", "sms-outbound-shortcode"}),
        ("sms", "ACME", False, {"sms", "sms-outbound", "sms-outbound-longcode"}),
        ("sms", "12345", True, {"sms", "sms-inbound", "sms-inbound-shortcode"}),
        ("mms", "+18005550199", True, {"mms", "mms-inbound", "mms-inbound-longcode"}),
        (
            "whatsapp",
            "whatsapp:+15017122661",
            False,
            {"channels", "channels-messaging", "channels-messaging-outbound"},
        ),
        ("rcs", "rcs:acme", False, {"channels", "Usage-RCS-Messages"}),
        (
            "rcs",
            "rcs:acme",
            True,
            {"channels", "Usage-RCS-Messages", "Usage-RCS-Messages-Inbound"},
        ),
    ],
)
def test_where_a_message_counts(channel: str, ours: str, inbound: bool, expected: set[str]) -> None:
    """Once in each category that it belongs to, whatever its segments; and in the total."""
    tally = Tally()
    tally.add(message(channel, ours, inbound=inbound), TODAY * DAY, "-0.02370")
    parts = tally.parts(0, LAST_DAY)
    counted = {name for name, each in CATEGORIES.items() if total(parts, each).count}
    assert counted == {*expected, TOTAL}
    assert {total(parts, CATEGORIES[name]) for name in counted} == {Amount(1, 2_370)}


def test_days() -> None:
    """A message counts on its day alone."""
    tally = Tally()
    assert tally.first == LAST_DAY
    for day in (TODAY - 1, TODAY, TODAY):
        tally.add(message("sms", "12345", inbound=False), day * DAY + 1, "")
    sms = category("sms")
    counts = [
        total(tally.parts(*span), sms).count
        for span in ((TODAY, TODAY), (TODAY - 1, TODAY), (0, TODAY - 2))
    ]
    assert (counts, tally.first) == ([2, 3, 0], TODAY - 1)


def test_other_products() -> None:
    """Their categories are known to be categories, and nothing is counted in them."""
    assert all(map(is_category, ("calls-inbound", "Usage-RCS-Messages")))
    assert not any(map(is_category, ("", "a b", "sms\n", "x" * 101)))
    assert total({"sms-outbound-longcode": Amount(1, 1)}, category("calls")) == Amount()


@pytest.mark.parametrize(
    ("text", "price"),
    [("-0.00790", 790), ("-12.00001", 1_200_001), ("", 0), ("free", 0), ("NaN", 0), ("Inf", 0)],
)
def test_prices(text: str, price: int) -> None:
    """In hundred-thousandths of a dollar; what a snapshot may hold besides is nothing."""
    assert price_of(text) == price


@given(st.integers(0, 10**12))
def test_dollars(price: int) -> None:
    """Exact, without zeros at the end."""
    text = dollars(price)
    whole, _, rest = text.partition(".")
    assert int(whole) * 100_000 + int(f"{rest:0<5}") == price
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", TODAY - 30),
        ("2026-03-01T23:59:59Z", TODAY - 30),
        ("-30days", TODAY - 30),
        ("+1day", TODAY + 1),
        (" 1 days", TODAY + 1),
        ("-9999999days", 0),
        ("+9999999days", LAST_DAY),
        ("0001-01-01", 0),
        ("-30", None),
        ("yesterday", None),
        ("--1days", None),
        ("99999999days", None),
    ],
)
def test_bounds(text: str, day: int | None) -> None:
    """A date, or days from today, never beyond what can be written."""
    assert read_bound(text, TODAY) == day


def shown(name: str, start: int | None = None, end: int | None = None) -> list[tuple[str, str]]:
    found = spans(name, (start, end), TODAY - 400, TODAY)
    return [(iso_day(a), iso_day(b)) for a, b in map(found.span, range(len(found.starts)))]


@pytest.mark.parametrize(
    ("name", "first", "count"),
    [
        ("", ("2025-02-24", "2026-03-31"), 1),
        ("AllTime", ("2025-02-24", "2026-03-31"), 1),
        ("Daily", ("2026-03-31", "2026-03-31"), 401),
        ("Monthly", ("2026-03-01", "2026-03-31"), 14),
        ("Yearly", ("2026-01-01", "2026-03-31"), 2),
        ("Today", ("2026-03-31", "2026-03-31"), 1),
        ("Yesterday", ("2026-03-30", "2026-03-30"), 1),
        ("ThisMonth", ("2026-03-01", "2026-03-31"), 1),
        ("LastMonth", ("2026-02-01", "2026-02-28"), 1),
    ],
)
def test_spans(name: str, first: tuple[str, str], count: int) -> None:
    """The newest first, from the account's first day to today."""
    found = shown(name)
    assert (found[0], len(found)) == (first, count)


def test_the_oldest_span_is_cut() -> None:
    """At the account's first day; a month and a year begin on their own first day else."""
    assert shown("Monthly")[-2:] == [("2025-03-01", "2025-03-31"), ("2025-02-24", "2025-02-28")]
    assert shown("Yearly")[-1] == ("2025-02-24", "2025-12-31")


def test_what_is_asked_for() -> None:
    """The plain list shows the days as they were asked; the others cut their spans."""
    assert shown("", TODAY - 4_000, TODAY + 9) == [("2015-04-18", "2026-04-09")]
    assert shown("Daily", TODAY - 1, TODAY + 9) == [
        ("2026-03-31", "2026-03-31"),
        ("2026-03-30", "2026-03-30"),
    ]
    assert shown("ThisMonth", TODAY - 3) == [("2026-03-28", "2026-03-31")]
    assert shown("LastMonth", TODAY) == []
    assert shown("", None, TODAY - 4_000) == [("2015-04-18", "2015-04-18")]


@given(
    st.sampled_from(["", "AllTime", "Daily", "Monthly", "Yearly"]),
    st.integers(0, LAST_DAY),
    st.integers(0, 5_000),
)
def test_spans_adjoin(name: str, last: int, length: int) -> None:
    """Together they are all of it, and none overlaps another."""
    first = max(0, last - length)
    found = spans(name, (None, None), first, last)
    edges = [found.span(place) for place in range(len(found.starts))]
    assert (edges[0][1], edges[-1][0]) == (last, first)
    assert all(newer[0] == older[1] + 1 for newer, older in pairwise(edges))
    assert all(a <= b for a, b in edges)
