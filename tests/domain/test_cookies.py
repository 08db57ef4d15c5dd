"""Cookies of a conversation: kept, sent back to the same host, forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.cookies import LIFETIME, MOST, Jar, after

URL = "http://app.example.com:5000/hooks/sms?x=1"
AT = 1_000_000


def jar(*values: str, url: str = URL, before: Jar | None = None, at: int = AT) -> Jar | None:
    """After an answer that sets these cookies."""
    return after(before, url, [("Set-Cookie", value) for value in values], at)


def sent(kept: Jar | None, url: str = URL, at: int = AT) -> str:
    return kept.header(url, at) if kept else ""


def test_what_was_set_is_sent_back() -> None:
    """In the order in which it was set; attributes are not."""
    assert sent(jar("a=1; HttpOnly", "b=2; Path=/; Secure")) == "a=1; b=2"


def test_a_later_value_replaces_an_earlier() -> None:
    """The others stay."""
    first = jar("a=1", "b=2")
    assert sent(jar("a=3", before=first)) == "b=2; a=3"


@pytest.mark.parametrize("date", ["soon", "Thu, 01 Jan 99999999999 00:00:00 GMT", "0"])
def test_a_date_that_is_none_is_not_heeded(date: str) -> None:
    """The cookie stays, as it does in browsers."""
    assert sent(jar(f"a=1; Expires={date}")) == "a=1"


def test_other_hosts_see_nothing() -> None:
    """Neither a name below nor one above; the port is no matter, as in browsers."""
    kept = jar("a=1; Path=/")
    assert sent(kept, "http://example.com/hooks/sms") == ""
    assert sent(kept, "http://x.app.example.com/hooks/sms") == ""
    assert sent(kept, "https://APP.example.com/other") == "a=1"


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("/hooks/sms", True),
        ("/hooks/voice", True),
        ("/hooks", True),
        ("/hooksx", False),
        ("/", False),
    ],
)
def test_a_cookie_without_a_path_is_for_the_folder(path: str, goes: bool) -> None:
    """Source: RFC 6265, the default path."""
    assert (sent(jar("a=1"), f"http://app.example.com{path}") == "a=1") is goes


@pytest.mark.parametrize(
    "over", ["Max-Age=0", "max-age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_an_application_takes_a_cookie_back(over: str) -> None:
    """By an age of nothing, or a date long gone; the last one takes the jar along."""
    kept = jar("a=1", "b=2")
    fewer = jar(f"a=; {over}", before=kept)
    assert sent(fewer) == "b=2"
    assert jar(f"b=; {over}", before=fewer) is None


def test_four_hours_after_the_last_answer_all_is_forgotten() -> None:
    """Each answer of the conversation begins the time anew."""
    kept = jar("a=1")
    assert sent(kept, at=AT + LIFETIME - 1) == "a=1"
    assert sent(kept, at=AT + LIFETIME) == ""
    longer = after(kept, URL, [], AT + LIFETIME - 1)
    assert sent(longer, at=AT + LIFETIME) == "a=1"
    assert after(kept, URL, [], AT + LIFETIME) is None


def test_what_is_no_cookie_is_passed_over() -> None:
    """So are control characters, which would break the header, and what is too long."""
    assert jar("nothing", "=x", "a=\r\nX-Evil: 1", f"a={'x' * 5_000}") is None


def test_a_conversation_has_a_limit() -> None:
    """The oldest go."""
    kept = jar(*(f"c{n}={n}" for n in range(MOST + 1)))
    assert sent(kept).startswith("c1=1; ")


@given(st.lists(st.text(max_size=80), max_size=5), st.text(max_size=60))
def test_whatever_is_set_nothing_breaks(values: list[str], url: str) -> None:
    """And the header that comes of it is one line."""
    kept = jar(*values, url=url)
    assert sent(kept, url).isprintable()
