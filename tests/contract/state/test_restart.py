"""The command with `--state`: it ends and begins again, and minds who else has the file."""

import asyncio
import json
import re
import resource
import socket
import sqlite3
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from aiohttp import web

from mockserver.config import Settings
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.server import Server

HOME = Path(__file__).parents[3]
LOGIN = b64encode(f"{DEFAULT_SID}:{DEFAULT_TOKEN}".encode()).decode()
MESSAGES = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json"
PATIENCE = 30
DIRECTLY = build_opener(ProxyHandler({}))


@dataclass
class Running:
    """A server process."""

    process: asyncio.subprocess.Process
    url: str

    async def ask(self, method: str, path: str, body: str | None = None) -> Any:
        """The document that it answers with."""

        def ask() -> Any:
            data = body.encode() if body is not None else None
            request = Request(self.url + path, data, method=method)
            request.add_header("Authorization", f"Basic {LOGIN}")
            with DIRECTLY.open(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read() or b"null")

        return await asyncio.to_thread(ask)

    async def end(self) -> str:
        """Have it end; what it said on standard error."""
        self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            _, said = await self.process.communicate()
        assert self.process.returncode == 0
        return said.decode()


async def begun(*flags: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mockserver", "serve", "--port=0", "--quiet"),
        *flags,
        cwd=HOME,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def running(*flags: str) -> AsyncIterator[Running]:
    """A server that listens."""
    process = await begun(*flags)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            said = (await process.stdout.readline()).decode()
        found = re.search(r"listening on (http://localhost:[0-9]+)", said)
        assert found, said
        yield Running(process, found[1])
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
def flag(tmp_path: Path) -> str:
    return f"--state={tmp_path / 'state.db'}"


async def refused(*flags: str) -> str:
    """What a server says that does not start."""
    process = await begun(*flags)
    async with asyncio.timeout(PATIENCE):
        said, told = await process.communicate()
    assert (process.returncode, said) == (1, b"")
    return told.decode()


async def test_what_was_sent_is_there_after_a_restart(flag: str) -> None:
    """And what was told about a message goes on from there; the journal begins anew."""
    form = "To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
    async with running(flag, "--clock=manual") as server:
        made = await server.ask("POST", MESSAGES, form)
        assert (await server.ask("GET", "/_mock/requests"))["total"] == 1
        assert await server.end() == ""
    async with running(flag, "--clock=manual") as server:
        [message] = (await server.ask("GET", "/_mock/messages"))["messages"]
        assert (message["sid"], message["status"]) == (made["sid"], "queued")
        assert (await server.ask("GET", "/_mock/requests"))["total"] == 0
        await server.ask("POST", "/_mock/clock/advance", '{"seconds": 5}')
        listed = await server.ask("GET", MESSAGES)
        assert [each["status"] for each in listed["messages"]] == ["delivered"]


async def test_two_servers_do_not_share_a_file(flag: str, tmp_path: Path) -> None:
    """The second one says which file is in use, and goes."""
    async with running(flag):
        told = await refused(flag)
        assert f"{tmp_path / 'state.db'} is in use by another server" in told
    async with running(flag):
        """The first one, which was killed, holds it no longer."""


async def test_a_file_of_something_else_is_left_alone(flag: str, tmp_path: Path) -> None:
    """No traceback, and nothing changed."""
    with sqlite3.connect(tmp_path / "state.db") as other:
        other.execute("CREATE TABLE letters (text)")
    other.close()
    told = await refused(flag)
    assert told.endswith("state.db is a database of another program; name another file\n")


async def test_a_file_that_goes_away(flag: str, tmp_path: Path) -> None:
    """Nothing is said to be done any more, everybody is told why, and so is who ends the server."""
    form = "To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
    async with running(flag) as server:
        await server.ask("POST", MESSAGES, form)
        (tmp_path / "state.db").rename(tmp_path / "other.db")
        with pytest.raises(HTTPError) as refused:
            await server.ask("POST", MESSAGES, form)
        with refused.value as answer:
            assert (answer.code, json.load(answer)["code"]) == (500, 20500)
        with pytest.raises(HTTPError) as refused:
            await server.ask("POST", "/_mock/sandboxes", "{}")
        with refused.value as answer:
            error = json.load(answer)["error"]
        assert (answer.code, error["type"]) == (503, "not_kept")
        assert "state.db could not be written: " in error["message"]
        server.process.terminate()
        _, said = await server.process.communicate()
        assert server.process.returncode == 1
        assert "state.db could not be written" in said.decode().splitlines()[-1]
        assert "Traceback" not in said.decode()


async def test_a_disk_that_is_full_for_a_while(flag: str, tmp_path: Path) -> None:
    """Callers are told why; when there is room again all that was done is kept, and told once."""
    told: Counter[tuple[str, str]] = Counter()
    made, lost, heard = 0, "", asyncio.Event()
    async with application(told, heard) as hook, running(flag, "--clock=instant") as server:
        form = f"To=%2B14155552671&From=%2B15017122661&Body={'x' * 1_000}&StatusCallback={hook}"
        room = (tmp_path / "state.db-wal").stat().st_size + 100_000
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        while not lost:
            made += 1
            lost = await refusal(server, form)
        assert lost.startswith("500 20500: An internal server error has occurred: ")
        assert "state.db could not be written: " in lost
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        async with asyncio.timeout(PATIENCE):
            while len(told) < 2 * made:  # nobody asks for it
                heard.clear()
                await heard.wait()
        assert set(told.values()) == {1}
        assert (await server.ask("GET", "/_mock/messages"))["total"] == made
        said = await server.end()
    assert said.count("could not be written") == 2  # by the file, and of the callbacks
    assert "is written again" in said
    async with running(flag) as server:
        assert (await server.ask("GET", "/_mock/messages"))["total"] == made


async def refusal(server: Running, form: str) -> str:
    """What a create is refused with; "" for one that is not."""
    try:
        await server.ask("POST", MESSAGES, form)
    except HTTPError as refused:
        with refused as answer:
            said = json.load(answer)
        return f"{refused.code} {said['code']}: {said['message']}"
    return ""


@asynccontextmanager
async def application(told: Counter[tuple[str, str]], heard: asyncio.Event) -> AsyncIterator[str]:
    """Somebody's, which counts what it is told of messages; its URL."""

    async def status(request: web.Request) -> web.Response:
        form = await request.post()
        told[str(form["MessageSid"]), str(form["MessageStatus"])] += 1
        heard.set()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", status)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}/"
    await runner.cleanup()


async def test_settings_that_do_not_hold_are_named(flag: str) -> None:
    """What was kept of the sandbox `default` wins."""
    async with running(flag, "--clock=manual", "--seed=1") as server:
        await server.end()
    async with running(flag, "--clock=instant", "--seed=1", "--scenario=trial-account") as server:
        assert (await server.ask("GET", "/_mock/clock"))["mode"] == "manual"
        told = await server.end()
    assert "keeps the sandbox `default` as it was: its clock is manual, not instant" in told
    assert "the scenario it was made with is none, not trial-account" in told
    assert "seed" not in told


async def test_sandboxes_that_were_made_over_http(flag: str) -> None:
    """Made, dropped, reset: the answer comes once it is kept; so a kill changes nothing."""
    async with running(flag) as server:
        made = [await server.ask("POST", "/_mock/sandboxes", "{}") for _ in range(2)]
        await server.ask("DELETE", f"/_mock/sandboxes/{made[0]['id']}")
        server.process.kill()
        await server.process.communicate()
    async with running(flag) as server:
        there = await server.ask("GET", "/_mock/sandboxes")
        assert [each["id"] for each in there["sandboxes"]] == ["default", made[1]["id"]]


async def test_a_server_that_cannot_listen_lets_go_of_the_file(tmp_path: Path) -> None:
    """Whoever tries again, in the same process, finds it free."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(host="127.0.0.1", port=port, state=str(tmp_path / "state.db"))
        with pytest.raises(OSError, match="in use"):
            async with Server(settings):
                raise AssertionError
    async with Server(replace(settings, port=0)) as server:
        assert server.sandboxes.default.ledger is not None
