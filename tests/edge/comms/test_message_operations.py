"""`/Messages/Operations`: lists, one of them, its errors, and cancelling it."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.comms.conftest import AtComms, Comms

OURS = "+14155550101"
ANNA, LOST = "+14155550199", "+15005560003"
AT = "2026-12-01T00:00:00Z"
SUFFIX = "01h9krwprkeee8fzqspvwy6nq8"
COHORT = f"cmp_cohort_{SUFFIX}"
ERRORS = "https://www.twilio.com/docs/api/errors"
TOMORROW = {"sendAt": ["2026-12-02T00:00:00Z"]}
NOTHING = dict.fromkeys(
    (
        *("total", "recipients", "attempts", "unaddressable", "scheduled", "queued", "sent"),
        *("delivered", "read", "undelivered", "failed", "canceled"),
    ),
    0,
)


def on(channel: str, number: str = ANNA) -> dict[str, Any]:
    """A recipient."""
    return {"address": number, "channel": channel}


async def sent(comms: "Comms", *to: dict[str, Any], **fields: Any) -> str:
    """The id of an operation that was accepted."""
    sender = {"address": OURS, "channel": "SMS"}
    document = {"from": sender, "to": to, "content": {"text": "Hi"}, **fields}
    answer = await comms.post("/Messages", document)
    assert answer.status == 202, answer.body
    return str(answer.json["operationId"])


async def fetched(comms: "Comms", id_: str) -> dict[str, Any]:
    answer = await comms.get(f"/Messages/Operations/{id_}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


async def errors(comms: "Comms", id_: str, **query: str) -> list[dict[str, Any]]:
    answer = await comms.get(f"/Messages/Operations/{id_}/Errors", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["errors"]
    return found


# Operations


async def test_an_operation(comms: "Comms") -> None:
    """Its statistics say how things are now; every message is counted once."""
    id_ = await sent(comms, on("PHONE"), on("PHONE", LOST), on("WHATSAPP"))
    assert await fetched(comms, id_) == {
        "id": id_,
        "status": "PROCESSING",
        "stats": {**NOTHING, "total": 3, "recipients": 3, "queued": 3},
        "createdAt": AT,
        "updatedAt": AT,
    }
    await comms.later(5)
    found = await fetched(comms, id_)
    counts = {"total": 2, "recipients": 3, "attempts": 2, "unaddressable": 1}
    assert found["stats"] == {**NOTHING, **counts, "delivered": 1, "undelivered": 1}
    assert found["status"] == "COMPLETED"


async def test_its_location(comms: "Comms") -> None:
    """It is at once where the answer to the request says."""
    document = {"from": on("SMS", OURS), "to": [on("PHONE")], "content": {"text": "Hi"}}
    where = (await comms.post("/Messages", document)).json["operationLocation"]
    root = "https://comms.twilio.com/v1"
    assert where.startswith(f"{root}/Messages/Operations/")
    assert (await comms.get(where.removeprefix(root))).status == 200


async def test_a_list(comms: "Comms") -> None:
    """Newest first, by status and date, a page at a time; pools have a list of their own."""
    done = await sent(comms, on("PHONE"))
    await comms.later()
    waiting = await sent(comms, on("PHONE"), schedule=TOMORROW)
    await comms.pool()
    every = {
        (): [waiting, done],
        (("status", "completed"),): [done],
        (("status", "SCHEDULED"),): [waiting],
        (("status", "CANCELED"),): [],
        (("startDate", "2026-12-01T00:00:01Z"),): [waiting],
        (("end_date", "2026-12-01T00:00:01Z"),): [done],
    }
    for query, expected in every.items():
        answer = await comms.get("/Messages/Operations", **dict(query))
        assert [each["id"] for each in answer.json["operations"]] == expected
    first = (await comms.get("/messages/operations", pageSize="1")).json
    assert first["operations"] == [await fetched(comms, waiting)]
    token = first["pagination"]["next"]
    second = (await comms.get("/Messages/Operations", pageToken=token)).json
    assert second["operations"] == [await fetched(comms, done)]


@pytest.mark.parametrize("query", [{"status": "FAILED"}, {"pageSize": "0"}, {"endDate": "x"}])
async def test_refused_queries(comms: "Comms", query: dict[str, str]) -> None:
    """20001, with the name of the parameter."""
    answer = await comms.get("/Messages/Operations", **query)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, f"$.{next(iter(query))}")])


async def test_what_is_not_there(comms: "Comms") -> None:
    """Unknown ones, those of pools, another account's, and those of a week ago: 404 all over."""
    await comms.pool()
    pools = (await comms.get("/SenderPools/Operations")).json["operations"]
    id_ = await sent(comms, on("PHONE"))
    calls = (("GET", ""), ("GET", "/Errors"), ("POST", "/Cancel"))
    for wrong in ("x", f"comms_operation_{SUFFIX}", pools[0]["id"]):
        for method, path in calls:
            answer = await comms.send(method, f"/Messages/Operations/{wrong}{path}")
            assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
    own = comms.caller.auth
    comms.caller.auth = comms.other_account()
    assert (await comms.get(f"/Messages/Operations/{id_}")).status == 404
    assert (await comms.get("/Messages/Operations")).json["operations"] == []
    comms.caller.auth = own
    await comms.later(7 * 86_400)
    assert (await comms.get(f"/Messages/Operations/{id_}")).status == 404
    assert (await comms.get("/Messages/Operations")).json["operations"] == []


async def test_lists_of_the_present(at_comms: "AtComms") -> None:
    """On the instant clock, what was accepted has happened by the time of the next request."""
    comms = await at_comms(clock="instant")
    id_ = await sent(comms, *(on("PHONE", f"+1415556{place:04d}") for place in range(1000)))
    assert (await fetched(comms, id_))["stats"]["delivered"] == 1000


# Errors


async def test_errors(comms: "Comms") -> None:
    """A message that is lost has its code; a recipient whom nobody reaches has no message."""
    id_ = await sent(comms, on("PHONE"), on("PHONE", LOST), on("WHATSAPP"))
    assert await errors(comms, id_) == []
    await comms.later(5)
    lost = (await comms.get("/Messages", status="UNDELIVERED")).json["messages"]
    first, second = await errors(comms, id_)
    assert first == {
        "code": 30003,
        "message": "Unreachable destination handset",
        "infoUrl": f"{ERRORS}/30003",
        "context": "$.to[1]",
        "messageId": lost[0]["id"],
        "recipient": on("PHONE", LOST),
    }
    assert second == {
        "code": 21612,
        "message": second["message"],
        "infoUrl": f"{ERRORS}/21612",
        "context": "$.to[2]",
        "recipient": on("WHATSAPP"),
    }


async def test_pages_of_errors(comms: "Comms") -> None:
    """In the order of the recipients; a token is of one operation's."""
    people = [on("PHONE", f"+1500556{code:04d}") for code in (3, 4, 5, 6, 7)]
    id_ = await sent(comms, *people)
    await comms.later(5)
    path, found = f"/Messages/Operations/{id_}/Errors", []
    token: str | None = ""
    while token is not None:
        page = (await comms.get(path, pageSize="2", pageToken=token)).json
        found.append([each["code"] for each in page["errors"]])
        again = (await comms.get(path, pageToken=page["pagination"]["self"])).json
        assert again == page
        token = page["pagination"]["next"]
    assert found == [[30003, 30004], [30005, 30006], [30007]]
    other = await sent(comms, on("PHONE"))
    self = page["pagination"]["self"]
    answer = await comms.get(f"/Messages/Operations/{other}/Errors", pageToken=self)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.pageToken")])


async def test_errors_without_a_code(comms: "Comms") -> None:
    """What was made to fail for no reason fails for an unknown one."""
    id_ = await sent(comms, on("PHONE"))
    await comms.later(0)
    operation = comms.caller.sandbox.tables.operations[id_]
    messages = comms.caller.sandbox.messages
    classic = messages.table.get(operation.sid(0))
    assert classic is not None
    await messages.force(classic, "failed", 0)
    [error] = await errors(comms, id_)
    assert (error["code"], error["message"]) == (30008, "Unknown error")


async def test_errors_of_what_cannot_be_written(comms: "Comms") -> None:
    """What somebody's traits make of a text is said in words, wherever the error is shown."""
    members = [{"phone": ANNA, "share": "2"}, {"phone": LOST, "share": "none"}]
    comms.put(given={"cohorts": [{"id": COHORT, "members": members}]})
    to = {"cohortId": COHORT, "variables": {"share": "${Twilio.Profile.share}"}}
    id_ = await sent(comms, to, content={"text": "{{ 6 | divided_by: share }}"})
    await comms.later(5)
    [error] = await errors(comms, id_)
    said = "Invalid parameter: Liquid: divided_by: can't divide by 0 (line 1)"
    assert (error["code"], error["message"]) == (20001, said)
    message = (await comms.get(f"/Messages/{error['messageId']}")).json
    assert message["attempts"][0]["error"]["message"] == said
    [receipt] = (await comms.get(f"/Messages/{message['id']}/Receipts")).json["receipts"]
    assert receipt["error"]["message"] == said


# Cancelling


async def test_cancel(comms: "Comms") -> None:
    """What is scheduled never happens: 202, the operation's reference, in body and headers."""
    id_ = await sent(comms, on("PHONE"), on("PHONE", LOST), schedule=TOMORROW)
    await comms.later(60)
    answer = await comms.send("POST", f"/Messages/Operations/{id_}/Cancel")
    where = f"https://comms.twilio.com/v1/Messages/Operations/{id_}"
    assert (answer.status, answer.json) == (202, {"operationId": id_, "operationLocation": where})
    assert answer.header("operation-id") == id_
    for _ in range(2):
        found = await fetched(comms, id_)
        assert found["status"] == "CANCELED"
        assert found["updatedAt"] == "2026-12-01T00:01:00Z"
        assert found["stats"] == {**NOTHING, "total": 2, "recipients": 2, "canceled": 2}
        messages = (await comms.get("/Messages", status="CANCELED")).json["messages"]
        assert [each["updatedAt"] for each in messages] == ["2026-12-01T00:01:00Z"] * 2
        await comms.later(2 * 86_400)
    assert await errors(comms, id_) == []


async def test_cancel_what_is_not_scheduled(comms: "Comms") -> None:
    """Under way, over, or canceled already: 409, and nothing changes."""
    canceled = await sent(comms, on("PHONE"), schedule=TOMORROW)
    await comms.send("POST", f"/Messages/Operations/{canceled}/Cancel")
    id_ = await sent(comms, on("PHONE"))
    for wrong, seconds in ((canceled, 0), (id_, 0), (id_, 5)):
        await comms.later(seconds)
        before = await fetched(comms, wrong)
        answer = await comms.send("POST", f"/Messages/Operations/{wrong}/Cancel")
        assert (answer.status, comms.faults(answer)) == (409, [(20409, "null")])
        said = f"Conflict: the operation is {before['status']}"
        assert answer.json["errors"][0]["message"] == said
        assert await fetched(comms, wrong) == before
