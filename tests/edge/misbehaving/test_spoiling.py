"""Answers that are spoilt on their way, as a raw client and the journal see them."""

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.edge.control.rendering import request as rendered

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Line, Webhook
    from tests.edge.misbehaving.conftest import Rule

FORM = b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"
ALL: dict[str, Any] = {}


async def ask(api: "Caller") -> "Line":
    """A create on a connection of its own, whose answer is still to be read."""
    line = await api.line()
    await line.send(create(api))
    return line


async def until_reset(api: "Caller", request: bytes) -> bytes:
    """What came before the connection was reset; fails where it ended in peace.

    By the socket itself: a stream of asyncio's would forget what it had when the reset came.
    """
    loop = asyncio.get_running_loop()
    came = b""
    with socket.socket() as line:
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", api.server.port))
        await loop.sock_sendall(line, request)
        async with asyncio.timeout(20):
            try:
                while piece := await loop.sock_recv(line, 65536):
                    came += piece
            except ConnectionResetError:
                return came
    raise AssertionError(f"no reset after {came!r}")


def create(api: "Caller", form: bytes = FORM) -> bytes:
    """The request."""
    return api.head("POST", api.path, length=len(form)) + form


def entry(api: "Caller") -> dict[str, Any]:
    """The last request, as the control API shows it."""
    return rendered(api.journal[-1])


async def test_reset_before_processing(api: "Caller", rule: "Rule") -> None:
    """Nothing comes but the reset, and nothing was made."""
    rule({"reset": "before"}, times=1)
    assert await until_reset(api, create(api)) == b""
    assert await api.sids() == []
    told = rendered(api.journal[0])
    assert (told["fault"], told["response"]) == (
        "fault-1",
        {"status": 0, "headers": {}, "body": ""},
    )
    assert told["warnings"] == ["fault 'fault-1' reset the connection: unprocessed"]
    assert (await api.create()).status == 201


async def test_reset_after_processing(api: "Caller", rule: "Rule") -> None:
    """The message exists, but the client never learns; the journal has the answer there was."""
    rule({"reset": "after"})
    assert await until_reset(api, create(api)) == b""
    told = entry(api)
    [sid] = await api.sids()
    assert told["response"]["status"] == 0
    assert told["response"]["unwritten"]["status"] == 201
    assert json.loads(told["response"]["unwritten"]["body"])["sid"] == sid
    assert told["warnings"] == [
        "fault 'fault-1' reset the connection: the answer 201 was never written"
    ]


async def test_a_message_whose_answer_was_lost_lives_on(
    api: "Caller", rule: "Rule", webhook: "Webhook"
) -> None:
    """It is delivered, and its callbacks go to who never heard of it."""
    rule({"reset": "after"})
    hook = b"&StatusCallback=" + webhook.url.replace(":", "%3A").replace("/", "%2F").encode()
    await until_reset(api, create(api, FORM + hook))
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 10_000_000)
    [sid] = await api.sids()
    assert len(webhook.posted) == 2
    assert all(sid.encode() in body for _, body in webhook.posted)


async def test_reset_during_the_answer(api: "Caller", rule: "Rule") -> None:
    """The head says how much there is; half of it comes."""
    rule({"reset": "during"})
    head, _, body = (await until_reset(api, create(api))).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201 CREATED\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) == length // 2
    assert len(await api.sids()) == 1
    told = rendered(api.journal[0])
    assert (told["response"]["status"], told["response"]["truncated"]) == (201, True)
    assert told["response"]["body"].encode() == body
    assert told["warnings"] == ["fault 'fault-1' ended the connection after 50% of the body"]


async def test_nearly_whole_is_not_whole(api: "Caller", rule: "Rule") -> None:
    """The journal does not round up."""
    rule({"truncate": 0.999})
    await (await ask(api)).rest()
    said = "fault 'fault-1' ended the connection after 99.9% of the body"
    assert entry(api)["warnings"] == [said]


async def test_a_reset_during_an_answer_without_a_body(api: "Caller", rule: "Rule") -> None:
    """Half of the head is all there is."""
    sid = (await api.create()).json["sid"]
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 10_000_000)
    rule({"reset": "during"}, ALL)
    path = api.path.replace(".json", f"/{sid}.json")
    came = await until_reset(api, api.head("DELETE", path))
    assert came.startswith(b"HTTP/1.1 204 ")
    assert b"\r\n\r\n" not in came


@pytest.mark.parametrize("share", [0, 0.25])
async def test_a_truncated_answer(api: "Caller", rule: "Rule", share: float) -> None:
    """It promises more than comes before the connection ends, in peace."""
    rule({"truncate": share})
    head, _, body = (await (await ask(api)).rest()).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) == int(length * share)
    assert b"Connection: keep-alive" in head
    assert entry(api)["response"]["body"].encode() == body


async def test_malformed_json(api: "Caller", rule: "Rule") -> None:
    """All that was promised comes, and is no JSON; the connection goes on."""
    rule({"malformed": True}, times=1)
    line = await ask(api)
    answer = await line.answer()
    assert answer.status == 201
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json
    await line.send(api.head("GET", api.path))
    assert len((await line.answer()).json["messages"]) == 1


async def test_a_wrong_type(api: "Caller", rule: "Rule") -> None:
    """Around the right body."""
    rule({"wrong_type": "text/html; charset=utf-8"})
    answer = await api.create()
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert answer.json["status"] == "queued"


async def test_a_body_that_trickles(api: "Caller", rule: "Rule") -> None:
    """The head at once, the body in pieces: all of it in the end, and the connection goes on."""
    rule({"slow_body": "60ms"}, times=1)
    loop = asyncio.get_running_loop()
    line = await ask(api)
    head = await line.reader.readuntil(b"\r\n\r\n")
    started, pieces, body = loop.time(), 0, b""
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += await line.reader.read(65536)
        pieces += 1
    assert loop.time() - started > 0.03
    assert pieces > 3
    assert json.loads(body)["body"] == "Ahoy"
    await line.send(api.head("GET", api.path))
    assert (await line.answer()).status == 200


async def test_a_client_that_leaves_while_it_trickles(api: "Caller", rule: "Rule") -> None:
    """Is no trouble: the message is there, its callbacks are let go, the server serves on."""
    rule({"slow_body": "100ms"}, times=1)
    line = await ask(api)
    await line.reader.readuntil(b"\r\n\r\n")
    line.writer.transport.abort()
    assert (await api.create()).status == 201
    assert len(await api.sids()) == 2
    async with asyncio.timeout(20):
        await api.sandbox.engine.advance(api.sandbox.clock.now() + 10_000_000)


async def test_a_kept_connection_that_is_not_kept(api: "Caller", rule: "Rule") -> None:
    """The answer is whole and promises to keep it; then it ends."""
    rule({"keep_alive": "drop"})
    line = await ask(api)
    answer = await line.answer()
    assert (answer.status, answer.header("Connection")) == (201, "keep-alive")
    assert await line.rest() == b""


async def test_an_error_may_be_spoilt_too(api: "Caller", rule: "Rule") -> None:
    """What stands in the API's place is written as any answer."""
    rule({"status": 503, "body": "Service Unavailable", "reset": "during"})
    came = await until_reset(api, create(api))
    assert came.startswith(b"HTTP/1.1 503 ")
    assert came.endswith(b"\r\n\r\nService U")


async def test_refused_connections(api: "Caller", rule: "Rule") -> None:
    """The request is reset, nobody can connect for a while, kept connections stay."""
    rule({"refuse": "100ms"}, times=1)
    kept = await api.line()
    await kept.send(api.head("GET", api.path))
    assert (await kept.answer()).status == 200
    port = api.server.port
    assert await until_reset(api, create(api)) == b""
    for host in ("127.0.0.1", "::1"):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)
    await kept.send(api.head("GET", api.path))
    assert (await kept.answer()).json["messages"] == []
    assert (api.server.port, rendered(api.journal[1])["response"]["status"]) == (port, 0)
    async with asyncio.timeout(20):
        while True:
            try:
                assert (await api.create()).status == 201
                break
            except ConnectionRefusedError:
                continue
