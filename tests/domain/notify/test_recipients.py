"""`ToBinding`: what is read, what refuses the request, and what fails alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.notify.channels import CHANNELS
from mockserver.domain.notify.recipients import Recipient, read_recipients


def text(binding_type: str = "sms", address: str = "+14155552671") -> str:
    return json.dumps({"binding_type": binding_type, "address": address})


@given(st.lists(st.tuples(st.sampled_from(CHANNELS), st.text(max_size=20)), max_size=30))
def test_every_channel_in_order(pairs: list[tuple[str, str]]) -> None:
    """Channels may be mixed; the same address twice is two recipients."""
    read = read_recipients([text(*pair) for pair in [*pairs, *pairs]])
    assert read == tuple(Recipient(*pair) for pair in [*pairs, *pairs])


def test_ten_thousand() -> None:
    """As many as one request may have, each in its place."""
    addresses = [f"+1415555{number:04d}" for number in range(10_000)]
    read = read_recipients([text(address=address) for address in addresses])
    assert read is not None
    assert [each.address for each in read] == addresses
    assert not any(each.code for each in read)


@pytest.mark.parametrize(
    "bad",
    [
        *("", "{", "binding_type", "[]", "null", '"sms"', "{}", text() + "x", f"[{text()}]"),
        '{"binding_type": "sms"}',
        '{"address": "+14155552671"}',
        '{"binding_type": "fax", "address": "+14155552671"}',
        '{"binding_type": "SMS", "address": "+14155552671"}',
        '{"binding_type": "sms", "address": 14155552671}',
        '{"binding_type": "sms", "address": null}',
        '{"binding_type": "sms", "address": "\\ud800"}',
        '{"binding_type": "sms", "address": "+1", "more": ' + "[" * 100_000,
    ],
)
def test_one_that_cannot_be_read_refuses_all(bad: str) -> None:
    """Wherever it stands among good ones."""
    assert read_recipients([bad]) is None
    assert read_recipients([text(), bad, text()]) is None


def test_other_attributes_are_ignored() -> None:
    """And of those that are there twice, as some clients write, the last one counts."""
    twice = '{"binding_type":"sms","address":"+1","x":{},"binding_type":"apn","address":"+2"}'
    assert read_recipients([twice]) == (Recipient("apn", "+2"),)


@pytest.mark.parametrize(
    ("channel", "address", "code"),
    [
        ("sms", "+14155552671", 0),
        ("sms", "+15005550001", 0),
        ("sms", "+447400123456", 0),
        *(("sms", bad, 52001) for bad in ("", "+86", "14155552671", "+1415555267", "Bob", "+12 3")),
        ("apn", "whatever", 0),
        ("apn", "", 52001),
        ("fcm", "0xyz", 0),
        ("gcm", "", 52001),
        ("facebook-messenger", "1234567890", 0),
        ("facebook-messenger", "+14155552671", 0),
        ("alexa", "amzn1.ask.account.X", 0),
    ],
)
def test_an_address_that_cannot_be_reached(channel: str, address: str, code: int) -> None:
    """Fails its own delivery with 52001; push services judge their tokens themselves."""
    read = read_recipients([text(channel, address), text()])
    assert read is not None
    assert [each.code for each in read] == [code, 0]
