"""What `Types` may say."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.catalogue import TYPES
from mockserver.domain.events.subscriptions import latest, read_types, versioned

SENT, DELIVERED = (f"com.twilio.messaging.message.{each}" for each in ("sent", "delivered"))


def one(name: object, **more: object) -> str:
    return json.dumps({"type": name, **more})


def test_types_in_their_versions() -> None:
    """The latest where none is asked for; in the order given."""
    found = read_types([one(SENT, schema_version=3), one(DELIVERED)])
    assert list(found.items()) == [(SENT, 3), (DELIVERED, 7)]


def test_null_is_no_version() -> None:
    """As some clients send what was left out."""
    assert read_types([one(SENT, schema_version=None)]) == {SENT: 7}


def test_nothing_at_all() -> None:
    """91103."""
    with pytest.raises(TwilioError) as error:
        read_types([])
    assert (error.value.code, error.value.message) == (91103, "Event type list is empty")


@pytest.mark.parametrize(
    "text",
    [
        f"[{one(SENT)}]",
        "",
        "x",
        SENT,
        "{}",
        "null",
        "[" * 10_000,
        one(""),
        one(None),
        one(7),
        json.dumps({"Type": SENT}),
    ],
)
def test_what_names_no_type(text: str) -> None:
    """20001 in the words that a JSON array was answered with, and which of the values it is."""
    for place, texts in enumerate(([text], [one(SENT), text])):
        with pytest.raises(TwilioError) as error:
            read_types(texts)
        assert error.value.code == 20001
        said = f"Missing required input parameter event_types[{place}].type"
        assert error.value.message == said


@pytest.mark.parametrize(
    ("texts", "code", "status"),
    [
        ([one(SENT), one(SENT)], 91101, 400),
        ([one(SENT), one(SENT, schema_version=2)], 91101, 400),
        ([one("com.twilio.voice.nothing")], 91104, 404),
        ([one(SENT.upper())], 91104, 404),
        ([one(SENT, schema_version=0)], 91201, 400),
        ([one(SENT, schema_version=8)], 91201, 400),
        ([one(SENT, schema_version="2")], 91201, 400),
        ([one(SENT, schema_version=True)], 91201, 400),
        ([one(SENT, schema_version=2.0)], 91201, 400),
    ],
)
def test_what_is_refused(texts: list[str], code: int, status: int) -> None:
    """A type twice, a type that is not there, a version that is not there."""
    with pytest.raises(TwilioError) as error:
        read_types(texts)
    assert (error.value.code, error.value.status) == (code, status)


@pytest.mark.parametrize("name", TYPES)
def test_every_version_of_every_type(name: str) -> None:
    """From 1 to the latest."""
    most = latest(name)
    assert versioned(name, None) == most
    assert [versioned(name, n) for n in range(1, most + 1)] == [*range(1, most + 1)]
    with pytest.raises(TwilioError):
        versioned(name, most + 1)


@given(
    st.lists(st.text() | st.builds(one, st.sampled_from([*TYPES]), schema_version=st.integers()))
)
def test_any_texts(texts: list[str]) -> None:
    """Types that there are, or one of the refusals."""
    with suppress(TwilioError):
        found = read_types(texts)
        assert len(found) == len(texts)
        assert all(1 <= version <= latest(name) for name, version in found.items())
