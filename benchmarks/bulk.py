"""Bulk operations over HTTP: how soon accepted, how soon done, and who waits meanwhile."""

import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from benchmarks import report
from benchmarks.comms import RECIPIENTS, body, loads_seconds
from benchmarks.meanwhile import meanwhile
from benchmarks.servers import Server
from benchmarks.stage import FULL, Stage
from benchmarks.wire import Caller, Spoiled, ask, authorization, new_sandbox

ACCEPT_GOAL: Final = 8.0
"""Times `orjson.loads` of the body."""
OTHERS_GOAL: Final = 40.0
"""Milliseconds; p99 of other requests while 10 MB are accepted."""
DELIVER_GOAL: Final = 0.6
"""Seconds of wall time."""
MILLION_GOAL: Final = 40.0
"""Seconds of processor time."""
BYTES_GOAL: Final = 700
FETCH_GOAL: Final = 20.0
"""Milliseconds; p99 of operation fetches while a cohort is under way."""

LARGE: Final = 9_900_000
"""Bytes of a request that is as large as may be."""

MEMBERS: Final = 1_000_000

OTHER: Final = "/comms/v1/Senders?pageSize=1"
"""What others ask for meanwhile."""

MESSAGES: Final = "/comms/v1/Messages"
TEXT: Final = "Hi {{ firstName | default: 'there' }}, see you in {{ city }}."


class Client:
    """One connection to a server, for one account."""

    def __init__(self, server: Server, caller: Caller) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        self._headers = {
            "Authorization": authorization(caller.account_sid, caller.auth_token),
            "Content-Type": "application/json",
        }

    def ask(self, method: str, path: str, content: bytes | None = None) -> Any:
        """The JSON that is answered; raise `Spoiled` unless it is a 2xx."""
        self._connection.request(method, path, content, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Spoiled(f"{method} {path} answered {answer.status}: {text[:300]!r}")
        return json.loads(text)

    def warm_up(self) -> None:
        """Have everything loaded that is loaded with the first request."""
        self.delivered(self.send(body(count=1)))

    def send(self, content: bytes) -> str:
        """The path of the operation that a request made."""
        accepted = self.ask("POST", MESSAGES, content)
        return f"{MESSAGES}/Operations/{accepted['operationId']}"

    def delivered(self, operation: str) -> int:
        """How many of its messages are."""
        return int(self.ask("GET", operation)["stats"]["delivered"])


def comms_accept(stage: Stage) -> Iterator[report.Row]:
    """From the first byte of a request to its 202, against parsing its JSON; on a manual clock."""
    content = body()
    ours, theirs = [], []
    with stage.mock() as server:
        sandbox, caller = new_sandbox(server.port, "manual")
        client = Client(server, caller)
        client.warm_up()
        for _ in range(3 * stage.settings.rounds):
            theirs.append(min(loads_seconds(content) for _ in range(3)))
            started = time.perf_counter()
            client.send(content)
            ours.append(time.perf_counter() - started)
        yield report.Row(
            f"comms: POST of {RECIPIENTS:,} recipients to the 202, {len(content) / 1e6:.1f} MB",
            f"{median(ours) * 1e3:.1f} ms",
            f"{median(theirs) * 1e3:.1f} ms orjson.loads",
            report.ratio(ours, theirs),
            at_most=ACCEPT_GOAL,
        )
        ask(server.port, "DELETE", f"/_mock/sandboxes/{sandbox}")
        for size in (len(content), LARGE):
            yield asyncio.run(_others(server, size, stage.settings.rounds))


async def _others(server: Server, size: int, rounds: int) -> report.Row:
    """Other requests, one after the other, while requests of a size are accepted."""
    sandbox, caller = await asyncio.to_thread(new_sandbox, server.port, "manual")
    content, client = body(size), Client(server, caller)
    await asyncio.to_thread(client.ask, "GET", OTHER)

    def work() -> None:
        for _ in range(rounds):
            client.send(content)

    waits = await meanwhile(server, caller, OTHER, work)
    await asyncio.to_thread(ask, server.port, "DELETE", f"/_mock/sandboxes/{sandbox}")
    high = _p99(waits)
    return report.Row(
        f"comms: other requests while {size / 1e6:.1f} MB are accepted, p99",
        f"{high:.1f} ms, longest {max(waits) * 1e3:.1f}",
        figure=high,
        at_most=OTHERS_GOAL,
        unit=" ms",
    )


def _p99(waits: list[float]) -> float:
    """Milliseconds."""
    return sorted(waits)[(len(waits) - 1) * 99 // 100] * 1e3


def comms_deliver(stage: Stage) -> Iterator[report.Row]:
    """Ten thousand personalised messages on the instant clock, request and last poll included."""
    content, spent = body(), []
    with stage.mock() as server:
        for _ in range(stage.settings.rounds):
            sandbox, caller = new_sandbox(server.port, "instant")
            client = Client(server, caller)
            client.warm_up()
            started = time.perf_counter()
            operation = client.send(content)
            while client.delivered(operation) < RECIPIENTS:
                if time.perf_counter() - started > 60:
                    raise Spoiled("the messages are not delivered")
                time.sleep(0.005)
            spent.append(time.perf_counter() - started)
            ask(server.port, "DELETE", f"/_mock/sandboxes/{sandbox}")
    yield report.Row(
        f"comms: {RECIPIENTS:,} recipients, personalised, to delivered",
        f"{median(spent):.2f} s",
        figure=median(spent),
        at_most=DELIVER_GOAL,
        unit=" s",
    )


def comms_million(stage: Stage) -> Iterator[report.Row]:
    """A cohort of a million, personalised, on the instant clock; and who asks how it does."""
    members = MEMBERS if stage.settings.kept >= FULL.kept else MEMBERS // 50
    with stage.mock() as server:
        sandbox, caller = new_sandbox(server.port, "instant")
        client = Client(server, caller)
        client.warm_up()
        people = {"name": "everybody", "fake": {"count": members, "seed": 7}}
        before = server.own()
        started = time.perf_counter()
        cohort = ask(server.port, "POST", f"/_mock/sandboxes/{sandbox}/cohorts", people)
        made, with_people = time.perf_counter() - started, server.own()
        request = _to_cohort(cohort["id"])
        busy, started = server.processor_seconds(), time.perf_counter()
        operation = client.send(request)
        waits = asyncio.run(
            meanwhile(server, caller, operation, lambda: _finish(client, operation))
        )
        spent = time.perf_counter() - started
        cpu = server.processor_seconds() - busy
        grown, people_grown = server.own() - before, with_people - before
        if client.delivered(operation) != members:
            raise Spoiled("not every message was delivered")
    what = f"comms: cohort of {members:,}"
    yield report.Row(
        f"{what}, made by faker", f"{made:.1f} s, {people_grown / members:.0f} bytes each"
    )
    yield report.Row(
        f"{what}, personalised, to delivered",
        f"{cpu:.1f} s of its core, {spent:.1f} s in all",
        figure=cpu,
        at_most=MILLION_GOAL,
        unit=" s",
    )
    yield report.Row(
        f"{what}, memory of a message, its recipient included",
        f"{grown / members:.0f} bytes",
        figure=grown / members,
        at_most=BYTES_GOAL,
        unit=" bytes",
    )
    yield report.Row(
        f"{what}, fetch of the operation meanwhile, p99",
        f"{_p99(waits):.1f} ms, p50 {median(waits) * 1e3:.1f}",
        figure=_p99(waits),
        at_most=FETCH_GOAL,
        unit=" ms",
    )


def _to_cohort(cohort: str) -> bytes:
    variables = {name: f"${{Twilio.Profile.{name}}}" for name in ("firstName", "city")}
    request = {
        "from": {"address": "+15005550006", "channel": "SMS"},
        "to": [{"cohortId": cohort, "variables": variables}],
        "content": {"text": TEXT},
        "tags": {"campaign": "launch"},
    }
    return json.dumps(request).encode()


def _finish(client: Client, operation: str) -> None:
    """Return once every message has its end; raise `Spoiled` where that takes too long."""
    started = time.perf_counter()
    while True:
        stats = client.ask("GET", operation)["stats"]
        if stats["delivered"] == stats["total"]:
            return
        if time.perf_counter() - started > 300:
            raise Spoiled(f"the cohort is not served: {stats}")
        time.sleep(0.25)
