"""The same seed and the same calls make the same day, byte for byte."""

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from mockserver import MockTwilio

UNRELIABLE = {
    "name": "unreliable",
    "delivery": [{"when": {"share": 0.4}, "outcome": "undelivered", "error_code": 30003}],
    "faults": [{"when": {"nth": 3}, "then": {"error": 20503}}],
}


class Webhook(BaseHTTPRequestHandler):
    """Takes what it gets at `/good`, and is broken everywhere else."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer 204 or 503."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204 if self.path == "/good" else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def webhook() -> Iterator[str]:
    """Where it listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def journal(clock: str, webhook: str, seed: int) -> bytes:
    """A day of creates, fetches, lists, failures and retries; its canonical journal."""
    with MockTwilio(seed=seed, clock=clock, scenario=UNRELIABLE) as twilio:
        client, refused = twilio.client(), []
        for number in range(12):
            path = "/bad#rc=2&rp=5xx" if number % 5 == 0 else "/good"
            try:
                message = client.messages.create(
                    to=f"+1555867530{number % 4}",
                    from_="+15017122661",
                    body=f"Hello {number % 3}",
                    status_callback=webhook + path,
                )
                client.messages(message.sid).fetch()
            except TwilioRestException as refusal:
                refused.append(refusal.code)
            if number % 3 == 0:
                twilio.clock.advance(seconds=1)
        assert refused == [20503]
        client.messages.list(limit=9)
        twilio.clock.run_until_idle()
        place = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/journal?canonical=1"
        with urllib.request.urlopen(place) as answer:
            return bytes(answer.read())


@pytest.mark.parametrize("clock", ["instant", "manual"])
def test_two_runs_with_one_seed(clock: str, webhook: str) -> None:
    """Accounts, tokens and ports differ; the canonical journals do not."""
    first, second = (journal(clock, webhook, seed=7) for _ in range(2))
    assert first == second


def test_another_seed_is_another_day(webhook: str) -> None:
    """SIDs and fates derive from the seed."""
    assert journal("manual", webhook, seed=7) != journal("manual", webhook, seed=8)
