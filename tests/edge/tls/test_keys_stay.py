"""No private key of the authority leaves its folder, whatever is asked of the server."""

import asyncio
import logging
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.edge.api import PRODUCT as API
from mockserver.edge.control.routes import SERVED
from mockserver.server import LATER

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

PRIVATE = b"PRIVATE KEY"


def keys(folder: Path) -> list[Path]:
    """Every file below that holds a private key."""
    return [each for each in folder.rglob("*") if each.is_file() and PRIVATE in each.read_bytes()]


def secrets(folder: Path) -> set[bytes]:
    """The lines of every private key."""
    found: set[bytes] = set()
    for path in keys(folder):
        for key in re.findall(rb"-----BEGIN[A-Z ]+KEY-----(.+?)-----END", path.read_bytes(), re.S):
            found |= {line for line in key.split() if len(line) > 20}
    return found


def kept(folder: Path) -> bytes:
    """The state file, and what SQLite has beside it."""
    return b"".join(each.read_bytes() for each in folder.glob("state.db*"))


@pytest.fixture
async def used(serve: "Serve", tmp_path: Path) -> "Caller":
    """A server with a state file that has shown certificates, and has a message to tell of."""
    files = {"ca_dir": str(tmp_path / "ca"), "state": str(tmp_path / "state.db")}
    api = await serve(https_port=0, **files)
    assert (await api.create()).status == 201
    for host in ("api.twilio.com", "notify.twilio.com"):
        line = await api.line()
        await line.send(f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
        await line.reader.readuntil(b"\r\n\r\n")
        blind = ssl.create_default_context(cafile=str(tmp_path / "ca" / "ca.pem"))
        await line.writer.start_tls(blind, server_hostname=host)
    return api


def readable() -> Iterator[tuple[str, str]]:
    """Host and path of everything that can be read, its placeholders filled in somehow."""
    for route in SERVED:
        if route.method == "GET" and not route.path.endswith("/events"):
            yield "localhost", route.path + ("?timeout=0" if "timeout" in route.query else "")
    for name, product in {"api": API, **{name: load() for name, load in LATER.items()}}.items():
        for read in product.router.routes:
            if read.method == "GET":
                yield f"{name}.twilio.com", read.path


async def read(api: "Caller", host: str, path: str, sid: str) -> "Answer":
    """One GET on a line of its own."""
    filled = path.replace("{sandbox}", "default").replace("{AccountSid}", DEFAULT_SID)
    filled = re.sub(r"\{[^}]+\}", sid, filled)
    return await api.call("GET", filled, headers={"Host": host})


async def test_keys_are_nobodys_to_read_but_the_owners(used: "Caller", tmp_path: Path) -> None:
    """In their folder alone, for the user alone; the state file beside it has none."""
    folder = tmp_path / "ca"
    assert len(keys(folder)) >= 3, "the authority's and two hosts'"
    assert keys(tmp_path) == keys(folder)
    assert len(secrets(folder)) >= 3
    for path in (folder, *keys(folder)):
        assert path.stat().st_mode & 0o077 == 0
    state = kept(tmp_path)
    assert state
    assert not [each for each in secrets(folder) if each in state]


async def test_no_route_shows_a_key(
    used: "Caller", tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Journals, snapshots, and every other answer of the control API and of Twilio's."""
    hidden = {PRIVATE, *secrets(tmp_path / "ca")}
    [sid] = await used.sids()
    shown = {}
    with caplog.at_level(logging.DEBUG):
        for host, path in readable():
            answer = await read(used, host, path, sid)
            assert answer.status < 500, path
            shown[path] = answer.body
            assert not [each for each in hidden if each in answer.body], path
    assert b"CERTIFICATE" in shown["/_mock/ca.pem"]
    assert sid.encode() in shown["/_mock/snapshot"]
    assert b"CONNECT" not in shown["/_mock/journal"]
    assert not [each for each in hidden if each.decode() in caplog.text]


@pytest.mark.parametrize("climb", ["{ca}", "../ca/{name}", "..%2Fca%2F{name}", "/_mock/../{ca}"])
async def test_no_path_leads_into_the_folder(used: "Caller", tmp_path: Path, climb: str) -> None:
    """There are no files behind the routes."""
    for key in keys(tmp_path / "ca"):
        path = climb.format(ca=key, name=key.name)
        for whole in (path if path.startswith("/") else f"/_mock/{path}", f"/_mock/stores/{path}"):
            answer = await used.call("GET", whole, headers={"Host": "localhost"})
            assert answer.status in (400, 404)
            assert PRIVATE not in answer.body


@pytest.mark.parametrize("call", ["PUT /_mock/scenario", "POST /_mock/sandboxes"])
async def test_a_key_is_no_scenario(used: "Caller", tmp_path: Path, call: str) -> None:
    """A scenario is called by its name, and what is wrong with a file is told to nobody."""
    method, path = call.split()
    hidden = {PRIVATE, *secrets(tmp_path / "ca")}
    for key in keys(tmp_path / "ca"):
        for body in (b'{"scenario": "%b"}', b'{"name": "%b"}', b'"%b"', b'{"given": "%b"}'):
            sent = body % str(key).encode()
            answer: Any = await used.call(method, path, sent, {"Host": "localhost"})
            assert 400 <= answer.status < 500
            assert not [each for each in hidden if each in answer.body]


async def test_the_events_tell_of_no_key(used: "Caller", tmp_path: Path) -> None:
    """The live stream is a journal too."""
    line = await used.line()
    await line.send(used.head("GET", "/_mock/events?last_event_id=0", {"Host": "localhost"}))
    read = b""
    async with asyncio.timeout(20):
        await used.create()
        while b"+14155552671" not in read:
            read += await line.reader.read(65_536)
    assert not [each for each in (PRIVATE, *secrets(tmp_path / "ca")) if each in read]
