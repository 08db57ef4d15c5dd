"""Which page is asked for, and what the envelope says about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import (
    PAGE_TOKEN_REQUIRED,
    PAGE_TOKEN_REQUIRED_ACCOUNTS,
    TwilioError,
)
from mockserver.domain.paging import Page, PageAsk, read_page

FIRST, LAST = "SM" + "a" * 32, "SM" + "b" * 32
PATH = "/2010-04-01/Accounts/AC1/Messages.json"


@pytest.mark.parametrize(
    ("asked", "ask"),
    [
        (("", "", ""), PageAsk(0, 50)),
        (("0", "20", ""), PageAsk(0, 20)),
        (("-1", "-5", ""), PageAsk(0, 50)),
        (("x", "x", ""), PageAsk(0, 50)),
        (("", "1000", ""), PageAsk(0, 1000)),
        (("2", "20", f"PA{LAST}"), PageAsk(2, 20, after=LAST)),
        (("", "", f"PA{LAST}"), PageAsk(0, 50, after=LAST)),
        (("1", "", f"PB{FIRST}"), PageAsk(1, 50, before=FIRST)),
    ],
)
def test_what_is_asked_for(asked: tuple[str, str, str], ask: PageAsk) -> None:
    """The token decides; a size or a number that is none means the usual."""
    assert read_page(*asked) == ask
    assert ask.token in ("", asked[2])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("", "1001", ""), 20007),
        (("", "9" * 5_000, ""), 20007),
        (("1", "", ""), 20001),
        (("", "", "x"), 21481),
        (("", "", "PA"), 21481),
        (("", "", LAST), 21481),
        (("", "", f"PC{LAST}"), 21481),
        (("1", "1001", "x"), 20007),
    ],
)
def test_what_cannot_be_asked_for(asked: tuple[str, str, str], code: int) -> None:
    """A size over 1000, a page without its token, a token that is made up."""
    with pytest.raises(TwilioError) as refused:
        read_page(*asked)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("asked", "ask", "skipped"),
    [
        (("3", "20", ""), PageAsk(3, 20), 60),
        (("", "20", ""), PageAsk(0, 20), 0),
        (("3", "20", f"PA{LAST}"), PageAsk(3, 20, after=LAST), 0),
        (("9" * 30, "1000", ""), PageAsk(int("9" * 19), 1000), 1 << 32),
    ],
)
def test_pages_without_a_token(asked: tuple[str, str, str], ask: PageAsk, skipped: int) -> None:
    """Where a host does not refuse them, the number decides; a token goes before it."""
    assert read_page(*asked, tokenless=None) == ask
    assert ask.skipped == skipped


@given(st.text(), st.text(), st.text())
def test_any_text(page: str, size: str, token: str) -> None:
    """A page that there may be, or one of three refusals."""
    try:
        ask = read_page(page, size, token)
    except TwilioError as refused:
        code = refused.code
    else:
        code = 0
        assert ask.number >= 0
        assert 1 <= ask.size <= 1000
    assert code in (0, 20001, 20007, 21481)


def _page(ask: PageAsk, sids: tuple[str, ...], more: bool) -> Page:
    return Page(PATH, (("To", "+1415"), ("DateSent>", "2026-01-31")), ask, sids, more)


FILTERS = "To=%2B1415&DateSent%3E=2026-01-31"


def test_a_first_page() -> None:
    """It has no previous one."""
    page = _page(PageAsk(0, 2), (FIRST, LAST), more=True)
    assert page.uri == page.first_page_uri == f"{PATH}?{FILTERS}&PageSize=2&Page=0"
    assert page.next_page_uri == f"{PATH}?{FILTERS}&PageSize=2&Page=1&PageToken=PA{LAST}"
    assert page.previous_page_uri is None
    assert (page.start, page.end) == (0, 1)


def test_a_last_page() -> None:
    """It has no next one; its own URI has the token it was asked for with."""
    page = _page(PageAsk(3, 2, after=FIRST), (LAST,), more=False)
    assert page.uri == f"{PATH}?{FILTERS}&PageSize=2&Page=3&PageToken=PA{FIRST}"
    assert page.first_page_uri == f"{PATH}?{FILTERS}&PageSize=2&Page=0"
    assert page.next_page_uri is None
    assert page.previous_page_uri == f"{PATH}?{FILTERS}&PageSize=2&Page=2&PageToken=PB{LAST}"
    assert (page.start, page.end) == (6, 6)


def test_an_empty_page() -> None:
    """Neither neighbour; it starts and ends at 0."""
    page = _page(PageAsk(3, 2, after=FIRST), (), more=False)
    assert (page.next_page_uri, page.previous_page_uri) == (None, None)
    assert (page.start, page.end) == (0, 0)


def test_a_page_without_a_token_by_host() -> None:
    """Each family of hosts has its own code for it."""
    for tokenless in (PAGE_TOKEN_REQUIRED, PAGE_TOKEN_REQUIRED_ACCOUNTS):
        with pytest.raises(TwilioError) as refused:
            read_page("1", "", "", tokenless)
        assert refused.value.problem is tokenless
    assert read_page("0", "", "", PAGE_TOKEN_REQUIRED_ACCOUNTS) == PageAsk()
