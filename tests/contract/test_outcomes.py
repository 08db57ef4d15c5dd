"""Every error that a message can end with: by its built-in number, and by a delivery rule.

`rows/rows.json` says which there are, and which final status goes with each.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from mockserver.domain.titles import TITLES

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

ROWS = json.loads(Path(__file__).with_name("rows").joinpath("rows.json").read_text("utf-8"))
STATUS = {
    row["code"]: row["answers"]
    for row in ROWS
    if row["section"] == "6.6" and row["client"] and row["answers"] != "refused"
}
"""Final status by code."""

ME, YOU = "+15017122661", "+14155552671"


class Application(BaseHTTPRequestHandler):
    """Somebody's webhook, which keeps what it is told."""

    protocol_version = "HTTP/1.1"
    told: list[dict[str, str]]

    def do_POST(self) -> None:
        """Note it, and answer 204."""
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.told.append(dict(parse_qsl(form)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class Hearing:
    """A webhook and what it was told."""

    def __init__(self, url: str, told: list[dict[str, str]]) -> None:
        self.url, self._told = url, told

    def of(self, sid: str) -> list[dict[str, str]]:
        """The callbacks about one message."""
        return [form for form in self._told if form["MessageSid"] == sid]


@pytest.fixture(scope="module")
def hearing() -> Iterator[Hearing]:
    told: list[dict[str, str]] = []
    handler = type("Noting", (Application,), {"told": told})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Hearing(f"http://127.0.0.1:{server.server_port}/status", told)
    server.shutdown()
    thread.join()
    server.server_close()


def ends(code: int) -> tuple[str, str]:
    """Sender and recipient; what WhatsApp and its like say goes over a channel."""
    to = f"+1500556{code % 10_000:04d}"
    return (f"whatsapp:{ME}", f"whatsapp:{to}") if code >= 63_000 else (ME, to)


def sent(on: "Stage", sender: str, to: str, hearing: Hearing) -> Any:
    """A message that has come to its end, as the library fetches it."""
    message = on.client.messages.create(
        to=to, from_=sender, body="Ahoy", status_callback=hearing.url
    )
    assert (message.status, message.error_code) == ("queued", None)
    on.advance(until="idle")
    return message.fetch()


def told_at_last(message: Any, hearing: Hearing) -> tuple[str, str | None]:
    """Status and error code of the last callback."""
    last = hearing.of(message.sid)[-1]
    assert last["MessageStatus"] == last["SmsStatus"]
    return last["MessageStatus"], last.get("ErrorCode")


@pytest.mark.parametrize("code", STATUS)
@pytest.mark.parametrize("way", ["number", "rule"])
def test_an_outcome(stage: "MakeStage", hearing: Hearing, way: str, code: int) -> None:
    """Final status, code and title in the resource; the code in its last callback, if it failed."""
    sender, to = ends(code)
    if way == "rule":
        to = to.partition("+")[0] + YOU
    rule = {"when": {"to": to}, "error_code": code}
    on = stage({"delivery": [rule]} if way == "rule" else {})
    message = sent(on, sender, to, hearing)
    assert (message.status, message.error_code) == (STATUS[code], code)
    assert message.error_message == TITLES[code]
    failed = STATUS[code] != "delivered"
    assert (message.price is None) == (STATUS[code] == "failed" or code >= 63_000)
    status, told = told_at_last(message, hearing)
    assert status == STATUS[code]
    assert told == str(code) or not failed


@pytest.mark.parametrize("digits", ["8000", "8001", "9002", "0000", "1111"])
def test_numbers_that_end_well(stage: "MakeStage", hearing: Hearing, digits: str) -> None:
    """8000 has no receipt, 8001 is read, 9002 takes two seconds, any other is delivered."""
    on = stage()
    to = f"whatsapp:+1500556{digits}" if digits == "8001" else f"+1500556{digits}"
    message = sent(on, f"whatsapp:{ME}" if digits == "8001" else ME, to, hearing)
    expected = {"8000": "sent", "8001": "read"}.get(digits, "delivered")
    assert (message.status, message.error_code) == (expected, None)
    assert told_at_last(message, hearing) == (expected, None)


def test_a_rule_goes_before_a_number(stage: "MakeStage", hearing: Hearing) -> None:
    """What somebody asks for stands, whatever the recipient's last digits say."""
    on = stage({"delivery": [{"outcome": "undelivered", "error_code": 30007}]})
    message = sent(on, *ends(30001), hearing)
    assert (message.status, message.error_code) == ("undelivered", 30007)
