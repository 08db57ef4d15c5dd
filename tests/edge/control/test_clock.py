"""`/_mock/clock`: how a sandbox's time passes, and moving it."""

import asyncio
from typing import Any

import pytest


async def test_the_clock_as_it_stands(desk: Any) -> None:
    """Mode, time, rate, what is booked and when the next of it is due."""
    sandbox = await desk.in_sandbox(clock="manual", seed=1)
    await sandbox.create()
    assert (await sandbox.get("/clock")).document == {
        "mode": "manual",
        "now": "2026-12-01T00:00:00.000000Z",
        "rate": 0.0,
        "pending": 1,
        "next": "2026-12-01T00:00:00.100000Z",
        "idle": False,
    }


async def test_advancing_by_seconds(still: Any) -> None:
    """What is due on the way has happened when it answers."""
    sid = await still.create()
    said = await still.post("/clock/advance", {"seconds": 0.25})
    assert said["ran"] == 2
    assert (await still.get(f"/messages/{sid}"))["status"] == "sent"
    assert (await still.post("/clock/advance", {"seconds": 0.25}))["idle"]
    assert (await still.get(f"/messages/{sid}"))["status"] == "delivered"


async def test_advancing_to_a_time(still: Any) -> None:
    """Not to one that is past."""
    said = await still.post("/clock/advance", {"to": "2100-01-01T00:00:00+01:00"})
    assert said["now"] == "2099-12-31T23:00:00.000000Z"
    said = await still.ask("POST", "/clock/advance", {"to": "2000-01-01T00:00:00Z"})
    assert said.status == 400
    assert "is past" in said.message


async def test_advancing_until_idle(still: Any) -> None:
    """As far as there is anything under way, webhooks included."""
    sid = await still.create()
    said = await still.post("/clock/advance", {"until": "idle"})
    assert (said["ran"], said["pending"], said["next"]) == (3, 0, None)
    assert (await still.get(f"/messages/{sid}"))["status"] == "delivered"


async def test_another_mode(still: Any) -> None:
    """From the present time on; an instant clock runs what was waiting."""
    sid = await still.create()
    before = (await still.get("/clock"))["now"]
    said = await still.put("/clock", {"mode": "instant"})
    assert (said["mode"], said["now"] >= before) == ("instant", True)
    assert (await still.get(f"/messages/{sid}"))["status"] == "delivered"
    assert (await still.put("/clock", {"mode": "scaled:60"}))["rate"] == 60


async def test_setting_the_time(still: Any) -> None:
    """Is advancing there."""
    sid = await still.create()
    said = await still.put("/clock", {"now": "2100-01-01T00:00:00Z"})
    assert said["now"] == "2100-01-01T00:00:00.000000Z"
    assert (await still.get(f"/messages/{sid}"))["status"] == "delivered"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seconds": 1, "until": "idle"},
        {"seconds": -1},
        {"seconds": 1e300},
        {"seconds": "1"},
        {"second": 1},
        {"to": "now-ish"},
        {"to": "9999-99-99"},
        {"until": "done"},
    ],
)
async def test_bad_advances(still: Any, body: dict[str, Any]) -> None:
    """400, and the clock stands where it stood."""
    before = (await still.get("/clock"))["now"]
    said = await still.ask("POST", "/clock/advance", body)
    assert (said.status, said.type) == (400, "bad_body")
    assert (await still.get("/clock"))["now"] == before


@pytest.mark.parametrize("body", [{}, {"mode": "fast"}, {"mode": "scaled:0"}, {"now": "x"}])
async def test_bad_clocks(still: Any, body: dict[str, Any]) -> None:
    """400, and the mode stays."""
    said = await still.ask("PUT", "/clock", body)
    assert (said.status, said.type) == (400, "bad_body")
    assert (await still.get("/clock"))["mode"] == "manual"


async def test_only_one_advance_at_a_time(still: Any) -> None:
    """The second is refused while the first waits for a webhook."""

    async def quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await answer.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    asked, answer = asyncio.Event(), asyncio.Event()
    server = await asyncio.start_server(quiet, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    await still.create(StatusCallback=url)
    first = asyncio.ensure_future(still.post("/clock/advance", {"seconds": 1}))
    await asyncio.wait_for(asked.wait(), 10)
    said = await still.ask("POST", "/clock/advance", {"seconds": 1})
    assert (said.status, said.type) == (409, "advancing")
    answer.set()
    assert (await asyncio.wait_for(first, 10))["ran"] == 3
    server.close()
