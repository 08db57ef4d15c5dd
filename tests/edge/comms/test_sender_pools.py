"""`/SenderPools`, who is in them, and the operations that made it so."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.comms.conftest import Comms

FIRST, SECOND = "+14155550101", "+14155550102"
NOBODY = "comms_sender_01h9krwprkeee8fzqspvwy6nq8"
NOWHERE = "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8"
HOST = "https://comms.twilio.com/v1"


def stats(operation: dict[str, Any]) -> tuple[int, int, int, int]:
    """Total, queued, created, failed."""
    total, queued, created, failed = operation["stats"].values()
    return total, queued, created, failed


async def members(comms: "Comms", pool: dict[str, Any], **query: str) -> set[str]:
    found = (await comms.get(f"/SenderPools/{pool['id']}/Senders", **query)).json["senders"]
    return {each["address"] for each in found}


# Make


async def test_making_one(comms: "Comms") -> None:
    """202 with the operation in body and headers; it is over, and by it the pool is found."""
    own = await comms.senders()
    asked = {"name": "Campaign", "senders": [{"senderId": own[FIRST]}], "tags": {"team": "growth"}}
    answer = await comms.post("/SenderPools", asked)
    id_, location = answer.json["operationId"], answer.json["operationLocation"]
    assert (answer.status, location) == (202, f"{HOST}/SenderPools/Operations/{id_}")
    for name, value in (("operationId", id_), ("operation-id", id_)):
        assert answer.header(name) == value
    for name in ("operationLocation", "operation-location"):
        assert answer.header(name) == location
    assert answer.header("Location") is None
    operation = (await comms.get(f"/SenderPools/Operations/{id_}")).json
    assert (operation["id"], operation["status"], stats(operation)) == (
        id_,
        "COMPLETED",
        (1, 0, 1, 0),
    )
    [pool] = (await comms.get("/SenderPools", operation_id=id_)).json["senderPools"]
    assert (pool["name"], pool["tags"]) == ("Campaign", {"team": "growth"})
    assert (await comms.get(f"/SenderPools/{pool['id']}")).json == pool
    assert await members(comms, pool) == {FIRST}


async def test_one_without_anything(comms: "Comms") -> None:
    """Its name is made up, and no two are alike."""
    first, second = [await comms.pool() for _ in range(2)]
    assert first["name"] != second["name"]
    assert first["tags"] == {}
    assert await members(comms, first) == set()


async def test_a_name_that_is_taken(comms: "Comms") -> None:
    """409 in one account; another account may have the same; a pool may keep its own."""
    pool = await comms.pool(name="A")
    answer = await comms.post("/SenderPools", {"name": "A"})
    assert (answer.status, comms.faults(answer)) == (409, [(20409, "$.name")])
    other = await comms.pool(name="B")
    answer = await comms.send("PATCH", f"/SenderPools/{other['id']}", {"name": "A"})
    assert (answer.status, comms.faults(answer)) == (409, [(20409, "$.name")])
    assert (await comms.send("PATCH", f"/SenderPools/{pool['id']}", {"name": "A"})).status == 202
    comms.caller.auth = comms.other_account()
    assert (await comms.pool(name="A"))["name"] == "A"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": ""}, [(20001, "$.name")]),
        ({"name": 1, "tags": []}, [(20001, "$.name"), (20001, "$.tags")]),
        ({"senders": [{"senderId": "x"}]}, [(20001, "$.senders[0].senderId")]),
        ({"senders": [{}]}, [(20001, "$.senders[0].senderId")]),
        ({"senders": [NOBODY]}, [(20001, "$.senders[0]")]),
        ({"senders": [{"senderId": NOBODY}] * 2}, [(20001, "$.senders")]),
        ({"senders": [{"senderId": NOBODY}]}, [(20404, "$.senders[0].senderId")]),
        ({"tags": {"a": 1}}, [(20001, "$.tags")]),
        ({"tags": {"a b": "c"}}, [(20001, "$.tags")]),
        ({"tags": {"a": ""}}, [(20001, "$.tags")]),
        ({"tags": {"a" * 129: "b"}}, [(20001, "$.tags")]),
        ({"tags": {"a": "b" * 257}}, [(20001, "$.tags")]),
        ({"tags": {str(n): "b" for n in range(11)}}, [(20001, "$.tags")]),
        ({"tags": {"a": "{{ b }}"}}, [(20001, "$.tags")]),
        ("A", [(20001, "null")]),
    ],
)
async def test_what_is_refused(comms: "Comms", asked: Any, expected: list[tuple[int, str]]) -> None:
    """Every fault at once, with its place; nothing is made."""
    answer = await comms.post("/SenderPools", asked)
    assert (answer.status, sorted(comms.faults(answer))) == (400, expected)
    assert (await comms.get("/SenderPools")).json["senderPools"] == []
    assert (await comms.get("/SenderPools/Operations")).json["operations"] == []


async def test_the_most_that_tags_may_be(comms: "Comms") -> None:
    """Ten pairs, keys of 128 and values of 256 characters, of letters, digits and `._~-`."""
    tags = {f"{n}._~-".ljust(128, "k"): "v" * 256 for n in range(10)}
    assert (await comms.pool(tags=tags))["tags"] == tags


async def test_faults_of_two_kinds(comms: "Comms") -> None:
    """A name that is taken and an unknown sender are told together, as a 400."""
    await comms.pool(name="A")
    answer = await comms.post("/SenderPools", {"name": "A", "senders": [{"senderId": NOBODY}]})
    assert answer.status == 400
    assert comms.faults(answer) == [(20409, "$.name"), (20404, "$.senders[0].senderId")]


# Change and delete


async def test_changing_one(comms: "Comms") -> None:
    """202 with the pool; what is not named stays, and the tags are replaced."""
    pool = await comms.pool(name="A", tags={"a": "1"})
    await comms.later(5)
    answer = await comms.send("PATCH", f"/SenderPools/{pool['id']}", {"tags": {"b": "2"}})
    where = f"{HOST}/SenderPools/{pool['id']}"
    assert (answer.status, answer.json) == (
        202,
        {"resourceId": pool["id"], "resourceLocation": where},
    )
    await comms.send("PATCH", f"/SenderPools/{pool['id']}", {"name": "B"})
    now = (await comms.get(f"/SenderPools/{pool['id']}")).json
    assert now == {**pool, "name": "B", "tags": {"b": "2"}, "updatedAt": "2026-12-01T00:00:05Z"}


@pytest.mark.parametrize("asked", [{}, {"senders": []}])
async def test_changing_nothing(comms: "Comms", asked: dict[str, Any]) -> None:
    """Name or tags must be there."""
    pool = await comms.pool()
    answer = await comms.send("PATCH", f"/SenderPools/{pool['id']}", asked)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "null")])


async def test_deleting_one(comms: "Comms") -> None:
    """It is gone, its name is free, its senders and its operation stay."""
    own = await comms.senders()
    pool = await comms.pool(own[FIRST], name="A")
    answer = await comms.send("DELETE", f"/SenderPools/{pool['id']}")
    assert (answer.status, answer.json["resourceId"]) == (202, pool["id"])
    for method in ("GET", "DELETE"):
        assert (await comms.send(method, f"/SenderPools/{pool['id']}")).status == 404
    assert await comms.senders() == own
    assert len((await comms.get("/SenderPools/Operations")).json["operations"]) == 1
    assert (await comms.pool(name="A"))["id"] != pool["id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/Senders"),
        ("POST", "/Senders"),
        ("DELETE", f"/Senders/{NOBODY}"),
    ],
)
async def test_unknown_pools(comms: "Comms", method: str, path: str) -> None:
    """404 for all that can be done to one, and to somebody else's."""
    pool = await comms.pool()
    answer = await comms.send(method, f"/SenderPools/{NOWHERE}{path}", {"name": "A"})
    assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
    comms.caller.auth = comms.other_account()
    answer = await comms.send(method, f"/SenderPools/{pool['id']}{path}", {"name": "A"})
    assert answer.status == 404


# Who is in it


async def test_adding(comms: "Comms") -> None:
    """An array, or one alone; the operation is at the place that the answer names."""
    own = await comms.senders()
    pool = await comms.pool()
    path = f"/SenderPools/{pool['id']}/Senders"
    answer = await comms.post(path, [{"senderId": own[FIRST]}, {"senderId": own[SECOND]}])
    where = answer.json["operationLocation"]
    assert (answer.status, where) == (202, f"{HOST}{path}/Operations/{answer.json['operationId']}")
    operation = (await comms.get(where.removeprefix(HOST))).json
    assert stats(operation) == (2, 0, 2, 0)
    answer = await comms.post(path, {"senderId": own["brand_agent"]})
    assert answer.status == 202
    assert await members(comms, pool) == {FIRST, SECOND, "brand_agent"}
    assert await members(comms, pool, channel="RCS") == {"brand_agent"}


async def test_adding_again(comms: "Comms") -> None:
    """One that is in it already fails, and the others come in."""
    own = await comms.senders()
    pool = await comms.pool(own[FIRST])
    path = f"/SenderPools/{pool['id']}/Senders"
    named = [{"senderId": own[each]} for each in (FIRST, SECOND, SECOND)]
    answer = await comms.post(path, named)
    operation = (await comms.get(f"/SenderPools/Operations/{answer.json['operationId']}")).json
    assert stats(operation) == (3, 0, 1, 2)
    assert await members(comms, pool) == {FIRST, SECOND}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([], [(20001, "null")]),
        ({}, [(20001, "$.senderId")]),
        ([{}, {"senderId": "x"}], [(20001, "$[0].senderId"), (20001, "$[1].senderId")]),
        ([{"senderId": NOBODY}], [(20404, "$[0].senderId")]),
        ({"senderId": NOBODY}, [(20404, "$.senderId")]),
        ([{"senderId": NOBODY}] * 1001, [(20001, "null")]),
        ("x", [(20001, "null")]),
    ],
)
async def test_refused_additions(
    comms: "Comms", asked: Any, expected: list[tuple[int, str]]
) -> None:
    """Every fault at once, with its place; nobody comes in."""
    own = await comms.senders()
    pool = await comms.pool(own[FIRST])
    answer = await comms.post(f"/SenderPools/{pool['id']}/Senders", asked)
    assert (answer.status, comms.faults(answer)) == (400, expected)
    assert await members(comms, pool) == {FIRST}


async def test_taking_out(comms: "Comms") -> None:
    """The answer names the sender, which stays, as it does in other pools."""
    own = await comms.senders()
    pool, other = [await comms.pool(own[FIRST], own[SECOND]) for _ in range(2)]
    path = f"/SenderPools/{pool['id']}/Senders/{own[FIRST]}"
    answer = await comms.send("DELETE", path)
    where = f"{HOST}/Senders/{own[FIRST]}"
    assert (answer.status, answer.json) == (
        202,
        {"resourceId": own[FIRST], "resourceLocation": where},
    )
    assert (await comms.get(where.removeprefix(HOST))).status == 200
    assert await members(comms, pool) == {SECOND}
    assert await members(comms, other) == {FIRST, SECOND}
    answer = await comms.send("DELETE", path)
    assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])


async def test_a_number_that_is_gone(comms: "Comms") -> None:
    """It is in no pool any more, and comes back with the number."""
    own = await comms.senders()
    pool = await comms.pool(own[FIRST], own[SECOND])
    numbers = comms.caller.sandbox.tables.numbers
    number = numbers.pop(FIRST)
    assert await members(comms, pool) == {SECOND}
    numbers[FIRST] = number
    assert await members(comms, pool) == {FIRST, SECOND}


# Operations


async def test_operations(comms: "Comms") -> None:
    """All of them, newest first, also of one instant; others see none."""
    made = [(await comms.post("/SenderPools", {})).json["operationId"] for _ in range(5)]
    found = (await comms.get("/SenderPools/Operations")).json["operations"]
    assert [each["id"] for each in found] == made[::-1]
    for status, count in (("completed", 5), ("PROCESSING", 0), ("CANCELED", 0)):
        listed = (await comms.get("/SenderPools/Operations", status=status)).json["operations"]
        assert len(listed) == count
    comms.caller.auth = comms.other_account()
    assert (await comms.get("/SenderPools/Operations")).json["operations"] == []
    assert (await comms.get(f"/SenderPools/Operations/{made[0]}")).status == 404


async def test_operations_are_kept_for_seven_days(comms: "Comms") -> None:
    """Then they are gone, and what they made stays, and is still found by them."""
    made = (await comms.post("/SenderPools", {})).json["operationId"]
    await comms.later(7 * 86_400)
    assert (await comms.get(f"/SenderPools/Operations/{made}")).status == 200
    await comms.later(1)
    answer = await comms.get(f"/SenderPools/Operations/{made}")
    assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
    assert (await comms.get("/SenderPools/Operations")).json["operations"] == []
    assert len((await comms.get("/SenderPools", operationId=made)).json["senderPools"]) == 1
