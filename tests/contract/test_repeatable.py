"""The same seed and the same calls make the same day, byte for byte."""

import json
import random
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from mockserver import MockTwilio

ME, YOU, SERVICE = "+15017122661", "+15558675301", "MG" + "a" * 32
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)

UNRELIABLE = {
    "name": "unreliable",
    "delivery": [{"when": {"share": 0.4}, "outcome": "undelivered", "error_code": 30003}],
    "faults": [{"when": {"nth": 3}, "then": {"error": 20503}}],
}


class Webhook(BaseHTTPRequestHandler):
    """Takes what it gets at `/good`, has pictures, and is broken everywhere else."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer 204 or 503."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204 if self.path == "/good" else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """A picture at `/cat.png`, a web page that is said to be one at `/page.png`."""
        body = {"/cat.png": PNG, "/page.png": b"<html></html>"}.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """Lets many callbacks in at once: where five may wait, others are put off by seconds."""

    daemon_threads = True
    request_queue_size = 512


@pytest.fixture
def webhook() -> Iterator[str]:
    """Where it listens."""
    server = Listener(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


Day = Callable[[MockTwilio, str], None]


def creates(twilio: MockTwilio, webhook: str) -> None:
    """Creates, fetches, lists, failures and retries."""
    client, refused = twilio.client(), []
    for number in range(12):
        path = "/bad#rc=2&rp=5xx" if number % 5 == 0 else "/good"
        try:
            message = client.messages.create(
                to=f"+1555867530{number % 4}",
                from_=ME,
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


def everything(twilio: MockTwilio, webhook: str) -> None:
    """Every operation, on every kind of message."""
    client = twilio.client()
    assert refusals(client) == [21211, 21610, 20503, 35114, 21623]
    _use_services(client, twilio.clock.now, webhook)
    made = [
        client.messages.create(**{"from_": ME, "body": "Ahoy", "to": YOU, **form})
        for form in forms(webhook)
    ]
    twilio.receive(from_=YOU, to=ME, body="Who is this?")
    twilio.clock.advance(seconds=2)
    with twilio.scenario({"name": "bad", "delivery": [{"outcome": "failed"}]}):
        made.append(client.messages.create(to=YOU, from_=ME, body="Ahoy again"))
    twilio.clock.run_until_idle()
    _look_at_media(client, made)
    client.messages(made[0].sid).feedback.create(outcome="unconfirmed")
    client.messages(made[0].sid).update(body="")
    client.messages(made[1].sid).delete()
    client.messages.list(to=YOU, date_sent_after=twilio.clock.now.date(), page_size=2)


def forms(webhook: str) -> list[dict[str, Any]]:
    """One of each kind of message; equal ones among them."""
    told = {"status_callback": f"{webhook}/good"}
    return [
        {**told},
        {**told},
        {**told, "body": "Ahoy to you, too"},
        {**told, "to": "whatsapp:+15005568001", "from_": f"whatsapp:{ME}"},
        {**told, "to": "+15005560003"},
        {**told, "to": "+15005569030"},
        {**told, "to": "+442071838750", "from_": "ACME"},
        {**told, "from_": SERVICE},
        {**told, "media_url": [f"{webhook}/cat.png", "https://example.com/b.pdf"]},
        {**told, "media_url": [f"{webhook}/page.png"]},
        {**told, "media_url": [f"{webhook}/nothing.png"]},
        {"status_callback": f"{webhook}/bad#rc=2&rp=5xx"},
    ]


def refusals(client: Client) -> list[int]:
    """The codes of some creates that are refused, the third by a fault."""
    codes = []
    for form in (
        {"to": "me"},
        {"to": "+15005550004"},
        {},
        {"messaging_service_sid": SERVICE, "schedule_type": "fixed", "send_at": "soon"},
        {"media_url": ["https://example.com/a.png"] * 11},
    ):
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(**{"to": YOU, "from_": ME, "body": "Ahoy", **form})
        codes.append(refused.value.code)
    return codes


def _use_services(client: Client, now: datetime, webhook: str) -> None:
    """Make, fetch, change, list and drop them; schedule and cancel."""
    services = client.messaging.v1.services
    service = services.create(friendly_name="One", status_callback=f"{webhook}/good")
    services.create(friendly_name="Two").delete()
    service.update(sticky_sender=False)
    service.fetch()
    services.list()
    for minutes in (10, 20):
        later = client.messages.create(
            to=YOU,
            messaging_service_sid=SERVICE,
            body="Later",
            schedule_type="fixed",
            send_at=now + timedelta(minutes=minutes),
            status_callback=f"{webhook}/good",
        )
    client.messages(later.sid).update(status="canceled")


def _look_at_media(client: Client, made: list[Any]) -> None:
    """List, fetch, follow the way to the file, and delete."""
    pictures = next(message for message in made if message.num_media == "2")
    first, _ = client.messages(pictures.sid).media.list()
    first.fetch()
    where = f"https://api.twilio.com{first.uri.removesuffix('.json')}"
    found = client.request("GET", where)
    assert found.status_code == 307
    assert client.request("GET", found.headers["Location"]).status_code == 200
    first.delete()


def journal(day: Day, clock: str, webhook: str, seed: int) -> bytes:
    """The canonical journal of a day."""
    with MockTwilio(seed=seed, clock=clock, scenario=UNRELIABLE) as twilio:
        day(twilio, webhook)
        twilio.clock.run_until_idle()
        return _asked(twilio, "journal?canonical=1")


def _asked(twilio: MockTwilio, path: str) -> bytes:
    place = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/{path}"
    with urllib.request.urlopen(place) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("clock", ["instant", "manual"])
@pytest.mark.parametrize("day", [creates, everything])
def test_two_runs_with_one_seed(clock: str, day: Day, webhook: str) -> None:
    """Accounts, tokens and ports differ; the canonical journals do not."""
    first, second = (journal(day, clock, webhook, seed=7) for _ in range(2))
    assert first == second


def test_another_seed_is_another_day(webhook: str) -> None:
    """SIDs and fates derive from the seed."""
    first, second = (journal(creates, "manual", webhook, seed=seed) for seed in (7, 8))
    assert first != second


@pytest.mark.parametrize("scenario", ["callback-storm", "out-of-order-callbacks", "flaky-api"])
def test_a_fork_in_the_middle_of_a_day(scenario: str, webhook: str) -> None:
    """From there on it tells what its origin does: calls, callbacks, what becomes of messages."""

    def send(twilio: MockTwilio, count: int) -> None:
        for _ in range(count):
            with suppress(TwilioRestException):
                twilio.client().messages.create(
                    to=YOU, from_=ME, body="Ahoy", status_callback=f"{webhook}/good"
                )

    with MockTwilio(seed=7, clock="manual", scenario=scenario) as twilio:
        send(twilio, 9)
        twilio.clock.advance(seconds=0.4)
        snapshot = _asked(twilio, "snapshot")
        assert bool(json.loads(snapshot)["late"]) == (scenario != "flaky-api")
        with twilio.fork() as fork:
            _put_back(twilio, snapshot)  # so that its journal begins anew, as the fork's does
            days = []
            for each in (twilio, fork):
                send(each, 5)
                each.clock.run_until_idle()
                days.append(_asked(each, "journal?canonical=1"))
    assert days[0] == days[1]
    assert json.loads(days[0])["callbacks"]


def _put_back(twilio: MockTwilio, snapshot: bytes) -> None:
    place = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/snapshot"
    urllib.request.urlopen(urllib.request.Request(place, snapshot, method="PUT")).close()


LOTTERY = {
    "name": "lottery",
    "delivery": [
        {"when": {"share": 0.3, "to": YOU}, "outcome": "undelivered", "error_code": 30003},
        {"when": {"share": 0.3, "to": YOU}, "outcome": "failed"},
    ],
}


def stories(webhook: str, threads: int) -> dict[str, Any]:
    """What became of each of many messages, by SID, sent by so many at once in any order."""
    kinds = enumerate(forms(webhook))
    wanted = [{**form, "body": f"{kind}, {n}"} for kind, form in kinds for n in (1, 1, 2, 3, 4)]
    random.shuffle(wanted)
    with MockTwilio(seed=7, clock="manual", scenario=LOTTERY) as twilio:
        client = twilio.client()
        with ThreadPoolExecutor(threads) as pool:
            calls = [
                pool.submit(client.messages.create, **{"to": YOU, "from_": ME, **form})
                for form in wanted
            ]
            assert len({call.result().sid for call in calls}) == len(wanted)
        twilio.clock.run_until_idle()
        kept = json.loads(_asked(twilio, "messages?limit=1000"))["messages"]
        assert len(kept) == len(wanted)
        return {message.pop("sid"): _story(message) for message in kept}


def _story(message: dict[str, Any]) -> dict[str, Any]:
    """Without what names the run."""
    attempts = message.pop("callbacks")
    told = [(each["due"], each["params"]["MessageStatus"], each["attempt"]) for each in attempts]
    del message["account_sid"], message["sandbox"]
    return {**message, "told": sorted(told)}


def test_many_at_once(webhook: str) -> None:
    """Whatever the order of arrival: the same SIDs, steps, times, media and callbacks."""
    alone, together = stories(webhook, threads=1), stories(webhook, threads=8)
    assert together.keys() == alone.keys()
    assert together == alone
    ends = {story["status"] for story in alone.values()}
    assert ends == {"delivered", "undelivered", "failed", "read"}
