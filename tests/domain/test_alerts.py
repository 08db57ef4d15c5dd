"""Levels and texts of alerts."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.alerts import WARNINGS, call_text, level, webhook_text
from mockserver.domain.titles import TITLES

URL = "http://example.com/a?b=c&d"


@pytest.mark.parametrize(
    ("code", "expected"),
    [(11200, "error"), (12200, "warning"), (21211, "error"), (21609, "warning"), (30003, "error")],
)
def test_levels(code: int, expected: str) -> None:
    """Most are errors."""
    assert level(code) == expected


def test_warnings_are_known_codes() -> None:
    """Each is in the dictionary, as far as this project has its title."""
    assert WARNINGS - {21711, 30105} <= set(TITLES)


def test_a_failed_webhook() -> None:
    """As captured: what was answered, and where."""
    assert webhook_text(11200, "", URL, 500) == (
        "EmailNotification=false&LogLevel=ERROR&sourceComponent=14100&Msg=HTTP+retrieval+failure"
        "&httpResponse=500&ErrorCode=11200&url=http%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d"
    )


def test_nobody_answered() -> None:
    """It counts as a bad gateway; what is not known is left out."""
    assert "&httpResponse=502&" in webhook_text(11210, "", URL, 0)
    assert "httpResponse" not in webhook_text(11200, "", URL, None)


def test_a_bad_answer() -> None:
    """The request itself went well, so that there is nothing to say of it."""
    assert webhook_text(12200, "", URL, 200) == (
        "EmailNotification=false&LogLevel=WARN&sourceComponent=14100"
        "&Msg=Schema+validation+warning&ErrorCode=12200"
    )
    assert "Msg=so+what&" in webhook_text(99999, "so what", URL, 200)


@given(st.text(st.characters(codec="utf-8")))
def test_what_was_said_can_be_read_again(said: str) -> None:
    """It is a form, whatever the text."""
    pairs = parse_qsl(call_text(21211, said), keep_blank_values=True)
    assert pairs == [("LogLevel", "ERROR"), ("Msg", said), ("ErrorCode", "21211")]
