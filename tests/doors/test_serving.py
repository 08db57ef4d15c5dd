"""What a server prints, and how many files it opens."""

import pytest

from mockserver.domain.message import Delivery, Message
from mockserver.serving import (
    line,
    open_more_files,
    reached_by,
)


def said(body: str, status: str = "delivered", code: int = 0) -> str:
    """The line for a message."""
    where = ("inbound", "sms", "inbound", "+15017122661", "+14155552671")
    message = Message("SM1", 0, "AC1", *where, body, "GSM-7", 1, 0, 0)
    return line(message, Delivery(status, 0, (), error_code=code))


def test_a_message_is_one_line() -> None:
    """Who, to whom, what became of it, and the text."""
    assert said("Hi\r\nyou") == 'SMS +14155552671 → +15017122661 delivered "Hi⏎you"'
    assert said("", "failed", 30003).endswith('failed (30003) ""')


@pytest.mark.parametrize("body", ["\x1b[31m", "\x07", "\0", "\x7f", "\x9b31m", "\t"])
def test_a_text_does_not_talk_to_the_terminal(body: str) -> None:
    """Control characters are not printed: an inbound text comes from anybody."""
    assert said(f"a{body}").isprintable()


def test_other_scripts_are_printed() -> None:
    """They are what messages are written in."""
    assert said("é ü 漢 😀").endswith('"é ü 漢 😀"')


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "::1"])
def test_nobody_else_reaches_a_loopback(host: str) -> None:
    """So there is nothing to say."""
    assert reached_by(host) == ""


@pytest.mark.parametrize(
    ("host", "where"),
    [("0.0.0.0", "this one"), ("::", "this one"), ("10.0.0.7", "10.0.0.7"), ("box", "box")],
)
def test_who_reaches_another_address_is_said(host: str, where: str) -> None:
    """And what they can do, and how to have it otherwise."""
    said = reached_by(host)
    assert said.startswith(f"every machine that can reach {where} may use it")
    assert "--host localhost" in said


def test_the_server_takes_as_many_open_files_as_it_may() -> None:
    """Never fewer than it has, and never more than the system allows."""
    resource = pytest.importorskip("resource")
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        open_more_files(before + 1)
        wanted = before + 1 if hard == resource.RLIM_INFINITY else min(before + 1, hard)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (max(before, wanted), hard)
        open_more_files(16)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= before
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))
