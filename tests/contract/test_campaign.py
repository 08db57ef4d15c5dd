"""A campaign over HTTP: five thousand messages through one service, twice, with one seed."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPConnection
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

from mockserver.domain.rates import PER_SECOND, kind_of

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

SERVICE = "MG" + "c" * 32
SENDERS = ("+14155550123", "+12125550123", "+447700900123", "12345", "+18885550123")
PLACES = ("+1415555{:04d}", "+1212555{:04d}", "+1604555{:04d}", "+44770090{:04d}", "+3361234{:04d}")
COUNT = 5_000

SCENARIO = {
    "given": {"services": [{"sid": SERVICE, "senders": list(SENDERS)}]},
    "rates": {"enabled": True},
    "delivery": [{"when": {"share": 0.05}, "error_code": 30003}],
}


def post_all(stage: "Stage") -> None:
    """Each message by its own request, one after the other, on one connection."""
    address = urlsplit(stage.http.base_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=20)
    login = b64encode(":".join(stage.client.auth).encode()).decode()
    headers = {
        "Authorization": f"Basic {login}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Host": "api.twilio.com",
    }
    path = f"/2010-04-01/Accounts/{stage.account_sid}/Messages.json"
    for n in range(COUNT):
        to = PLACES[n % len(PLACES)].format(n)
        form = {"To": to, "MessagingServiceSid": SERVICE, "Body": f"offer {n}"}
        connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 201
    connection.close()


def told(stage: "Stage", path: str, key: str) -> Iterator[dict[str, Any]]:
    """All that a list of the control API has, page by page."""
    page = stage.control("GET", path)
    while True:
        yield from page[key]
        if not page.get("next_cursor"):
            return
        page = stage.control("GET", f"{path}&cursor={page['next_cursor']}")


@pytest.fixture
def campaign(stage: "MakeStage") -> Callable[[], "Stage"]:
    def run() -> "Stage":
        made = stage(SCENARIO, seed=7)
        post_all(made)
        made.advance(until="idle")
        return made

    return run


def test_a_campaign(campaign: Callable[[], "Stage"]) -> None:
    """Every lane keeps its rate, every message ends, and one seed makes one journal."""
    first, second = campaign(), campaign()
    messages = list(told(first, "/messages?limit=10000", "messages"))
    assert len(messages) == COUNT
    ends = [message["status"] for message in messages]
    assert set(ends) == {"delivered", "undelivered"}
    assert 150 < ends.count("undelivered") < 350
    left: defaultdict[str, list[datetime]] = defaultdict(list)
    for message in messages:
        times = {step["status"]: step["at"] for step in message["timeline"]}
        left[message["from"]].append(datetime.fromisoformat(times["sending"]))
    assert set(left) >= {*SENDERS} - {"+18885550123"}
    for sender, out in left.items():
        gaps = [(later - one).total_seconds() for one, later in pairwise(sorted(out))]
        assert min(gaps) >= 1 / PER_SECOND[kind_of(sender)] - 1e-6, sender
    path = "/journal?canonical=1"
    assert first.control("GET", path) == second.control("GET", path)
