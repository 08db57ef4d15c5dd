"""Faults reach clients inside TLS as they reach others."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from mockserver.world.scenarios import parse_rule

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

FORM = b"To=%2B14155552671&From=%2B15017122661&Body=Ahoy"


@pytest.fixture
async def api(serve: "Serve", tmp_path: Path) -> "Caller":
    """A server that speaks TLS too."""
    return await serve(clock="manual", https_port=0, ca_dir=str(tmp_path))


def unchecked() -> ssl.SSLContext:
    """A client that takes any certificate; whether it should is no matter here."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def answer(api: "Caller") -> bytes:
    """All that comes to who asks for a message at the TLS port."""
    port = urlsplit(api.server.https_url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=unchecked())
    try:
        writer.write(api.head("POST", api.path, length=len(FORM)) + FORM)
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


def misbehave(api: "Caller", **then: Any) -> None:
    api.sandbox.rules.add(parse_rule("faults", {"then": then, "times": 1}))


@pytest.mark.parametrize(("reset", "made"), [("before", 0), ("during", 1), ("after", 1)])
async def test_a_reset_is_one_of_the_connection_below(api: "Caller", reset: str, made: int) -> None:
    """TLS does not take its leave first."""
    misbehave(api, reset=reset)
    with pytest.raises(ConnectionResetError):
        await answer(api)
    assert len(await api.sids()) == made


async def test_a_truncated_answer_ends_early(api: "Caller") -> None:
    """What comes is less than what was promised."""
    misbehave(api, truncate=0.5)
    head, _, body = (await answer(api)).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) == length // 2


async def test_the_tls_port_refuses_too(api: "Caller") -> None:
    """Whatever port the request came by."""
    misbehave(api, refuse="60s")
    with pytest.raises(ConnectionResetError):
        await answer(api)
    for port in (api.server.port, urlsplit(api.server.https_url).port):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
