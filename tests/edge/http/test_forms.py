"""Bodies and queries into pairs of text."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.forms import LARGE, check_charset, parse_form, parts_of, unpacked

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


PIECES = (
    *(b"%22", b"%7B", b"%7b", b"%7D", b"%3a", b"%2C", b"%20", b"+", b"%2B", b"%2b", b"%5B", b"%5d"),
    *(b"%25", b"%252B", b"%26", b"%3D", b"&", b"=", b"a", b"7b", b"22", b"%C3%A9", b"%ff", b"%"),
    *(b"%2", b"%%22", b"\xc3\xa9", b"\xff"),
)


@given(st.lists(st.sampled_from(PIECES)))
def test_a_large_form_is_read_like_any_other(pieces: list[bytes]) -> None:
    """In the same words where it is broken, whatever its size."""
    small = b"".join(pieces)
    large = small + b"&" * (LARGE + 1)

    def said(data: bytes) -> object:
        try:
            return parse_form(data)
        except TwilioError as refused:
            return refused.message

    assert said(large) == said(small)


@given(st.lists(st.sampled_from(PIECES)), st.integers(1, 9))
def test_parts_are_the_whole(pieces: list[bytes], size: int) -> None:
    """No parameter is torn, none is lost."""
    data = b"".join(pieces)
    parts = list(parts_of(data, size))
    whole = [each for each in data.split(b"&") if each]
    assert [each for part in parts for each in part.split(b"&") if each] == whole
    assert all(len(part) >= size for part in parts[:-1])


def test_large_forms_lose_nothing() -> None:
    """Ten thousand parameters of JSON, as the library encodes them, and in lower case."""
    pairs = [("ToBinding", f'{{"binding_type": "sms", "address": "+1{n}"}}') for n in range(10_000)]
    form = urlencode(pairs)
    assert parse_form(form.encode()) == pairs
    assert parse_form(re.sub("%..", lambda code: code[0].lower(), form).encode()) == pairs


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
