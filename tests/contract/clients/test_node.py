"""Twilio's Node library, unmodified, on every way to the mock that it has."""

import json
from collections.abc import Mapping, Sequence
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


@pytest.mark.parametrize("way", ["proxy", "https", "base"])
def test_an_application_sees_the_same_on_every_way(way: str, mock: "Mock", node: str) -> None:
    """Creates at once, lists over many pages, other hosts, refusals with Twilio's codes."""
    where = {"proxy": "", "https": mock.https_port, "base": mock.url}[way]
    environ = mock.environ if way == "proxy" else unproxied(mock.environ)
    seen = json.loads(mock.ran([node, JOURNEY, way, where], env=environ))
    refusals = seen.pop("refusals")
    assert seen == TOLD
    assert {name: (each["status"], each["code"]) for name, each in refusals.items()} == {
        "number": (400, 21211),
        "login": (401, 20003),
        "unserved": (404, 20404),
    }
    assert len(mock.sent()) == 20
    [unserved] = [each for each in journal(mock) if each["path"].endswith("/v2/Services")]
    assert unserved["host"] == (urlsplit(mock.url).netloc if way == "base" else "verify.twilio.com")


def unproxied(environ: Mapping[str, str]) -> Mapping[str, str]:
    """All but the variables of a proxy."""
    return {name: value for name, value in environ.items() if "proxy" not in name.lower()}


def journal(mock: "Mock") -> Sequence[Mapping[str, Any]]:
    """The calls of the default sandbox."""
    found: Sequence[Mapping[str, Any]] = mock.ask("/requests?limit=1000")["requests"]
    return found
