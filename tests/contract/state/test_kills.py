"""A server that keeps its state is killed, again and again, while programs use it."""

import asyncio
import json
import multiprocessing
import os
import random
import re
import signal
import socket
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from mockserver.config import Settings
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.serving import serve

ROUNDS: Final = int(os.environ.get("KILLS", "50"))
"""How often it is killed."""

PROGRAMS: Final = 8
RECIPIENTS: Final = 20
FORKS: Final = 3
"""Sandboxes forked from the default one, at the most."""

PATIENCE: Final = 60

LATER: Final = (
    *("mockserver.edge.comms", "mockserver.world.bulk.ordering"),
    *("mockserver.edge.control", "mockserver.world.snapshot_moment"),
    *("mockserver.world.snapshot_layout", "mockserver.world.scenarios.checking"),
)
"""What a server loads when it is first asked for."""

SERVICE: Final = "MG" + "a" * 32
ACCOUNT: Final = f"/2010-04-01/Accounts/{DEFAULT_SID}"
JSON: Final = "application/json"

Ended = (ConnectionError, asyncio.IncompleteReadError)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@dataclass
class Server:
    """One server after the other, at one port, with one file."""

    context: ForkServerContext
    settings: Settings
    process: ForkServerProcess | None = None

    async def start(self) -> None:
        """Return once it listens."""
        self.process = self.context.Process(target=serve, args=(self.settings,))
        self.process.start()
        async with asyncio.timeout(PATIENCE):
            while not await self._listens():
                assert self.process.is_alive(), "the server did not start"
                await asyncio.sleep(0)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.settings.port)
        except OSError:
            return False
        await hang_up(writer)
        return True

    def kill(self) -> None:
        """At once, without a chance to write anything."""
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()


@dataclass
class Program:
    """Asks one thing after the other, on one connection."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(
        self,
        method: str,
        path: str,
        form: dict[str, Any] | None = None,
        *,
        user: str = DEFAULT_SID,
        token: str = DEFAULT_TOKEN,
    ) -> tuple[int, Any]:
        """Status and document; raise one of `Ended` where the server is gone."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        in_json = path.startswith(("/_mock", "/comms"))
        body = json.dumps(form or {}) if in_json else urlencode(form or {})
        kind = JSON if in_json else "application/x-www-form-urlencoded"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            f"Authorization: Basic {b64encode(f'{user}:{token}'.encode()).decode()}\r\n"
            f"Content-Length: {len(body.encode())}\r\n\r\n"
        )
        self.writer.write((head + body).encode())
        said = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: ([0-9]+)", said)
        text = await self.reader.readexactly(int(length[1])) if length else b""
        return int(said.split()[1]), json.loads(text) if text else None


@dataclass
class Memory:
    """What the server has acknowledged, and what it told the application."""

    chance: random.Random
    messages: list[str] = field(default_factory=list)
    """Sent at once."""
    scheduled: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    accounts: list[tuple[str, str]] = field(default_factory=list)
    """Those that nobody set up, with the tokens that they came with."""
    tokens: dict[tuple[str, str], set[str]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], set[str]](set)
    )
    """Idempotency tokens of callbacks, by message and status."""
    forks: dict[str, int] = field(default_factory=dict)
    """How many messages each has, at least."""
    dropped: list[str] = field(default_factory=list)
    number: int = 0

    def next(self) -> int:
        self.number += 1
        return self.number


@dataclass
class Application:
    """The user's: it notes every callback."""

    memory: Memory
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*Ended, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"(?i)content-length: ([0-9]+)", head)
                form = (await reader.readexactly(int(length[1]) if length else 0)).decode()
                token = re.search(r"(?i)i-twilio-idempotency-token: (\S+)", head)
                fields = dict(pair.split("=", 1) for pair in form.split("&"))
                assert token is not None
                key = fields["MessageSid"], fields["MessageStatus"]
                self.memory.tokens[key].add(token[1])
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await hang_up(writer)


def form(memory: Memory, **more: Any) -> dict[str, Any]:
    number = memory.next()
    return {"To": f"+1415555{number % 10_000:04d}", "Body": f"Your code is {number}", **more}


# What a program does


async def send(program: Program, memory: Memory, url: str) -> None:
    sent = form(memory, From="+15017122661", StatusCallback=url)
    status, made = await program.ask("POST", f"{ACCOUNT}/Messages.json", sent)
    assert status == 201, made
    memory.messages.append(made["sid"])


async def schedule(program: Program, memory: Memory, _: str) -> None:
    later = {"MessagingServiceSid": SERVICE, "ScheduleType": "fixed", "SendAt": next_week()}
    status, made = await program.ask("POST", f"{ACCOUNT}/Messages.json", form(memory, **later))
    assert status == 201, made
    memory.scheduled.append(made["sid"])


async def cancel(program: Program, memory: Memory, _: str) -> None:
    if not memory.scheduled:
        return
    sid = memory.scheduled.pop(memory.chance.randrange(len(memory.scheduled)))
    where = f"{ACCOUNT}/Messages/{sid}.json"
    status, made = await program.ask("POST", where, {"Status": "canceled"})
    assert status == 200, made
    memory.canceled.append(sid)


async def delete(program: Program, memory: Memory, _: str) -> None:
    if not memory.canceled:
        return
    sid = memory.canceled.pop(memory.chance.randrange(len(memory.canceled)))
    status, _made = await program.ask("DELETE", f"{ACCOUNT}/Messages/{sid}.json")
    assert status == 204
    memory.deleted.append(sid)


async def apply(program: Program, memory: Memory, _: str) -> None:
    name = {"FriendlyName": f"app {memory.next()}"}
    status, made = await program.ask("POST", f"{ACCOUNT}/Applications.json", name)
    assert status == 201, made
    memory.applications.append(made["sid"])


async def send_to_many(program: Program, memory: Memory, _: str) -> None:
    document = {
        "from": {"address": "+15017122661", "channel": "SMS"},
        "to": [{"address": f"+1415{2_000_000 + n}", "channel": "PHONE"} for n in range(RECIPIENTS)],
        "content": {"text": f"Ahoy {memory.next()}"},
    }
    status, made = await program.ask("POST", "/comms/v1/Messages", document)
    assert status == 202, made
    memory.operations.append(made["operationId"])


async def come_into_being(program: Program, memory: Memory, _: str) -> None:
    sid, token = f"AC{memory.next():032x}", memory.chance.randbytes(16).hex()
    where = f"/2010-04-01/Accounts/{sid}/Messages.json?PageSize=1"
    status, said = await program.ask("GET", where, user=sid, token=token)
    assert status == 200, said
    memory.accounts.append((sid, token))


async def fork(program: Program, memory: Memory, _: str) -> None:
    if len(memory.forks) >= FORKS:
        return
    count = len(memory.messages)
    status, made = await program.ask("POST", "/_mock/sandboxes", {"from": "default"})
    assert status == 201, made
    memory.forks[made["id"]] = count


async def drop(program: Program, memory: Memory, _: str) -> None:
    if len(memory.forks) < FORKS:
        return
    id_ = next(iter(memory.forks))
    del memory.forks[id_]
    status, _made = await program.ask("DELETE", f"/_mock/sandboxes/{id_}")
    assert status == 204
    memory.dropped.append(id_)


async def begin_again(program: Program, memory: Memory, _: str) -> None:
    for id_ in [*memory.forks][:1]:
        status, said = await program.ask("POST", f"/_mock/sandboxes/{id_}/reset")
        gone = id_ not in memory.forks  # another program has dropped it meanwhile
        assert status == 204 or gone, said


Act = Callable[[Program, Memory, str], Awaitable[None]]
ACTS: Final[tuple[Act, ...]] = (
    *(send, send, send, schedule, cancel, delete, apply, send_to_many),
    *(come_into_being, fork, drop, begin_again),
)


def next_week() -> str:
    return (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def use(port: int, memory: Memory, url: str) -> None:
    """Do one thing after the other, until the server is gone."""
    program = Program(port)
    with suppress(*Ended):
        while True:
            await memory.chance.choice(ACTS)(program, memory, url)
    if program.writer is not None:
        await hang_up(program.writer)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """Not yet started; its processes are forked from one that has loaded everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mockserver.serving", "mockserver.world.state", *LATER])
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    settings = Settings(
        host="127.0.0.1",
        port=port,
        state=str(tmp_path / "state.db"),
        quiet=True,
        max_accounts=10**6,
    )
    made = Server(context, settings)
    yield made
    if made.process is not None and made.process.is_alive():
        made.kill()


async def test_nothing_acknowledged_is_lost(server: Server) -> None:
    """Killed at any moment, it has what it answered with 2xx; callbacks keep their tokens."""
    memory = Memory(random.Random(9))
    application = Application(memory)
    async with await asyncio.start_server(application.serve, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        for number in range(ROUNDS):
            await server.start()
            programs = [
                asyncio.create_task(use(server.settings.port, memory, url)) for _ in range(PROGRAMS)
            ]
            await asyncio.wait(programs, timeout=memory.chance.uniform(0.02, 0.2))
            while len(memory.messages) <= number:  # others have the machine
                await asyncio.wait(programs, timeout=0.02)
            server.kill()
            await asyncio.gather(*programs)
        await server.start()
        asking = Program(server.settings.port)
        await check(asking, memory)
        assert asking.writer is not None
        await hang_up(asking.writer)


async def check(program: Program, memory: Memory) -> None:
    """Everything is there and goes on to its end."""
    status, ran = await program.ask("POST", "/_mock/clock/advance", {"until": "idle"})
    assert status == 200, ran
    found = await statuses(program)
    assert len(memory.messages) > ROUNDS
    assert {sid: found.get(sid) for sid in memory.messages} == dict.fromkeys(
        memory.messages, "delivered"
    )
    assert {found.get(sid) for sid in memory.scheduled} <= {"scheduled", "canceled"}
    assert {found.get(sid) for sid in memory.canceled} <= {"canceled", None}
    assert {found.get(sid) for sid in memory.deleted} <= {None}
    for sid in memory.messages:
        assert [len(memory.tokens[sid, name]) for name in ("sent", "delivered")] == [1, 1]
    assert all(len(tokens) == 1 for tokens in memory.tokens.values())
    applications = await program.ask("GET", f"{ACCOUNT}/Applications.json?PageSize=1000")
    there = {each["sid"] for each in applications[1]["applications"]}
    assert there.issuperset(memory.applications[-500:])  # of the page, some were never answered
    for id_ in memory.operations:
        status, done = await program.ask("GET", f"/comms/v1/Messages/Operations/{id_}")
        assert (status, done["status"], done["stats"]["delivered"]) == (
            200,
            "COMPLETED",
            RECIPIENTS,
        )
    _, there_are = await program.ask("GET", "/_mock/sandboxes")
    ids = {each["id"] for each in there_are["sandboxes"]}
    assert ids.isdisjoint(memory.dropped)
    for id_, count in memory.forks.items():
        _, held = await program.ask("GET", f"/_mock/sandboxes/{id_}/messages?limit=1")
        assert held["total"] >= count
    for sid, token in memory.accounts[-20:]:
        where = f"/2010-04-01/Accounts/{sid}/Messages.json?PageSize=1"
        assert (await program.ask("GET", where, user=sid, token=token))[0] == 200
        assert (await program.ask("GET", where, user=sid, token="0" * 31 + "1"))[0] == 401


async def statuses(program: Program) -> dict[str, str]:
    """Of all messages."""
    found: dict[str, str] = {}
    more = "/_mock/messages?limit=10000"
    cursor = ""
    while True:
        _, page = await program.ask("GET", more + (f"&cursor={cursor}" if cursor else ""))
        found |= {each["sid"]: each["status"] for each in page["messages"]}
        cursor = page["next_cursor"]
        if not cursor:
            return found
