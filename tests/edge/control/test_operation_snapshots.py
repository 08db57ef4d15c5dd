"""`/_mock/snapshot` of a sandbox with operations: over the wire, into others, and spoilt."""

from base64 import b64encode
from typing import Any

import pytest

OPERATIONS = "/comms/v1/Messages/Operations"


async def comms(desk: Any, method: str, path: str, **options: Any) -> Any:
    """A call to the Communications API, as the desk's account."""
    key = b64encode(f"{desk.sid}:{desk.token}".encode()).decode()
    headers = {"Authorization": f"Basic {key}"}
    async with desk.session.request(method, desk.url + path, headers=headers, **options) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


async def send(desk: Any, count: int) -> str:
    """The id of an operation to so many recipients."""
    to = [
        {"address": f"+1415{2_000_000 + place}", "channel": "PHONE", "variables": {"n": str(place)}}
        for place in range(count)
    ]
    document = {
        "from": {"address": "+15005550006", "channel": "SMS"},
        "to": to,
        "content": {"text": "Hi {{ n }}"},
    }
    return str((await comms(desk, "POST", "/comms/v1/Messages", json=document))["operationId"])


async def test_it_goes_on_in_another_sandbox(still: Any) -> None:
    """In the middle of its work: with the same ids and messages, as another account's."""
    operation = await send(still, 30)
    await still.post("/clock/advance", {"seconds": 0.15})
    kept = (await still.get("/snapshot")).document
    other = await still.in_sandbox(clock="manual")
    await other.put("/snapshot", kept)
    assert (await other.get("/snapshot")).document == kept
    for desk in (still, other):
        found = await comms(desk, "GET", f"{OPERATIONS}/{operation}")
        assert (found["status"], found["stats"]["queued"]) == ("PROCESSING", 30)
        await desk.post("/clock/advance", {"seconds": 60})
        found = await comms(desk, "GET", f"{OPERATIONS}/{operation}")
        assert (found["status"], found["stats"]["delivered"]) == ("COMPLETED", 30)
    told = []
    for desk in (still, other):
        listed = (await desk.get("/messages", operation_id=operation))["messages"]
        assert {each["account_sid"] for each in listed} == {desk.sid}
        told.append([(each["sid"], each["body"], each["timeline"]) for each in listed])
    assert told[0] == told[1]
    assert len(told[0]) == 30


async def test_a_fork_has_its_own(still: Any) -> None:
    """What happens in the one does not happen in the other."""
    operation = await send(still, 3)
    fork = await still.in_sandbox(**{"from": "default"})
    await fork.post("/clock/advance", {"seconds": 60})
    found = [await comms(desk, "GET", f"{OPERATIONS}/{operation}") for desk in (still, fork)]
    assert [each["stats"]["delivered"] for each in found] == [0, 3]


async def test_a_reset_leaves_nothing(still: Any) -> None:
    """Neither the operation nor its messages."""
    await send(still, 3)
    await still.post("/clock/advance", {"seconds": 0.1})
    await still.post("/reset")
    assert (await comms(still, "GET", OPERATIONS))["operations"] == []
    assert (await still.get("/messages"))["total"] == 0
    assert (await still.get("/clock"))["pending"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"states": ""},
        {"status": "GONE"},
        {"attempts": {}},
        {"send": {}},
        {"entropy": "?"},
        {"runs": [{"at": 1}]},
    ],
)
async def test_what_lies_is_refused(still: Any, change: dict[str, Any]) -> None:
    """With the place; and nothing has changed."""
    await send(still, 3)
    await still.post("/clock/advance", {"seconds": 60})
    kept = (await still.get("/snapshot")).document
    spoilt = {**kept, "operations": [{**kept["operations"][0], **change}]}
    said = await still.ask("PUT", "/snapshot", spoilt)
    assert (said.status, said.type) == (400, "bad_snapshot")
    assert "operations[0]" in said.message
    assert (await still.get("/snapshot")).document == kept
