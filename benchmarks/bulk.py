"""Bulk operations over HTTP: how soon accepted, how soon done, and who waits meanwhile."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

from benchmarks import report
from benchmarks.comms import RECIPIENTS, body, loads_seconds
from benchmarks.servers import Server
from benchmarks.stage import Stage
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

    def work() -> None:
        for _ in range(rounds):
            client.send(content)

    waits = await _meanwhile(server, caller, "/comms/v1/Senders?pageSize=1", work)
    await asyncio.to_thread(ask, server.port, "DELETE", f"/_mock/sandboxes/{sandbox}")
    high = _p99(waits)
    return report.Row(
        f"comms: other requests while {size / 1e6:.1f} MB are accepted, p99",
        f"{high:.1f} ms, longest {max(waits) * 1e3:.1f}",
        figure=high,
        at_most=OTHERS_GOAL,
        unit=" ms",
    )


async def _meanwhile(
    server: Server, caller: Caller, path: str, work: Callable[[], None]
) -> list[float]:
    """Seconds that each of some requests took, one after the other, while `work` was done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {authorization(caller.account_sid, caller.auth_token)}\r\n\r\n"
    ).encode()
    waits, busy = [], asyncio.create_task(asyncio.to_thread(work))
    while not busy.done():
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        waits.append(time.perf_counter() - started)
        if b" 200 " not in head[:13]:
            raise Spoiled(f"GET {path} answered {head!r}")
    writer.close()
    await busy
    return waits


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
