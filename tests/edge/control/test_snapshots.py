"""`/_mock/snapshot` as it goes over the wire."""

import asyncio
import gzip
import zlib
from io import BytesIO
from typing import Any

import orjson
import pytest

from mockserver.edge.control import snapshots


async def raw(desk: Any, *lines: str, body: bytes = b"") -> tuple[bytes, bytes]:
    """Head and body of an answer, until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.server.port)
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    async with asyncio.timeout(20):
        head, _, rest = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return head, rest


async def test_it_goes_out_in_chunks(desk: Any) -> None:
    """As JSON; to a client of HTTP/1.0, until the connection is closed."""
    await desk.create()
    said = await desk.get("/snapshot")
    assert said.headers["Transfer-Encoding"] == "chunked"
    assert said.headers["Content-Type"] == "application/json"
    assert said.headers["Server"].startswith("twilio-mockserver/")
    head, body = await raw(desk, "GET /_mock/snapshot HTTP/1.0", "Host: localhost")
    assert b"Transfer-Encoding" not in head
    assert orjson.loads(body)["messages"] == said["messages"]


async def test_a_record_has_a_line(desk: Any) -> None:
    """So a file of it can be looked into, and compared, line by line."""
    sids = [await desk.create(Body=body) for body in ("one", "two")]
    lines = (await desk.get("/snapshot")).body.split(b"\n")
    found = [line for line in lines if line.startswith(b'{"message":')]
    assert [orjson.loads(line.rstrip(b","))["message"]["sid"] for line in found] == sids


async def test_whatever_happens_while_it_goes_out(still: Any) -> None:
    """It tells of the moment at which it was asked for."""
    await still.create(Body="before")
    taking = asyncio.ensure_future(still.get("/snapshot"))
    for number in range(20):
        await still.create(Body=f"meanwhile {number}")
    document = (await taking).document
    bodies = [each["message"]["body"] for each in document["messages"]]
    assert bodies == ["before", *(f"meanwhile {number}" for number in range(len(bodies) - 1))]
    assert {each["delivery"]["status"] for each in document["messages"]} == {"queued"}


async def test_a_reader_that_goes_away(desk: Any) -> None:
    """Does nothing to others."""
    box = desk.sandbox
    box.tables.media.keep("a" * 64, bytes(4_000_000), _unit())
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.server.port)
    writer.write(b"GET /_mock/snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.readexactly(20)
    writer.transport.abort()
    assert (await desk.get("/snapshot"))["media_contents"].keys() == {"a" * 64}


def _unit() -> Any:
    from mockserver.world.tables import Unit

    return Unit()


async def test_all_sizes_go_in(still: Any) -> None:
    """As it came out, and laid otherwise: by a process of its own where it is large."""
    await still.create()
    still.sandbox.tables.media.keep("a" * 64, bytes(range(256)) * 8_000, _unit())
    said = await still.get("/snapshot")
    for body in (said.body, orjson.dumps(said.document)):
        assert len(body) > 2_000_000
        await still.post("/reset")
        await still.put("/snapshot", BytesIO(body))
        assert (await still.get("/snapshot")).document == said.document


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
async def test_a_packed_one(still: Any, encoding: str, pack: Any) -> None:
    """Is unpacked as it comes."""
    await still.create()
    said = await still.get("/snapshot")
    await still.post("/reset")
    headers = {"Content-Encoding": encoding}
    put = await still.ask("PUT", "/snapshot", pack(said.body), headers=headers)
    assert put.status == 200
    assert (await still.get("/snapshot")).document == said.document


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"x"),
        ("gzip", gzip.compress(b"{}" * 99, mtime=0)[:-9]),
        ("br", b"{}"),
        ("", b"{"),
        ("", b"{\n"),
    ],
)
async def test_what_is_no_json(desk: Any, encoding: str, body: bytes) -> None:
    """400, as for every call."""
    headers = {"Content-Encoding": encoding} if encoding else {}
    said = await desk.ask("PUT", "/snapshot", body, headers=headers)
    assert (said.status, said.type) == (400, "bad_json")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", ""),
        (b"[]", ""),
        (b'{"at": 1, "accounts": [{}, 3]}', "accounts[1]"),
        (b'{"at": 1, "accounts": [{}], "gets": [3]}', "gets[0]"),
        (b'{\n"at":"now",\n"accounts":[\n{}\n]\n}', "at"),
    ],
)
async def test_what_does_not_fit_its_schema(desk: Any, body: bytes, path: str) -> None:
    """With the place."""
    said = await desk.ask("PUT", "/snapshot", body)
    assert (said.status, said.type) == (400, "bad_body")
    assert path in {fault["path"] for fault in said["error"]["details"]["faults"]}


async def test_what_is_too_large(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused before all of it is there, packed or not."""
    monkeypatch.setattr(snapshots, "MOST", 100_000)
    for body, headers in (
        (b" " * 100_001, {}),
        (gzip.compress(b" " * 10_000_000), {"Content-Encoding": "gzip"}),
    ):
        said = await desk.ask("PUT", "/snapshot", body, headers=headers)
        assert (said.status, said.type) == (413, "too_large")


async def test_a_client_that_asks_first(desk: Any) -> None:
    """`Expect: 100-continue` is answered."""
    head, rest = await raw(
        desk,
        *("PUT /_mock/snapshot HTTP/1.1", "Host: localhost", "Expect: 100-continue"),
        *("Connection: close", "Content-Length: 2"),
        body=b"[]",
    )
    assert head == b"HTTP/1.1 100 Continue"
    assert rest.startswith(b"HTTP/1.1 400 ")


async def test_a_body_that_breaks_off(desk: Any) -> None:
    """Changes nothing."""
    await desk.create()
    _, writer = await asyncio.open_connection("127.0.0.1", desk.server.port)
    writer.write(b"PUT /_mock/snapshot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
    await writer.drain()
    writer.transport.abort()
    assert (await desk.get("/messages"))["total"] == 1
