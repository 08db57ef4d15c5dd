"""`/_mock/messages` and `/_mock/verify`: what was sent, waited for, verified, forced."""

import asyncio
from typing import Any

import pytest


async def test_a_message_is_told_in_full(desk: Any) -> None:
    """Who, what, what became of it and when, on the sandbox's clock."""
    sid = await desk.create(Body="Your code is 123456: https://acme.example/v?x=1.")
    message = await desk.get(f"/messages/{sid}")
    assert message.document | {"created_at": "", "timeline": []} == {
        "sid": sid,
        "account_sid": desk.sid,
        "sandbox": "default",
        "direction": "outbound-api",
        "channel": "sms",
        "origin": "messages",
        "from": "+15017122661",
        "to": "+14155552671",
        "messaging_service_sid": None,
        "body": "Your code is 123456: https://acme.example/v?x=1.",
        "media": [],
        "num_segments": 1,
        "encoding": "GSM-7",
        "status": "delivered",
        "error_code": None,
        "error_message": None,
        "created_at": "",
        "timeline": [],
        "callbacks": [],
        "codes": ["123456"],
        "links": ["https://acme.example/v?x=1"],
    }
    statuses = [step["status"] for step in message["timeline"]]
    assert statuses == ["queued", "sending", "sent", "delivered"]
    assert message["timeline"][0]["at"] == message["created_at"]


async def test_an_error_is_a_number_with_its_text(desk: Any) -> None:
    """`error_code` is an int or null; the timeline says where it came."""
    await desk.post("/delivery", {"error_code": 30005})
    message = await desk.get(f"/messages/{await desk.create()}")
    assert (message["status"], message["error_code"]) == ("undelivered", 30005)
    assert message["error_message"] == "Unknown destination handset"
    assert [step.get("error_code") for step in message["timeline"]] == [None, None, None, 30005]


async def test_what_few_messages_have(still: Any) -> None:
    """Tags as the JSON they are, the time of a schedule, the media."""
    await still.put("/clock", {"now": "2100-01-01T00:00:00Z"})
    sid = await still.create(
        MessagingServiceSid="MG" + "a" * 32,
        ScheduleType="fixed",
        SendAt="2100-01-01T01:00:00Z",
        Tags='{"campaign": "x"}',
    )
    message = await still.get(f"/messages/{sid}")
    assert message["send_at"] == "2100-01-01T01:00:00.000000Z"
    assert (message["status"], message["tags"]) == ("scheduled", {"campaign": "x"})
    pictured = await still.get(f"/messages/{await still.create(MediaUrl='https://x.example/a')}")
    assert (pictured["channel"], pictured["media"]) == ("mms", [{"url": "https://x.example/a"}])


async def test_messages_of_test_credentials_are_shown(desk: Any) -> None:
    """The REST API hides them; here they are, marked."""
    account = "AC" + "e" * 32
    await desk.post(
        "/seed", {"accounts": [{"sid": account, "auth_token": "7" * 32, "mode": "test"}]}
    )
    desk.sid, desk.token = account, "7" * 32
    await desk.create(From="+15005550006")
    [message] = (await desk.get("/messages"))["messages"]
    assert (message["test"], message["status"], message["account_sid"]) == (True, "queued", account)


async def test_an_unknown_message_is_not_found(desk: Any) -> None:
    """With a sentence."""
    said = await desk.ask("GET", "/messages/SM0")
    assert (said.status, said.type) == (404, "not_found")
    assert "SM0" in said.message


@pytest.mark.parametrize(
    ("query", "bodies"),
    [
        ({"to": "+14155550001"}, ["one"]),
        ({"to": "(415) 555-0001"}, ["one"]),
        ({"to": "+1415555*"}, ["one", "two", "three"]),
        ({"to": ["+14155550001", "+14155550002"]}, ["one", "two"]),
        ({"from": "+15017122661", "body": "t"}, ["two", "three"]),
        ({"from": "+15017122662"}, []),
        ({"body_regex": "^t.o$"}, ["two"]),
        ({"status": "delivered"}, ["one", "two", "three"]),
        ({"status": "sent"}, []),
        ({"reached": "sent"}, ["one", "two", "three"]),
        ({"direction": "outbound-api", "channel": "sms", "origin": "messages"}, None),
        ({"since": "2000-01-01T00:00:00+01:00"}, None),
        ({"since": "2100-01-01"}, []),
        ({"error_code": "0"}, None),
        ({"operation_id": "x"}, []),
    ],
)
async def test_filters(desk: Any, query: dict[str, Any], bodies: list[str] | None) -> None:
    """The one matcher, from a query; `status` is the present one, a repeated one any of."""
    for number, body in enumerate(("one", "two", "three"), 1):
        await desk.create(To=f"+1415555000{number}", Body=body)
    pairs = [(k, v) for k, vs in query.items() for v in (vs if isinstance(vs, list) else [vs])]
    said = await desk.ask("GET", "/messages", params=pairs)
    found = [message["body"] for message in said["messages"]]
    assert found == (["one", "two", "three"] if bodies is None else bodies)
    assert (said["total"], said["next_cursor"]) == (len(found), None)


async def test_a_plus_that_was_not_escaped_is_understood(desk: Any) -> None:
    """As people type it into curl: `?to=+1415…` and `…T00:00:00+01:00`."""
    await desk.create()
    url = f"{desk.url}/_mock/messages?to=+14155552671&since=2000-01-01T00:00:00+01:00"
    async with desk.session.get(url) as answer:
        assert (await answer.json())["total"] == 1


async def test_an_index_answers_for_all_accounts(desk: Any) -> None:
    """The sandbox's messages, whoever sent them, in order of creation."""
    first = await desk.create()
    other = type(desk)(desk.server, desk.session, sid="AC" + "b" * 32, token="t")
    second = await other.create()
    third = await desk.create()
    listed = (await desk.get("/messages", to="+14155552671"))["messages"]
    assert [message["sid"] for message in listed] == [first, second, third]


async def test_pages_stay_good_when_messages_arrive(desk: Any) -> None:
    """A cursor continues where its page ended, in its order, whatever came meanwhile."""
    sids = [await desk.create(Body=str(number)) for number in range(5)]
    up = await desk.get("/messages", limit=2)
    down = await desk.get("/messages", limit=2, order="desc")
    sids.append(await desk.create(Body="late"))
    assert [each["sid"] for each in up["messages"]] == sids[:2]
    assert [each["sid"] for each in down["messages"]] == [sids[4], sids[3]]
    rest = await desk.get("/messages", cursor=up["next_cursor"])
    assert [each["sid"] for each in rest["messages"]] == sids[2:]
    assert (rest["total"], rest["next_cursor"]) == (6, None)
    rest = await desk.get("/messages", cursor=down["next_cursor"], limit=2, body="")
    assert [each["sid"] for each in rest["messages"]] == [sids[2], sids[1]]


async def test_deleted_messages_are_gone(desk: Any) -> None:
    """From lists and totals; the others keep their places."""
    sids = [await desk.create(Body=str(number)) for number in range(3)]
    await desk.sandbox.messages.delete(desk.sandbox.messages.table.get(sids[1]))
    listed = await desk.get("/messages")
    assert [each["sid"] for each in listed["messages"]] == [sids[0], sids[2]]
    assert listed["total"] == 2


@pytest.mark.parametrize(
    ("query", "kind", "hint"),
    [
        ({"statuss": "sent"}, "bad_parameter", "did you mean 'status'?"),
        ({"status": "delivred"}, "bad_filter", "did you mean 'delivered'?"),
        ({"body_regex": "("}, "bad_filter", "not a regular expression"),
        ({"since": "yesterday"}, "bad_filter", "ISO 8601"),
        ({"error_code": "x"}, "bad_filter", "whole number"),
        ({"limit": "0"}, "bad_parameter", "from 1 to 10000"),
        ({"limit": "10001"}, "bad_parameter", "from 1 to 10000"),
        ({"limit": "2.5"}, "bad_parameter", "whole number"),
        ({"order": "up"}, "bad_parameter", "asc or desc"),
        ({"cursor": "7"}, "bad_parameter", "next_cursor"),
        ({"cursor": "desc-7", "order": "asc"}, "bad_parameter", "next_cursor"),
    ],
)
async def test_bad_filters(desk: Any, query: dict[str, str], kind: str, hint: str) -> None:
    """400 with what was meant."""
    said = await desk.ask("GET", "/messages", params=query)
    assert (said.status, said.type) == (400, kind)
    assert hint in said.message


async def test_an_expression_that_stands_still(desk: Any) -> None:
    """Is refused with the fix, and the server goes on."""
    await desk.create(Body="x" * 1_500)
    said = await desk.ask("GET", "/messages", params={"body_regex": "(x+x+)+y"})
    assert (said.status, said.type) == (400, "bad_filter")
    assert "write it without a repetition inside another" in said.message


# Waiting


async def test_waiting_for_what_is_there_answers_at_once(still: Any) -> None:
    """With all that match, as a list does."""
    sid = await still.create()
    said = await still.post("/messages/wait", {"to": "+14155552671", "timeout": 0})
    assert [each["sid"] for each in said["messages"]] == [sid]
    assert said["total"] == 1


async def test_status_means_reached(desk: Any) -> None:
    """A message that was delivered long ago was also sent."""
    await desk.create()
    assert (await desk.post("/messages/wait", {"status": "sent", "timeout": 0}))["total"] == 1
    assert (await desk.get("/messages/wait", status="queued", timeout="0"))["total"] == 1


async def test_waiting_for_what_comes(desk: Any) -> None:
    """It answers as soon as as many match as were asked for."""
    body = {"to": "+14155552671", "status": "delivered", "count": 2, "timeout": 20}
    waiting = asyncio.ensure_future(desk.post("/messages/wait", body))
    await desk.create(Body="1")
    await desk.create(To="+14155550000")
    await desk.create(Body="2")
    said = await asyncio.wait_for(waiting, 10)
    assert [each["body"] for each in said["messages"]] == ["1", "2"]


async def test_waiting_outlives_a_reset(still: Any) -> None:
    """What was there before counts no more; what comes after does."""
    await still.create()
    waiting = asyncio.ensure_future(still.post("/messages/wait", {"count": 2, "timeout": 20}))
    await still.get("/health")
    await still.post("/reset")
    await still.create(Body="1")
    await still.create(Body="2")
    assert (await asyncio.wait_for(waiting, 10))["total"] == 2


async def test_waiting_ends_with_the_sandbox(desk: Any) -> None:
    """At once, not at its timeout."""
    other = await desk.in_sandbox()
    waiting = asyncio.ensure_future(other.ask("POST", "/messages/wait", {"timeout": 60}))
    await desk.get("/health")
    await desk.ask("DELETE", other.prefix.removeprefix("/_mock"))
    said = await asyncio.wait_for(waiting, 10)
    assert said.type in ("sandbox_gone", "unknown_sandbox")


async def test_the_timeout_says_what_came_near(still: Any) -> None:
    """408 with near misses, and on a frozen clock when the next event is due."""
    sid = await still.create()
    said = await still.ask("POST", "/messages/wait", {"status": "delivered", "timeout": 0})
    assert (said.status, said.type) == (408, "timeout")
    [miss] = said["near_misses"]
    assert miss["sid"] == sid
    assert miss["differences"] == {"status": {"expected": "delivered", "actual": ["queued"]}}
    assert "advance it by 0.1 seconds" in said["hint"]
    assert said["error"]["details"]["near_misses"] == said["near_misses"]


async def test_the_hint_when_nothing_is_booked(still: Any) -> None:
    """Then no advance helps."""
    said = await still.ask("GET", "/messages/wait", params={"timeout": "0"})
    assert said.status == 408
    assert "nothing is booked" in said["hint"]


async def test_a_running_clock_needs_no_hint(opened: Any) -> None:
    """It goes on by itself."""
    desk = await opened(clock="real")
    said = await desk.ask("POST", "/messages/wait", {"timeout": 0})
    assert (said.status, "hint" in said.document) == (408, False)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"too": "+1"}, "did you mean 'to'?"),
        ({"count": 0}, "at least 1"),
        ({"timeout": -1}, "at least 0"),
        ({"timeout": 601}, "at most 600"),
        ({"timeout": "5"}, "must be a number"),
        ({"to": 5}, "must be text or a list"),
        ({"to": []}, "must not be empty"),
    ],
)
async def test_bad_waits(desk: Any, body: dict[str, Any], hint: str) -> None:
    """400 with what was meant."""
    said = await desk.ask("POST", "/messages/wait", body)
    assert (said.status, said.type) == (400, "bad_body")
    assert hint in said.message


# Forcing


async def test_forcing_the_next_step(still: Any) -> None:
    """Now, through the statuses between; a code where one belongs."""
    sid = await still.create()
    said = await still.post(f"/messages/{sid}/status", {"status": "undelivered"})
    assert (said["status"], said["error_code"]) == ("undelivered", 30003)
    statuses = [step["status"] for step in said["timeline"]]
    assert statuses[0] == "queued"
    assert statuses[-2:] == ["sent", "undelivered"]
    sid = await still.create(Body="2")
    said = await still.post(f"/messages/{sid}/status", {"status": "failed", "error_code": 30007})
    assert said["error_code"] == 30007


async def test_an_impossible_step_names_the_legal_ones(desk: Any) -> None:
    """409; a complete message has none."""
    sid = await desk.create()
    said = await desk.ask("POST", f"/messages/{sid}/status", {"status": "failed"})
    assert (said.status, said.type) == (409, "illegal_status")
    assert said["error"]["details"] == {"status": "delivered", "next": ["read"]}
    said = await desk.ask("POST", f"/messages/{sid}/status", {"status": "sent!"})
    assert (said.status, said.type) == (400, "bad_body")
    said = await desk.ask("POST", "/messages/SM0/status", {"status": "sent"})
    assert said.status == 404


# Verifying


async def test_verifying(desk: Any) -> None:
    """Exactly, at least, at most; without a count at least one."""
    for number in range(3):
        await desk.create(Body=f"order {number}")
    for count, ok in (
        ({"exactly": 3}, True),
        ({"exactly": 2}, False),
        ({"at_least": 3, "at_most": 3}, True),
        ({"at_least": 4}, False),
        ({"at_most": 2}, False),
    ):
        said = await desk.post("/verify", {"where": {"body": "order"}, "count": count})
        assert (said["ok"], said["matched"]) == (ok, 3)
    assert (await desk.post("/verify", {}))["ok"]


async def test_a_failed_verification_says_why(desk: Any) -> None:
    """A sentence, and what came nearest, difference by difference."""
    sid = await desk.create(Body="order 7")
    said = await desk.post(
        "/verify", {"where": {"to": "+14155552671", "body": "invoice"}, "count": {"exactly": 1}}
    )
    assert said["explanation"] == (
        "Expected exactly 1 message with to '+14155552671' and body 'invoice', but none matched."
    )
    assert said["near_misses"] == [
        {"sid": sid, "differences": {"body": {"expected": "invoice", "actual": "order 7"}}}
    ]


async def test_too_many_have_no_near_misses(desk: Any) -> None:
    """They are named instead."""
    sid = await desk.create()
    said = await desk.post("/verify", {"count": {"exactly": 0}})
    assert (said["ok"], said["near_misses"], said["matches"]) == (False, [], [sid])
    assert said["explanation"] == "Expected exactly 0 messages, but 1 matched."


async def test_verify_takes_the_present_status(desk: Any) -> None:
    """Unlike `wait`: what was sent is delivered by now."""
    await desk.create()
    assert not (await desk.post("/verify", {"where": {"status": "sent"}}))["ok"]
    assert (await desk.post("/verify", {"where": {"reached": "sent"}}))["ok"]


async def test_a_bad_verification_is_refused(desk: Any) -> None:
    """Unknown keys at any depth, and counts that are none."""
    said = await desk.ask("POST", "/verify", {"where": {"boddy": "x"}})
    assert "where.boddy: unknown key; did you mean 'body'?" in said.message
    said = await desk.ask("POST", "/verify", {"count": {"exact": 1}})
    assert "did you mean 'exactly'?" in said.message
    assert (await desk.ask("POST", "/verify", {"count": {}})).status == 400
    said = await desk.ask("POST", "/verify", {"where": {"body_regex": "("}})
    assert (said.status, said.type) == (400, "bad_filter")
