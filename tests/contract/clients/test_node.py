"""Twilio's Node library, unmodified, on every way to the mock that it has."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.contract.clients.conftest import Mock

JOURNEY = Path(__file__).parents[2] / "node" / "journey.js"

TOLD = {
    "messages": {
        "status": "queued",
        "kept": "Grüße, 世界 & 100 % 👍",
        "listed": 21,
        "distinct": 21,
        "redacted": "",
        "removed": True,
        "gone": 20404,
    },
    "hosts": {"services": ["one", "three", "two"], "notify": "bells", "types": 2, "templates": 0},
}


def where(way: str, mock: "Mock") -> str:
    return {"proxy": "", "https": mock.https_port, "base": mock.url}[way]


@pytest.fixture(params=["proxy", "https", "base"])
def told(request: pytest.FixtureRequest, mock: "Mock", node: str) -> Any:
    """What an application has seen; only the way with a proxy has proxy variables."""
    way = request.param
    environ = {
        name: value
        for name, value in mock.environ.items()
        if way == "proxy" or "proxy" not in name.lower()
    }
    printed = mock.ran([node, JOURNEY, way, where(way, mock)], env=environ)
    return way, json.loads(printed)


def test_an_application_sees_the_same_on_every_way(told: Any, mock: "Mock") -> None:
    """Creates at once, lists over many pages, other hosts, refusals with Twilio's codes."""
    way, seen = told
    refusals = seen.pop("refusals")
    assert seen == TOLD
    assert {name: (each["status"], each["code"]) for name, each in refusals.items()} == {
        "number": (400, 21211),
        "login": (401, 20003),
        "unserved": (404, 20404),
    }
    assert len(mock.sent()) == 20
    journal = mock.ask("/requests?limit=1000")["requests"]
    [unserved] = [each for each in journal if each["path"].endswith("/v2/Services")]
    assert unserved["host"] == (urlsplit(mock.url).netloc if way == "base" else "verify.twilio.com")
