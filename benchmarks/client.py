"""The official Python client, one call after the other."""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from benchmarks import report
from benchmarks.servers import Server
from benchmarks.stage import Stage
from benchmarks.wire import ACCOUNT_SID, AUTH_TOKEN

GOAL: Final = 0.85

SHORTER: Final = 5
"""Rounds are as many times shorter and more: the client's own time varies more than ours."""


class LocalHttpClient(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """The official HTTP client, its requests turned to this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._base = f"http://127.0.0.1:{port}"

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As the original, at another address."""
        local = url.replace("https://api.twilio.com", self._base, 1)
        return super().request(method, local, *args, **kwargs)


def client(stage: Stage) -> Iterator[report.Row]:
    """Creates per second."""
    calls = stage.settings.calls
    with stage.pair() as pair:
        ours: list[float] = []
        theirs: list[float] = []
        for server in (pair.mock, pair.bare):
            _rate(server, calls)
        for turn in range(stage.settings.rounds * SHORTER):
            turns = [(pair.bare, theirs), (pair.mock, ours)]
            for server, rates in turns if turn % 2 else reversed(turns):
                rates.append(_rate(server, calls // SHORTER))
    yield report.Row(
        "calls of the official client",
        f"{median(ours):>6,.0f}/s",
        f"{median(theirs):>6,.0f}/s",
        report.ratio(ours, theirs),
        at_least=GOAL,
    )


def _rate(server: Server, calls: int) -> float:
    """Calls per second of one client."""
    messages = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=LocalHttpClient(server.port)).messages
    started = time.perf_counter()
    for number in range(calls):
        to = f"+1415555{number:04d}"
        messages.create(to=to, from_="+15017122661", body=f"Your code is {number:06d}, thank you.")
    return calls / (time.perf_counter() - started)
