"""Tunnels through the proxy: what TLS costs, and two hundred at once."""

import asyncio
import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from benchmarks import report
from benchmarks.load import Connect, Connection, load, send, typical
from benchmarks.servers import Server
from benchmarks.stage import Duel, Stage
from benchmarks.wire import Caller, Spoiled

HOST: Final = "api.twilio.com"

CONNECTIONS: Final = 16

GOAL: Final = 0.5
"""Of the throughput without TLS and tunnel."""

TUNNELS: Final = 200
REQUESTS: Final = 20_000

LOOKS: Final = 200
"""How often the server is asked before a socket counts as left behind."""


def through(stage: Stage) -> Iterator[report.Row]:
    """Messages made per second through tunnels, and directly; both on connections that are kept."""
    with stage.mock() as server:
        connect, caller, duel = _tunnelled(server.port), Caller(), Duel()
        ways = [(connect, duel.ours), (None, duel.theirs)]
        for number in range(stage.settings.rounds + 1):
            for way, samples in ways if number % 2 else reversed(ways):
                sample = load(
                    server.port,
                    caller.creates(),
                    connections=CONNECTIONS,
                    seconds=stage.settings.seconds,
                    connect=way,
                )
                if number:  # the first round makes certificates, and fills the journal
                    samples.append(sample)
    yield report.Row(
        f"create through the proxy, {CONNECTIONS} tunnels",
        f"{typical(duel.ours).rate:>6,.0f}/s",
        f"{typical(duel.theirs).rate:>6,.0f}/s directly",
        report.ratio([one.rate for one in duel.ours], [one.rate for one in duel.theirs]),
        at_least=GOAL,
    )


def many(stage: Stage) -> Iterator[report.Row]:
    """Two hundred tunnels at once; a single request that fails spoils it."""
    count = min(REQUESTS, stage.settings.kept)
    with stage.mock() as server:
        connect = _tunnelled(server.port)
        send(server.port, Caller().creates(), connections=1, count=1, connect=connect)
        before = _sockets(server)
        sample = send(
            server.port, Caller().creates(), connections=TUNNELS, count=count, connect=connect
        )
        left = _left_behind(server, before)
    yield report.Row(
        f"{count:,} requests, {TUNNELS} tunnels",
        f"{sample.rate:>6,.0f}/s {sample.p50:.2f}/{sample.p99:.2f} ms",
        f"{left} sockets left behind",
        figure=float(left),
        at_most=0.0,
        unit=" sockets",
    )


def _tunnelled(port: int) -> Connect:
    """Connects through the proxy, and trusts nobody but its CA."""
    context = ssl.create_default_context(cadata=_ask(port, "/_mock/ca.pem").decode())

    async def connect(port: int, client: Connection) -> None:
        loop = asyncio.get_running_loop()
        transport, granted = await loop.create_connection(_Granted, "127.0.0.1", port)
        transport.write(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
        await granted.done
        inside = await loop.start_tls(transport, client, context, server_hostname=HOST)
        client.connection_made(cast(asyncio.BaseTransport, inside))

    return connect


class _Granted(asyncio.Protocol):
    """Waits for the answer to a CONNECT."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.read = b""

    def data_received(self, data: bytes) -> None:
        """Behind the head of a 200 nothing comes before the client speaks."""
        self.read += data
        if self.read.endswith(b"\r\n\r\n") and not self.done.done():
            if self.read.startswith(b"HTTP/1.1 200 "):
                self.done.set_result(None)
            else:
                self.done.set_exception(Spoiled(f"no tunnel: {self.read!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy went away."""
        if not self.done.done():
            self.done.set_exception(Spoiled(f"no tunnel: {exc!r}"))


def _left_behind(server: Server, before: int) -> int:
    """Sockets more than before, once the server had time to see the ends of what came.

    Each request gives it a turn, but leaves a socket of its own for a moment.
    """
    left = 0
    for _ in range(LOOKS):
        _ask(server.port, "/_mock/health")
        if (left := max(0, _sockets(server) - before)) == 0:
            break
    return left


def _ask(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise Spoiled(f"GET {path} answered {answer.status}: {text[:300]!r}")
    return text


def _sockets(server: Server) -> int:
    """Those that a server's process holds, 0 where /proc does not say."""
    folder = Path(f"/proc/{server.pid}/fd")
    return sum(_is_socket(path) for path in folder.iterdir()) if folder.exists() else 0


def _is_socket(path: Path) -> bool:
    """One that was closed between the listing and this look is none."""
    try:
        return path.readlink().name.startswith("socket:")
    except FileNotFoundError:
        return False
