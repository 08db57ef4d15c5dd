"""Notify over HTTP: how soon ten thousand addresses are accepted, how soon done, and who waits."""

import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks import report
from benchmarks.meanwhile import meanwhile
from benchmarks.servers import Server
from benchmarks.stage import Stage
from benchmarks.wire import Caller, Spoiled, ask, authorization, new_sandbox

ACCEPT_GOAL: Final = 60.0
"""Milliseconds."""
STRETCH_GOAL: Final = 20.0
"""Milliseconds that another request waits at the most while one is accepted and worked off."""
DELIVER_GOAL: Final = 0.6
"""Seconds of wall time."""

ADDRESSES: Final = 10_000

SERVICES: Final = "/notify/v1/Services"
POOL: Final = "MG" + "a" * 32


class Client:
    """One connection to a server, for one account, with a service to send through."""

    def __init__(self, server: Server, caller: Caller) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._messages = f"/2010-04-01/Accounts/{caller.account_sid}/Messages.json"
        self._headers = {
            "Authorization": authorization(caller.account_sid, caller.auth_token),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        made = self.ask("POST", SERVICES, urlencode({"MessagingServiceSid": POOL}).encode())
        self.service = f"{SERVICES}/{made['sid']}"
        self.send(body(count=1))

    def ask(self, method: str, path: str, content: bytes | None = None) -> Any:
        """The JSON that is answered; raise `Spoiled` unless it is a 2xx."""
        self._connection.request(method, path, content, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Spoiled(f"{method} {path} answered {answer.status}: {text[:300]!r}")
        return json.loads(text)

    def send(self, content: bytes) -> None:
        """A notification."""
        self.ask("POST", f"{self.service}/Notifications", content)


def body(count: int = ADDRESSES) -> bytes:
    """The form of a notification to so many phone numbers, as Python's library writes it."""
    bindings = [
        json.dumps({"binding_type": "sms", "address": f"+1415{n:07d}"}, separators=(",", ":"))
        for n in range(5_550_000, 5_550_000 + count)
    ]
    pairs = [*(("ToBinding", each) for each in bindings), ("Body", "Hello Bob")]
    return urlencode(pairs).encode()


def notify_accept(stage: Stage) -> Iterator[report.Row]:
    """From the first byte of a request to its 201; on a manual clock."""
    content, spent = body(), []
    with stage.mock() as server:
        for _ in range(stage.settings.rounds):
            sandbox, caller = new_sandbox(server.port, "manual")
            client = Client(server, caller)
            started = time.perf_counter()
            client.send(content)
            spent.append(time.perf_counter() - started)
            ask(server.port, "DELETE", f"/_mock/sandboxes/{sandbox}")
    took = median(spent) * 1e3
    yield report.Row(
        f"notify: POST of {ADDRESSES:,} ToBinding to the 201, {len(content) / 1e6:.2f} MB",
        f"{took:.1f} ms",
        figure=took,
        at_most=ACCEPT_GOAL,
        unit=" ms",
    )


def notify_deliver(stage: Stage) -> Iterator[report.Row]:
    """The same to the last delivered message on the instant clock; and who waits meanwhile."""
    content, spent, waits = body(), list[float](), list[float]()
    with stage.mock() as server:
        for round_ in range(1 + 2 * stage.settings.rounds):
            sandbox, caller = new_sandbox(server.port, "instant")
            client = Client(server, caller)
            where = f"/_mock/sandboxes/{sandbox}"
            work = partial(_to_the_end, server, client, content, where)
            if not round_:
                work()  # much is loaded with the first one
            elif round_ % 2:
                waits += asyncio.run(meanwhile(server, caller, client.service, work))
            else:
                spent.append(work())
            found = ask(server.port, "GET", f"{where}/messages?status=delivered&limit=1")
            if found["total"] != ADDRESSES + 1:
                raise Spoiled(f"{found['total']} messages were delivered")
            ask(server.port, "DELETE", where)
    yield report.Row(
        f"notify: {ADDRESSES:,} ToBinding of sms, to delivered",
        f"{median(spent):.2f} s",
        figure=median(spent),
        at_most=DELIVER_GOAL,
        unit=" s",
    )
    longest = max(waits) * 1e3
    yield report.Row(
        "notify: another request meanwhile, longest",
        f"{longest:.1f} ms, p50 {median(waits) * 1e3:.1f}",
        figure=longest,
        at_most=STRETCH_GOAL,
        unit=" ms",
    )


def _to_the_end(server: Server, client: Client, content: bytes, where: str) -> float:
    """Send a notification, and ask until nothing of it is under way; the seconds it took."""
    started = time.perf_counter()
    client.send(content)
    while ask(server.port, "GET", f"{where}/clock")["pending"]:
        if time.perf_counter() - started > 60:
            raise Spoiled("the messages are not delivered")
        time.sleep(0.005)
    return time.perf_counter() - started
