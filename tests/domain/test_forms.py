"""Parameters of a webhook as text."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.forms import add_query, encode_form

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_form_is_encoded_as_twilio_does() -> None:
    """A plus is %2B, a space is a plus, and the order stays."""
    params = (("To", "+1415"), ("Body", "a b&c=d"), ("From", ""))
    assert encode_form(params) == "To=%2B1415&Body=a+b%26c%3Dd&From="


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_every_text_survives(params: list[tuple[str, str]]) -> None:
    """What a receiver decodes is what was encoded, repeated names included."""
    assert parse_qsl(encode_form(params), keep_blank_values=True) == [*params]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h", "http://h?A=1"),
        ("http://h/p?", "http://h/p?A=1"),
        ("http://h/p?x=1", "http://h/p?x=1&A=1"),
        ("http://h/p?x=1#rc=2", "http://h/p?x=1&A=1#rc=2"),
    ],
)
def test_a_query_is_extended(url: str, address: str) -> None:
    """Parameters of a GET stand after the query that is there, before the overrides."""
    assert add_query(url, [("A", "1")]) == address


def test_no_parameters_leave_the_address_alone() -> None:
    """Without parameters a GET goes to the URL as it is configured."""
    assert add_query("http://h/p#rc=2", []) == "http://h/p#rc=2"
