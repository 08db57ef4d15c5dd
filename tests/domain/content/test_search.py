"""Which templates are asked for, and in which order."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.content import Approval, ContentTemplate
from mockserver.domain.content.search import Search, ordered, read_search
from mockserver.domain.errors import TwilioError
from mockserver.domain.message import SECOND
from mockserver.world.expressions import expression

AT = 1_796_083_200 * SECOND
"""2026-12-01T00:00:00Z"""


def template(name: str = "Order", body: str = "Hi {{1}}", **more: Any) -> ContentTemplate:
    types: dict[str, Any] = {
        "twilio/text": {"body": body},
        "twilio/card": {"title": "T", "actions": [{"title": "Go"}]},
    }
    return ContentTemplate("HX" + name, "AC", types, friendly_name=name, **more)


def fits(made: ContentTemplate, at: int = AT, **filters: Any) -> bool:
    return read_search(filters, expression).fits(made, at)


def test_no_filter() -> None:
    """Everything."""
    assert fits(template())
    assert fits(template(), 0)


@pytest.mark.parametrize(
    ("filters", "fitting"),
    [
        ({"ContentName": "rd"}, True),
        ({"ContentName": "^rd"}, False),
        ({"Content": r"\{\{\d"}, True),
        ({"Content": "^Go$"}, True),
        ({"Content": "Order"}, False),
        ({"Language": ["de", "en"]}, True),
        ({"Language": ["de"]}, False),
        ({"ContentType": ["twilio/media", "twilio/card"]}, True),
        ({"ContentType": ["twilio/media"]}, False),
        ({"ContentName": "rd", "Language": ["de"]}, False),
        ({"ChannelEligibility": ["whatsapp:unsubmitted"]}, True),
        ({"ChannelEligibility": ["WhatsApp:Approved"]}, False),
        ({"ChannelEligibility": ["whatsapp:approved", "sms:unsubmitted"]}, True),
        ({"ChannelEligibility": ["rcs:approved"]}, False),
    ],
)
def test_filters(filters: dict[str, Any], fitting: bool) -> None:
    """All must fit; of a repeated one, any."""
    assert fits(template(), **filters) is fitting


@pytest.mark.parametrize("approval", ["received", "approved", "disabled"])
def test_what_whatsapp_says(approval: Approval) -> None:
    """Is asked for by its word."""
    made = template(approval=approval)
    assert fits(made, ChannelEligibility=[f"whatsapp:{approval}"])
    assert not fits(made, ChannelEligibility=["whatsapp:unsubmitted"])


@pytest.mark.parametrize(
    ("name", "text", "fitting"),
    [
        ("DateCreatedAfter", "2026-12-01T00:00:00Z", True),
        ("DateCreatedAfter", "2026-12-01T00:00:01Z", False),
        ("DateCreatedAfter", "2026-12-01", True),
        ("DateCreatedBefore", "2026-12-01T00:00:00Z", True),
        ("DateCreatedBefore", "2026-11-30T23:59:59Z", False),
        ("DateCreatedBefore", "2026-12-01T01:00:00+01:00", True),
        ("DateCreatedBefore", "2026-12-01T00:59:59+01:00", False),
    ],
)
def test_times_are_inclusive(name: str, text: str, fitting: bool) -> None:
    """To the second."""
    assert fits(template(), AT + 999_999, **{name: text}) is fitting


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DateCreatedAfter", "soon"),
        ("ContentName", "("),
        ("Content", "a{99999999999999999999}"),
        ("Content", r"(a)\1"),
        ("ChannelEligibility", ["whatsapp"]),
        ("ChannelEligibility", ["fax:approved"]),
        ("ChannelEligibility", ["whatsapp:fine"]),
        ("SortByDate", "up"),
    ],
)
def test_what_cannot_be_read(name: str, value: Any) -> None:
    """20001, which names the parameter."""
    filters = {name: value}
    with pytest.raises(TwilioError) as refused:
        ordered([], filters) if name.startswith("Sort") else read_search(filters, expression)
    assert (refused.value.code, refused.value.message) == (20001, f"Parameter '{name}' is invalid")


def test_legacy_templates() -> None:
    """Those that had a name before."""
    search = Search(legacy=True)
    assert search.fits(template(legacy_template_name="old"), AT)
    assert not search.fits(template(), AT)


MADE = [
    template("b", updated_at=3),
    template("c", updated_at=1),
    template("a", updated_at=3),
]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"SortByDate": "asc"}, "cba"),
        ({"SortByDate": "DESC"}, "abc"),
        ({"SortByContentName": "asc"}, "abc"),
        ({"SortByContentName": "Desc"}, "cba"),
        ({"SortByDate": "asc", "SortByContentName": "asc"}, "cab"),
        ({"SortByDate": "desc", "SortByContentName": "desc"}, "bac"),
    ],
)
def test_orders(filters: dict[str, str], names: str) -> None:
    """By the last change, then by name; equal ones as they were made."""
    assert "".join(each.friendly_name for each in ordered(MADE, filters)) == names


@given(
    st.dictionaries(
        st.sampled_from(["DateCreatedAfter", "DateCreatedBefore", "ContentName", "SortByDate"]),
        st.text(max_size=12),
    )
)
def test_anything_can_be_asked(filters: dict[str, str]) -> None:
    """It is answered, or refused."""
    with contextlib.suppress(TwilioError):
        assert read_search(filters, expression).fits(template(), AT) in (True, False)
    with contextlib.suppress(TwilioError):
        assert len(ordered(MADE, filters)) == len(MADE)
