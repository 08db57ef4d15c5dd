"""A server in a process of its own: how it starts, how it ends."""

import asyncio
import json
import re
import signal
import socket
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN

HOME = Path(__file__).parents[2]
PATH = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json"
FORM = b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
LOGIN = b64encode(f"{DEFAULT_SID}:{DEFAULT_TOKEN}".encode())
HEAD = (
    b"POST %b HTTP/1.1\r\nHost: api.twilio.com\r\nAuthorization: Basic %b\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
    % (PATH.encode(), LOGIN, len(FORM))
)


@asynccontextmanager
async def running(*flags: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A server process and its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--clock=instant",
        *flags,
        cwd=HOME,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            said = (await process.stdout.readline()).decode()
        found = re.search(r"listening on http://localhost:([0-9]+)", said)
        assert found, said
        yield process, int(found[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _ended(process: asyncio.subprocess.Process, since: float) -> float:
    """Seconds from `since` until the process was gone, on its own."""
    async with asyncio.timeout(20):
        status = await process.wait()
    assert status == 0
    return time.monotonic() - since


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it(number: signal.Signals) -> None:
    """Within two seconds, with status 0; idle connections do not hold it up."""
    async with running("--port=0") as (process, port):
        idle = await asyncio.open_connection("127.0.0.1", port)
        start = time.monotonic()
        process.send_signal(number)
        assert await _ended(process, start) < 2
        idle[1].close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_requests_under_way_are_answered(number: signal.Signals) -> None:
    """A message whose form is still coming in is made, and its answer read to the end."""
    async with running("--port=0") as (process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + FORM[:10])
        await _once_it_serves(port)
        start = time.monotonic()
        process.send_signal(number)
        await _once_it_refuses(port)
        writer.write(FORM[10:])
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.read()
        assert head.startswith(b"HTTP/1.1 201 CREATED\r\n")
        assert json.loads(body)["status"] == "queued"
        assert await _ended(process, start) < 2
        writer.close()


async def test_a_request_that_never_ends() -> None:
    """It is given up in time."""
    async with running("--port=0") as (process, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + FORM[:10])
        await _once_it_serves(port)
        start = time.monotonic()
        process.terminate()
        assert await _ended(process, start) < 2
        writer.close()


async def test_a_webhook_that_hangs() -> None:
    """It holds nothing up."""
    called = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    async with (
        await asyncio.start_server(hang, "127.0.0.1", 0) as server,
        running("--port=0") as (
            process,
            port,
        ),
    ):
        webhook = server.sockets[0].getsockname()[1]
        form = FORM + b"&StatusCallback=http%%3A%%2F%%2F127.0.0.1%%3A%d%%2F" % webhook
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD.replace(b"Length: %d" % len(FORM), b"Length: %d" % len(form)) + form)
        async with asyncio.timeout(20):
            assert (await reader.readline()).startswith(b"HTTP/1.1 201")
            await called.wait()
        start = time.monotonic()
        process.terminate()
        assert await _ended(process, start) < 2
        writer.close()


async def _once_it_serves(port: int) -> None:
    """What was written before this was read by the server, or is about to be."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.read()).startswith(b"HTTP/1.1 404")
    writer.close()


async def _once_it_refuses(port: int) -> None:
    """Until nobody listens any more."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            writer.close()


async def test_a_taken_port() -> None:
    """One sentence that names it and says what to do, and status 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "mockserver",
            f"--port={port}",
            cwd=HOME,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            told, complaint = await process.communicate()
    assert (process.returncode, told) == (1, b"")
    assert complaint.decode() == (
        f"cannot listen on localhost port {port}: Address already in use. Stop what is using it, "
        "or choose another with --port (0 picks a free one).\n"
    )


async def test_both_loopbacks() -> None:
    """IPv4 and IPv6, one port."""
    if not socket.has_ipv6:
        pytest.skip("IPv6 is not here")
    async with running("--port=0") as (_, port):
        for address in ("127.0.0.1", "::1"):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(20):
                assert (await reader.read()).startswith(b"HTTP/1.1 404")
            writer.close()


async def test_who_can_reach_it_is_printed() -> None:
    """Loopback unless told otherwise; then the second line says who else may use it."""
    async with running("--port=0", "--host=0.0.0.0") as (process, _):
        assert process.stdout is not None
        async with asyncio.timeout(20):
            said = (await process.stdout.readline()).decode()
    assert said.startswith("every machine that can reach this one may use it")


async def test_a_line_for_every_message() -> None:
    """Who, to whom, what became of it, and the text."""
    async with running("--port=0") as (process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + FORM)
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert (await reader.readline()).startswith(b"HTTP/1.1 201")
            said = (await process.stdout.readline()).decode()
        assert said == 'SMS +15017122661 → +14155552671 delivered "Ahoy"\n'
        writer.close()


async def test_a_line_for_every_operation() -> None:
    """When it is over: its counts. Of its messages only those that fail have lines of their own."""
    to = [{"address": number, "channel": "PHONE"} for number in ("+14155552671", "+15005560003")]
    sender = {"address": "+15017122661", "channel": "SMS"}
    document = {"from": sender, "to": to, "content": {"text": "Ahoy"}}
    async with running("--port=0") as (process, port), ClientSession() as session:
        where, login = f"http://127.0.0.1:{port}/comms/v1/Messages", f"Basic {LOGIN.decode()}"
        headers = {"Authorization": login}
        async with session.post(where, json=document, headers=headers) as answer:
            id_ = (await answer.json())["operationId"]
        assert process.stdout is not None
        async with asyncio.timeout(20):
            failed, whole = [(await process.stdout.readline()).decode() for _ in range(2)]
        assert failed == 'SMS +15017122661 → +15005560003 undelivered (30003) "Ahoy"\n'
        assert whole == f"comms {id_} 2 recipients: 1 delivered, 1 undelivered\n"
