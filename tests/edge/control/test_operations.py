"""`/_mock/operations`: the sends of the Communications API, waited for, cancelled, listed."""

import asyncio
from typing import Any

import pytest

TOMORROW = {"sendAt": ["2100-01-02T00:00:00Z"]}


async def send(desk: Any, count: int = 2, **fields: Any) -> str:
    """A send to so many that is accepted; its operation's id."""
    found: str = await desk.operation(*(f"+1415{2_000_000 + n}" for n in range(count)), **fields)
    return found


async def scheduled(desk: Any, **fields: Any) -> str:
    """One that waits for its time."""
    await desk.put("/clock", {"now": "2100-01-01T00:00:00Z"})
    return await send(desk, schedule=TOMORROW, **fields)


async def test_an_operation_is_told_with_its_counts(desk: Any) -> None:
    """Whose it is, where it stands, how many messages stand where."""
    id_ = await send(desk)
    said = await desk.get(f"/operations/{id_}")
    assert said.document | {"created_at": "", "updated_at": ""} == {
        "id": id_,
        "account_sid": desk.sid,
        "sandbox": "default",
        "status": "COMPLETED",
        "stats": {
            **dict.fromkeys(("total", "recipients", "attempts", "delivered"), 2),
            **dict.fromkeys(("unaddressable", "scheduled", "queued", "sent", "read"), 0),
            **dict.fromkeys(("undelivered", "failed", "canceled"), 0),
        },
        "under_way": False,
        "created_at": "",
        "updated_at": "",
        "scheduled_for": None,
    }
    assert said["created_at"] < said["updated_at"]


async def test_an_unknown_one(desk: Any) -> None:
    """Is not found, however it is asked for."""
    for method, path, body in (
        ("GET", "/operations/comms_operation_1", None),
        ("POST", "/operations/comms_operation_1/cancel", None),
        ("POST", "/operations/wait", {"id": "comms_operation_1"}),
        ("GET", "/operations/wait?id=comms_operation_1", None),
    ):
        said = await desk.ask(method, path, body)
        assert (said.status, said.type) == (404, "not_found")
        assert "comms_operation_1" in said.message


async def test_lists(desk: Any) -> None:
    """Oldest first, filtered, in pages that put together are the whole."""
    done = [await send(desk, 1) for _ in range(3)]
    later = await scheduled(desk)
    every = [*done, later]
    assert [each["id"] for each in (await desk.get("/operations"))["operations"]] == every
    pages: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.get("/operations", limit=2, order="desc", **cursor)
        pages += [each["id"] for each in page["operations"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert (pages, page["total"]) == (every[::-1], 4)
    for query, wanted in (
        ({"status": "SCHEDULED"}, [later]),
        ({"status": ["COMPLETED", "CANCELED"]}, done),
        ({"account_sid": "AC" + "1" * 32}, []),
        ({"since": "2100-01-01"}, [later]),
        ({"id": done[1]}, done[1:2]),
    ):
        found = await desk.get("/operations", **query)
        assert [each["id"] for each in found["operations"]] == wanted
        assert found["total"] == len(wanted)


async def test_bad_filters_are_named(desk: Any) -> None:
    """With what there is."""
    said = await desk.ask("GET", "/operations?status=completed")
    assert (said.status, said.type) == (400, "bad_filter")
    assert "COMPLETED" in said.message
    said = await desk.ask("GET", "/operations?sttus=COMPLETED")
    assert (said.status, said.document["error"]["details"]["parameter"]) == (400, "sttus")


@pytest.mark.parametrize("by", ["body", "query"])
async def test_a_wait_is_answered_when_it_is_over(by: str, desk: Any) -> None:
    """Its receipts are in by then on the instant clock; also of a large one."""
    id_ = await send(desk, 2_000)
    if by == "body":
        said = await desk.post("/operations/wait", {"id": id_, "timeout": 20})
    else:
        said = await desk.get("/operations/wait", id=id_, status="COMPLETED", timeout=20)
    assert (said["status"], said["stats"]["delivered"], said["under_way"]) == (
        *("COMPLETED", 2_000, False),
    )


async def test_a_wait_in_vain_says_where_it_stands(still: Any) -> None:
    """408 with the operation's counts, and when something is due where time stands still."""
    id_ = await send(still)
    said = await still.ask("POST", "/operations/wait", {"id": id_, "timeout": 0.01})
    assert (said.status, said.type) == (408, "timeout")
    assert (
        "was not COMPLETED within 0.01 s: it is PROCESSING: 2 recipients: 2 queued" in said.message
    )
    assert "the next event is due at" in said["hint"]
    assert said["hint"] in said.message
    details = said["error"]["details"]
    assert (details["id"], details["stats"]["queued"]) == (id_, 2)
    waiting = asyncio.ensure_future(still.post("/operations/wait", {"id": id_, "timeout": 20}))
    await still.post("/clock/advance", {"seconds": 5})
    assert (await asyncio.wait_for(waiting, 20))["stats"]["delivered"] == 2


async def test_what_will_never_be_is_refused_at_once(desk: Any) -> None:
    """A cancelled operation is not completed, however long somebody waits."""
    id_ = await scheduled(desk)
    await desk.post(f"/operations/{id_}/cancel")
    said = await desk.ask("POST", "/operations/wait", {"id": id_, "timeout": 600})
    assert (said.status, said.type) == (409, "illegal_status")
    assert "will never be COMPLETED: it is CANCELED" in said.message
    assert said["error"]["details"]["stats"]["canceled"] == 2


async def test_what_is_scheduled_can_be_cancelled(desk: Any) -> None:
    """Its messages never go out; what has begun cannot be."""
    id_ = await scheduled(desk)
    before = await desk.get(f"/operations/{id_}")
    assert (before["status"], before["under_way"]) == ("SCHEDULED", False)
    assert before["scheduled_for"] == "2100-01-02T00:00:00.000000Z"
    said = await desk.post(f"/operations/{id_}/cancel")
    assert (said["status"], said["stats"]["canceled"]) == ("CANCELED", 2)
    await desk.post("/clock/advance", {"seconds": 200_000})
    assert (await desk.get("/messages", operation_id=id_))["total"] == 0
    again = await desk.ask("POST", f"/operations/{id_}/cancel")
    assert (again.status, again.type) == (409, "illegal_status")
    assert "the operation is CANCELED" in again.message


@pytest.mark.parametrize(
    ("query", "word"),
    [("", "id"), ("?id=x&status=DONE", "SCHEDULED, PROCESSING"), ("?id=x&timeout=601", "600")],
)
async def test_bad_waits(query: str, word: str, desk: Any) -> None:
    """Each says what is to be given."""
    said = await desk.ask("GET", f"/operations/wait{query}")
    assert (said.status, said.type) == (400, "bad_parameter")
    assert word in said.message


async def test_bad_bodies_of_a_wait(desk: Any) -> None:
    """The schema says what is wrong."""
    for body in ({}, {"id": "x", "status": "DONE"}, {"id": "x", "timeout": -1}, {"id": 1}):
        said = await desk.ask("POST", "/operations/wait", body)
        assert (said.status, said.type) == (400, "bad_body")


async def test_sandboxes_know_nothing_of_each_other(desk: Any) -> None:
    """An operation is one sandbox's."""
    other = await desk.in_sandbox()
    id_ = await send(other)
    assert (await other.get(f"/operations/{id_}"))["sandbox"] != "default"
    assert (await desk.ask("GET", f"/operations/{id_}")).status == 404
    assert (await desk.get("/operations"))["total"] == 0


# -- its messages --


async def test_messages_of_an_operation(desk: Any) -> None:
    """Are found, waited for and verified like any others, attempt by attempt."""
    await desk.create(To="+14152000001")
    await desk.post("/delivery", {"when": {"to": "+14152000001"}, "error_code": 30003})
    id_ = await send(desk, 3)
    page = await desk.get("/messages", operation_id=id_, origin="comms")
    assert [each["to"] for each in page["messages"]] == [f"+141520000{n:02}" for n in range(3)]
    for message in page["messages"]:
        assert (message["origin"], message["operation_id"]) == ("comms", id_)
        assert message["tags"]["Twilio.operation_info"].startswith(f"{id_},comms_message_")
    lost = await desk.get("/messages", operation_id=id_, status="undelivered")
    assert [each["error_code"] for each in lost["messages"]] == [30003]
    wait = {"operation_id": id_, "status": "sent", "count": 3, "timeout": 20}
    assert (await desk.post("/messages/wait", wait))["total"] == 3
    where = {"operation_id": id_, "body": "Ahoy"}
    verdict = await desk.post("/verify", {"where": where, "count": {"exactly": 3}})
    assert (verdict["ok"], len(verdict["matches"])) == (True, 3)
    verdict = await desk.post("/verify", {"where": {**where, "to": "+14159999999"}})
    assert not verdict["ok"]
    assert verdict["near_misses"][0]["differences"]["to"]["expected"] == "+14159999999"


async def test_a_wait_sees_messages_as_they_come(still: Any) -> None:
    """Somebody who waits before they are made is told of each step."""
    wait = {"origin": "comms", "status": "delivered", "count": 3, "timeout": 20}
    waiting = asyncio.ensure_future(still.post("/messages/wait", wait))
    await still.get("/clock")
    await send(still, 3)
    await still.post("/clock/advance", {"seconds": 5})
    assert (await asyncio.wait_for(waiting, 20))["total"] == 3


async def test_a_step_can_be_forced(still: Any) -> None:
    """On an attempt as on any message; the operation's counts follow."""
    id_ = await send(still, 2)
    await still.post("/clock/advance", {"seconds": 0})
    [first, _] = (await still.get("/messages", operation_id=id_))["messages"]
    said = await still.post(f"/messages/{first['sid']}/status", {"status": "failed"})
    assert said["status"] == "failed"
    stats = (await still.get(f"/operations/{id_}"))["stats"]
    assert (stats["failed"], stats["queued"]) == (1, 1)
    failed = await still.get("/messages", operation_id=id_, status="failed")
    assert [each["sid"] for each in failed["messages"]] == [first["sid"]]
