"""`GET /Messages`, one of them, its receipts, and `Seek`."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.faults import Scenario
from mockserver.world import copying
from mockserver.world.inbound import Text

if TYPE_CHECKING:
    from tests.edge.comms.conftest import AtComms, Between, Comms
    from tests.edge.conftest import Answer

OURS, RCS = "+14155550101", "brand_agent"
ANNA, BERT, LOST = "+14155550199", "+14155550198", "+15005560003"
AT = "2026-12-01T00:00:00Z"
SUFFIX = "01h9krwprkeee8fzqspvwy6nq8"
ERRORS = "https://www.twilio.com/docs/api/errors"


def phone(number: str, **variables: str) -> dict[str, Any]:
    """A recipient."""
    about = {"variables": variables} if variables else {}
    return {"address": number, "channel": "PHONE", **about}


async def sent(comms: "Comms", *to: dict[str, Any], **fields: Any) -> str:
    """The id of an operation that was accepted."""
    sender = {"address": OURS, "channel": "SMS"}
    document = {"from": sender, "to": to, "content": {"text": "Hi"}, **fields}
    answer = await comms.post("/Messages", document)
    assert answer.status == 202, answer.body
    return str(answer.json["operationId"])


async def listed(comms: "Comms", **query: str) -> list[dict[str, Any]]:
    answer = await comms.get("/Messages", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["messages"]
    return found


async def fetched(comms: "Comms", id_: str) -> dict[str, Any]:
    answer = await comms.get(f"/Messages/{id_}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


async def text(comms: "Comms", body: str = "Yes", **fields: Any) -> str:
    """The SID of what a handset sent."""
    ends = {"from_": parse_to(ANNA), "to": parse_from(OURS)}
    received = await comms.caller.sandbox.inbound.receive(Text(**{**ends, "body": body, **fields}))
    return received.message.sid


def sids(message: dict[str, Any]) -> list[str]:
    """Of the attempts of a message."""
    return [each["infoUrl"].rpartition("/")[2] for each in message["attempts"]]


# One message


async def test_a_message(comms: "Comms") -> None:
    """In a list without content and attempts; fetched, with both."""
    own = await comms.senders()
    to = phone(ANNA, name="Anna")
    text, tags = {"text": "Hi {{ name }}"}, {"who": "{{ name }}"}
    operation = await sent(comms, to, content=text, tags=tags)
    await comms.later(1)
    [message] = await listed(comms)
    sender = {"address": OURS, "channel": "SMS", "senderId": own[OURS]}
    recipient = {"address": ANNA, "channel": "PHONE"}
    where = f"https://comms.twilio.com/v1/Messages/Operations/{operation}"
    assert message == {
        "id": message["id"],
        "from": sender,
        "to": [recipient],
        "status": "DELIVERED",
        "related": [{"name": "OPERATION", "id": operation, "uri": where}],
        "tags": {"who": "Anna"},
        "scheduledFor": None,
        "createdAt": AT,
        "updatedAt": AT,
        "deletedAt": None,
    }
    whole = await fetched(comms, message["id"])
    [sid] = sids(whole)
    attempt = {
        "from": sender,
        "to": [recipient],
        "status": "DELIVERED",
        "attemptedAt": AT,
        "infoUrl": f"https://console.twilio.com/us1/monitor/logs/sms/{DEFAULT_SID}/{sid}",
    }
    assert whole == {**message, "attempts": [attempt], "content": {"text": "Hi Anna"}}


async def test_locations_are_where_the_request_was(comms: "Comms") -> None:
    """By short name, in `preview`; words of the path in any case."""
    operation = await sent(comms, phone(ANNA))
    comms.caller.host, comms.root = "localhost:2010", "/comms/preview"
    [message] = (await comms.get("/messages")).json["messages"]
    [related] = message["related"]
    base = "http://localhost:2010/comms/preview/Messages"
    assert related["uri"] == f"{base}/Operations/{operation}"
    await comms.later()
    [sid] = sids(await fetched(comms, message["id"]))
    answer = await comms.get(f"/MESSAGES/seek/{sid}")
    assert answer.header("Location") == f"{base}/{message['id']}"


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        (phone(ANNA), phone(ANNA)),
        (
            {"addresses": [{"address": ANNA, "channel": "whatsapp"}, phone(BERT)]},
            {"addresses": [{"address": ANNA, "channel": "WHATSAPP"}, phone(BERT)]},
        ),
    ],
)
async def test_before_the_first_attempt(
    comms: "Comms", to: dict[str, Any], shown: dict[str, Any]
) -> None:
    """The recipient is as the request has it, the pool stands for the sender; then it is known."""
    own = await comms.senders()
    pool = (await comms.pool(own[OURS]))["id"]
    await sent(comms, to, **{"from": {"senderPoolId": pool}})
    [message] = await listed(comms)
    assert (message["from"], message["to"]) == ({"senderPoolId": pool}, [shown])
    whole = await fetched(comms, message["id"])
    assert (whole["attempts"], whole["content"]) == ([], {"text": "Hi"})
    await comms.later()
    [message] = await listed(comms)
    sender = {"address": OURS, "channel": "SMS", "senderId": own[OURS], "senderPoolId": pool}
    assert message["from"] == sender
    assert message["to"] == [phone(ANNA if to == phone(ANNA) else BERT)]


async def test_fallback(comms: "Comms") -> None:
    """Every try is there, oldest first; one that is lost says why, the message does not fail."""
    own = await comms.senders()
    pool = await comms.pool(own[RCS], own[OURS])
    await sent(comms, phone(ANNA), **{"from": {"senderPoolId": pool["id"]}})
    await comms.later()
    [message] = await listed(comms)
    assert (message["status"], message["from"]["channel"]) == ("DELIVERED", "SMS")
    first, last = (await fetched(comms, message["id"]))["attempts"]
    assert (first["from"]["channel"], first["status"]) == ("RCS", "FAILED")
    said = "Recipient does not have RCS enabled."
    assert first["error"] == {"code": 61337, "message": said, "infoUrl": f"{ERRORS}/61337"}
    assert (last["from"]["channel"], last["status"]) == ("SMS", "DELIVERED")
    assert "error" not in last
    assert "senderPoolId" not in last["from"]


async def test_a_schedule(comms: "Comms") -> None:
    """`scheduledFor` has the time in UTC, before and after."""
    schedule = {"sendAt": ["2026-12-01T02:00:00+01:00"]}
    await sent(comms, phone(ANNA), schedule=schedule)
    for status in ("SCHEDULED", "DELIVERED"):
        [message] = await listed(comms)
        assert message["status"] == status
        assert message["scheduledFor"] == "2026-12-01T01:00:00Z"
        assert message["createdAt"] == AT
        await comms.later(3601)
    assert message["updatedAt"] == "2026-12-01T01:00:00Z"


async def test_what_is_not_there(comms: "Comms") -> None:
    """Ids of nothing, of other things, of another account's messages, and those of a week ago."""
    operation = await sent(comms, phone(ANNA))
    [message] = await listed(comms)
    ids = ("x", f"comms_message_{SUFFIX}", operation, message["id"].upper(), f"{message['id']}0")
    for id_ in ids:
        answer = await comms.get(f"/Messages/{id_}")
        assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
        answer = await comms.get(f"/Messages/{id_}/Receipts")
        assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
    own = comms.caller.auth
    comms.caller.auth = comms.other_account()
    assert (await comms.get(f"/Messages/{message['id']}")).status == 404
    assert await listed(comms) == []
    comms.caller.auth = own
    await comms.later(7 * 86_400)
    assert (await comms.get(f"/Messages/{message['id']}")).status == 404
    assert await listed(comms) == []


async def test_unaddressable(comms: "Comms") -> None:
    """Whom no sender reaches has no message."""
    nobody = {"address": ANNA, "channel": "WHATSAPP"}
    await sent(comms, phone(BERT), nobody)
    unborn, there = await listed(comms)
    await comms.later()
    assert [each["id"] for each in await listed(comms)] == [there["id"]]
    assert (await comms.get(f"/Messages/{unborn['id']}")).status == 404


# Lists


async def test_filters(comms: "Comms") -> None:
    """All of them, in both spellings; what is unknown finds nothing."""
    first = await sent(comms, phone(ANNA), phone(LOST), tags={"a": "1", "b": "2"})
    rcs = {"address": RCS, "channel": "RCS"}
    second = await sent(comms, phone(BERT), tags={"a": "1"}, **{"from": rcs})
    await text(comms)
    await comms.later()
    expected = {
        ("operationId", first): [LOST, ANNA],
        ("operation_id", second): [BERT],
        ("operationId", f"comms_operation_{SUFFIX}"): [],
        ("status", "delivered"): [BERT, ANNA],
        ("status", "UNDELIVERED"): [LOST],
        ("status", "QUEUED"): [],
        ("status", "GROUP"): [],
        ("status", "INBOUND"): [OURS],
        ("channel", "rcs"): [BERT],
        ("channel", "WHATSAPP"): [],
        ("tags", "a:1"): [BERT, LOST, ANNA],
        ("tags", "b:2;a:1;"): [LOST, ANNA],
        ("tags", "b:3;"): [],
        ("profile", f"mem_profile_{SUFFIX}"): [],
        ("sessionId", f"comms_session_{SUFFIX}"): [],
        ("endDate", AT): [],
        ("start_date", "2026-12-01T00:00:01Z"): [],
    }
    for (name, value), numbers in expected.items():
        found = await listed(comms, **{name: value})
        assert [each["to"][0]["address"] for each in found] == numbers, name
    found = await listed(comms, operationId=first, operation_id=first, status="DELIVERED")
    assert len(found) == 1
    assert {each["to"][0]["address"] for each in await listed(comms)} == {ANNA, BERT, LOST, OURS}


@pytest.mark.parametrize(
    ("query", "context"),
    [
        ({"status": "LOST"}, "$.status"),
        ({"channel": "PHONE"}, "$.channel"),
        ({"operationId": "x"}, "$.operationId"),
        ({"session_id": "x"}, "$.sessionId"),
        ({"profile": "x"}, "$.profile"),
        ({"tags": "a"}, "$.tags"),
        ({"tags": "a:b;;"}, "$.tags"),
        ({"pageSize": "1001"}, "$.pageSize"),
        ({"startDate": "now"}, "$.startDate"),
        ({"pageToken": "x"}, "$.pageToken"),
        # a token of a list like this one that nobody was given
        ({"pageToken": "eyJvZiI6Ikxpc3RNZXNzYWdlcyIsImFmdGVyIjoieCJ9"}, "$.pageToken"),
    ],
)
async def test_refused_queries(comms: "Comms", query: dict[str, str], context: str) -> None:
    """20001, with the name of the parameter."""
    answer = await comms.get("/Messages", **query)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, context)])


async def test_unknown_parameters(comms: "Comms") -> None:
    """They are ignored, unless queries are strict."""
    assert (await comms.get("/Messages", operatoinId="x")).status == 200
    assert "did you mean `operationId`?" in comms.warnings[0]
    comms.caller.sandbox.rules.put(Scenario("", options={"strict_queries": True}))
    answer = await comms.get("/Messages", operatoinId="x", operation_id="y")
    contexts = [(20001, "$.operationId"), (20001, "$.operatoinId")]
    assert (answer.status, sorted(comms.faults(answer))) == (400, contexts)


async def test_pages(comms: "Comms") -> None:
    """Newest first across operations and inbound messages; tokens carry filters and size."""
    for number in range(3):
        await sent(comms, *(phone(f"+1415555{number}2{place:02d}") for place in range(5)))
        await text(comms)
    every: list[str] = []
    sizes: list[int] = []
    token: str | None = ""
    while token is not None:
        page = (await comms.get("/Messages", pageToken=token, pageSize="7")).json
        again = await comms.get("/Messages", pageToken=page["pagination"]["self"])
        assert again.json == page
        sizes.append(len(page["messages"]))
        every += [each["id"] for each in page["messages"]]
        token = page["pagination"]["next"]
    assert sizes == [7, 7, 4]
    assert every == sorted(set(every), reverse=True)
    queued = await comms.get("/Messages", status="QUEUED", pageSize="2")
    following = await comms.get("/Messages", pageToken=queued.json["pagination"]["next"])
    assert {each["status"] for each in following.json["messages"]} == {"QUEUED"}


async def test_a_long_page(comms: "Comms") -> None:
    """A thousand messages fit on one."""
    await sent(comms, *(phone(f"+1415555{place:04d}") for place in range(1000)))
    answer = await comms.get("/Messages", pageSize="1000")
    assert len(answer.json["messages"]) == 1000
    assert answer.json["pagination"]["next"] is None


async def test_lists_of_the_present(at_comms: "AtComms") -> None:
    """On the instant clock, what was accepted has happened by the time of the next request."""
    comms = await at_comms(clock="instant")
    await sent(comms, phone(ANNA))
    [message] = await listed(comms)
    assert message["status"] == "DELIVERED"


# What handsets sent


async def test_inbound(comms: "Comms") -> None:
    """From the person to our sender; its session leads to all that was said in it."""
    sid = await text(comms, "Yes")
    [message] = await listed(comms)
    own = await comms.senders()
    [session] = message["related"]
    assert message == {
        "id": message["id"],
        "from": {"address": ANNA, "channel": "PHONE"},
        "to": [{"address": OURS, "channel": "SMS", "senderId": own[OURS]}],
        "status": "INBOUND",
        "related": [session],
        "tags": {},
        "scheduledFor": None,
        "createdAt": AT,
        "updatedAt": AT,
        "deletedAt": None,
    }
    whole = await fetched(comms, message["id"])
    assert whole == {**message, "attempts": [], "content": {"text": "Yes"}}
    await text(comms, "No")
    await text(comms, "Who is this?", from_=parse_to(BERT))
    assert session["name"] == "SESSION"
    assert session["uri"] == f"https://comms.twilio.com/v1/Messages?sessionId={session['id']}"
    assert len(await listed(comms, sessionId=session["id"])) == 2
    answer = await comms.get(f"/Messages/Seek/{sid}")
    assert answer.header("Location") == f"https://comms.twilio.com/v1/Messages/{message['id']}"
    receipts = await comms.get(f"/Messages/{message['id']}/Receipts")
    assert receipts.json["receipts"] == []


async def test_inbound_elsewhere(comms: "Comms") -> None:
    """WhatsApp has its own channel on both sides; a sender that nobody set up has no id."""
    ours = parse_from("whatsapp:+14155238886")
    await text(comms, from_=parse_to(f"whatsapp:{ANNA}"), to=ours)
    [message] = await listed(comms)
    assert message["from"] == {"address": ANNA, "channel": "WHATSAPP"}
    assert message["to"] == [{"address": "+14155238886", "channel": "WHATSAPP"}]


# Receipts


@pytest.mark.parametrize(
    ("number", "status", "error"),
    [
        (ANNA, "DELIVERED", None),
        ("+15005568001", "READ", None),
        (LOST, "UNDELIVERED", 30003),
    ],
)
async def test_receipts(comms: "Comms", number: str, status: str, error: int | None) -> None:
    """One for each message, with its status, and with the error of a lost one."""
    await sent(comms, phone(number))
    [message] = await listed(comms)
    path = f"/Messages/{message['id']}/Receipts"
    [receipt] = (await comms.get(path)).json["receipts"]
    assert receipt == {"to": phone(number), "status": "QUEUED", "updatedAt": AT}
    await comms.later(5)
    page = (await comms.get(path)).json
    [receipt] = page["receipts"]
    assert (receipt["to"], receipt["status"]) == (phone(number), status)
    assert receipt.get("error", {}).get("code") == error
    assert page["pagination"]["next"] is None
    again = await comms.get(path, pageToken=page["pagination"]["self"])
    assert again.json == page


# Seek


async def redirected(comms: "Comms", sid: str) -> "Answer":
    answer = await comms.get(f"/Messages/Seek/{sid}")
    assert (answer.status, answer.body) == (301, b"")
    return answer


async def test_seek(comms: "Comms") -> None:
    """Every attempt leads to the message, also one to which something happened by itself."""
    own = await comms.senders()
    pool = await comms.pool(own[RCS], own[OURS])
    await sent(comms, phone(ANNA), **{"from": {"senderPoolId": pool["id"]}})
    await sent(comms, phone(BERT))
    await comms.later()
    messages = comms.caller.sandbox.messages
    for message in await listed(comms):
        for sid in sids(await fetched(comms, message["id"])):
            where = f"https://comms.twilio.com/v1/Messages/{message['id']}"
            assert (await redirected(comms, sid)).header("Location") == where
    classic = messages.table.get(sid)
    assert classic is not None
    comms.caller.host = "api.twilio.com"
    path = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/{sid}.json"
    assert (await comms.caller.post({"Body": ""}, path)).status == 200
    comms.caller.host = "comms.twilio.com"
    assert (await redirected(comms, sid)).header("Location") == where
    await messages.delete(classic)
    gone = await comms.get(f"/Messages/Seek/{sid}")
    assert (gone.status, comms.faults(gone)) == (404, [(20404, "null")])
    [*_, last] = (await fetched(comms, message["id"]))["attempts"]
    assert last["status"] == "DELIVERED"


async def test_seek_others(comms: "Comms") -> None:
    """Messages that were sent otherwise, unknown ones, another account's, those of a week ago."""
    await sent(comms, phone(ANNA))
    await comms.later()
    [message] = await listed(comms)
    [sid] = sids(await fetched(comms, message["id"]))
    alike = sid[:-1] + ("1" if sid[-1] == "0" else "0")
    comms.caller.host = "api.twilio.com"
    classic = (await comms.caller.create()).json["sid"]
    comms.caller.host = "comms.twilio.com"
    for other in ("SM" + "0" * 32, f"MM{sid[2:]}", alike, classic):
        answer = await comms.get(f"/Messages/Seek/{other}")
        assert (answer.status, comms.faults(answer)) == (404, [(20404, "null")])
    own = comms.caller.auth
    comms.caller.auth = comms.other_account()
    assert (await comms.get(f"/Messages/Seek/{sid}")).status == 404
    comms.caller.auth = own
    await comms.later(7 * 86_400)
    assert (await comms.get(f"/Messages/Seek/{sid}")).status == 404


@pytest.mark.parametrize("identifier", ["x", "SM1", f"comms_message_{SUFFIX}", "XX" + "0" * 32])
async def test_seek_what_is_no_sid(comms: "Comms", identifier: str) -> None:
    """20001."""
    answer = await comms.get(f"/Messages/Seek/{identifier}")
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.identifier")])


async def test_a_reset_meanwhile(at_comms: "AtComms", between: "Between") -> None:
    """503, to be sent again: what was listed is no more."""
    comms = await at_comms()
    many = [phone(f"+1415{2_000_000 + place}") for place in range(3_000)]
    await sent(comms, *many)
    task = asyncio.create_task(comms.get("/Messages", pageSize="1000"))
    await between("_turn")
    old = copying.reset(comms.caller.server.sandboxes, comms.caller.sandbox)
    while old.shed(100_000):
        pass
    answer = await task
    assert (answer.status, comms.faults(answer)) == (503, [(20503, "null")])
    assert await listed(comms) == []
