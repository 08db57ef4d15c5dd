"""Bodies and queries into pairs of text."""

from collections.abc import Callable
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.forms import check_charset, parse_form, unpacked

TEXT = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("data", "pairs"),
    [
        (b"", []),
        (b"&&", []),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"=b", [("", "b")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"a=1&a=2", [("a", "1"), ("a", "2")]),
        (b"a+b=c%20d%2Be", [("a b", "c d+e")]),
        (b"DateSent%3E=2026-01-31", [("DateSent>", "2026-01-31")]),
        (b"DateSent>=2026-01-31", [("DateSent>", "2026-01-31")]),
        ("a=é".encode(), [("a", "é")]),
        (b"a;b=c", [("a;b", "c")]),
        (b"a=%252B%2b", [("a", "%2B+")]),
    ],
)
def test_a_form(data: bytes, pairs: list[tuple[str, str]]) -> None:
    """Every pair in order, blank values included."""
    assert parse_form(data) == pairs


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT)), st.sampled_from([quote, quote_plus]))
def test_what_was_encoded_is_read_again(pairs: list[tuple[str, str]], via: object) -> None:
    """Any text, with `%20` or `+` for a space."""
    assert callable(via)
    assert parse_form(urlencode(pairs, quote_via=via).encode()) == pairs


def outcome(read: Callable[[], object]) -> object:
    """What was read, or the code of the refusal."""
    try:
        return read()
    except TwilioError as refused:
        return refused.code


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    """Pairs of text as the standard library reads them, or a refusal with 20001: nothing else."""
    pairs = outcome(lambda: parse_form(data))
    if pairs != 20001:
        text = data.decode()
        assert pairs == parse_qsl(text, keep_blank_values=True, separator="&", errors="strict")


@given(st.binary(), st.sampled_from(["gzip", "deflate", "br", "", "identity"]))
def test_any_packed_bytes(data: bytes, coding: str) -> None:
    """Bytes, or a refusal with 20001."""
    found = outcome(lambda: unpacked(data, coding))
    assert found == 20001 or isinstance(found, bytes)


@given(st.text())
def test_any_content_type(text: str) -> None:
    """Fine, or refused with 20001."""
    kind = f"application/x-www-form-urlencoded; charset={text}"
    assert outcome(lambda: check_charset(kind)) in (None, 20001)
