"""`/_mock/requests`, `/callbacks`, `/alerts` and `/journal`: what was asked and what was posted."""

import asyncio
import gzip
import json
from base64 import b64encode
from typing import Any

import pytest


async def settled(desk: Any) -> None:
    """Until no callback is under way."""
    await desk.post("/clock/advance", {"until": "idle"})


async def test_an_api_call_is_told_in_full(desk: Any) -> None:
    """Both sides of it, with the operation's name, and without the token."""
    sid = await desk.create(Body="naïve & co")
    said = await desk.get("/requests")
    [call] = said["requests"]
    assert (call["method"], call["operation"]) == ("POST", "api.v2010.CreateMessage")
    assert call["path"] == f"/2010-04-01/Accounts/{desk.sid}/Messages.json"
    assert call["account_sid"] == desk.sid
    assert call["request"]["headers"]["Authorization"] == f"Basic {desk.sid}:***"
    assert call["request"]["params"]["Body"] == "naïve & co"
    assert "Body=na%C3%AFve" in call["request"]["body"]
    assert call["response"]["status"] == 201
    assert call["response"]["headers"]["X-API-Domain"] == "api.twilio.com"
    assert json.loads(call["response"]["body"])["sid"] == sid
    assert (call["fault"], call["error"], call["warnings"]) == (None, None, [])
    assert call["at"] == (await desk.get(f"/messages/{sid}"))["created_at"]
    assert 0 <= call["duration_ms"] < 10_000
    assert (said["total"], said["dropped"], said["next_cursor"]) == (1, 0, None)


async def test_no_secret_is_in_it(desk: Any) -> None:
    """Neither the default token nor that of an account that came by itself."""
    other = type(desk)(desk.server, desk.session, sid="AC" + "b" * 32, token="very-secret")
    await other.create()
    text = (await desk.get("/requests")).body + (await desk.get("/journal")).body
    assert b"very-secret" not in text
    assert b64encode(f"{other.sid}:very-secret".encode()) not in text


async def test_parameters_come_from_query_and_form(desk: Any) -> None:
    """A repeated one is a list; a compressed form is unpacked; what is no form has none."""
    await desk.rest("GET", "/Messages.json?PageSize=2&X=1&X=2")
    login = b64encode(f"{desk.sid}:{desk.token}".encode()).decode()
    for headers, data in (
        ({"Content-Encoding": "gzip"}, gzip.compress(b"To=%2B1&Body=a+b")),
        ({"Content-Encoding": "gzip"}, b"broken"),
        ({"Content-Type": "application/json"}, b'{"To": "+1"}'),
    ):
        url = f"{desk.url}/2010-04-01/Accounts/{desk.sid}/Messages.json"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        headers = {"Authorization": f"Basic {login}", **kind, **headers}
        async with desk.session.post(url, data=data, headers=headers) as answer:
            assert answer.status == 400
    calls = (await desk.get("/requests"))["requests"]
    assert calls[0]["request"]["params"] == {"PageSize": "2", "X": ["1", "2"]}
    assert calls[0]["query"] == "PageSize=2&X=1&X=2"
    assert calls[0]["path"].endswith("/Messages.json")
    found = [call["request"]["params"] for call in calls[1:]]
    assert found == [{"To": "+1", "Body": "a b"}, {}, {}]


async def test_long_bodies_are_cut(desk: Any) -> None:
    """At 4 kB, and it says so."""
    await desk.rest(
        "POST", "/Messages.json", To="+14155552671", From="+15017122661", Body="x" * 9000
    )
    [call] = (await desk.get("/requests"))["requests"]
    assert len(call["request"]["body"]) == 4096
    assert (call["truncated"], call["request"]["truncated"]) == (True, True)
    assert "truncated" not in call["response"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"operation": "api.v2010.CreateMessage"}, 2),
        ({"operation": "*Message"}, 3),
        ({"method": "GET"}, 1),
        ({"to": "+1415555*"}, 2),
        ({"body": "two"}, 1),
        ({"status": "404", "error": "20404"}, 1),
        ({"path": "*/Messages.json"}, 2),
        ({"account_sid": "AC0"}, 0),
        ({"host": "127.0.0.1*"}, 3),
        ({"host": "api.twilio.com"}, 3),
        ({"host": "notify.twilio.com"}, 0),
    ],
)
async def test_calls_by_the_one_matcher(desk: Any, query: dict[str, str], count: int) -> None:
    """`status` and `error` are the answer's; `to` and `body` are parameters."""
    await desk.create(Body="one")
    await desk.create(Body="two")
    await desk.rest("GET", "/Messages/SM" + "0" * 32 + ".json?To=x")
    said = await desk.get("/requests", **query)
    assert (said["total"], len(said["requests"])) == (count, count)


async def test_calls_page_by_page(desk: Any) -> None:
    """Oldest first unless turned; the cursor holds while calls are made and forgotten."""
    for body in ("1", "2", "3"):
        await desk.create(Body=body)

    def bodies(said: Any) -> list[str]:
        return [call["request"]["params"]["Body"] for call in said["requests"]]

    up, down = (
        await desk.get("/requests", limit=2),
        await desk.get("/requests", limit=1, order="desc", body="3"),
    )
    assert (bodies(up), bodies(down)) == (["1", "2"], ["3"])
    await desk.create(Body="4")
    assert bodies(await desk.get("/requests", cursor=up["next_cursor"])) == ["3", "4"]
    assert (await desk.ask("DELETE", "/requests")).status == 204
    await desk.create(Body="5")
    assert bodies(await desk.get("/requests", cursor=up["next_cursor"])) == ["5"]


async def test_what_is_not_served_says_so(desk: Any) -> None:
    """In the warnings, plainly."""
    headers = {"Host": "verify.twilio.com"}
    async with desk.session.post(f"{desk.url}/v2/Services", headers=headers) as answer:
        assert answer.status == 404
    [call] = (await desk.get("/requests"))["requests"]
    assert (call["served"], call["operation"], call["error"]) == (False, None, 20404)
    assert "which this mock does not serve" in call["warnings"][0]


# Callbacks


async def test_a_callback_is_told_in_full(desk: Any, webhook: Any) -> None:
    """As it was sent: address, parameters, headers, signature; and what came of it."""
    sid = await desk.create(StatusCallback=webhook.url)
    await settled(desk)
    said = await desk.get("/callbacks")
    first, second = said["callbacks"]
    assert [each["status"] for each in (first, second)] == ["sent", "delivered"]
    assert (first["url"], first["method"], first["kind"]) == (webhook.url, "POST", "status")
    assert first["params"]["MessageStatus"] == "sent"
    assert first["headers"]["X-Twilio-Signature"] == first["signature"]
    assert (first["response_status"], first["error"], first["attempt"]) == (204, None, 1)
    assert first["message_sid"] == sid
    assert (await desk.get(f"/messages/{sid}"))["callbacks"] == [first, second]


async def test_every_attempt_is_an_entry(desk: Any, webhook: Any) -> None:
    """A retry counts up, and Monitor has an alert for what went wrong."""
    webhook.answers += [500, 204]
    await desk.create(StatusCallback=webhook.url + "#rc=2&rp=5xx")
    await settled(desk)
    found = (await desk.get("/callbacks", status="sent"))["callbacks"]
    assert [(each["attempt"], each["response_status"]) for each in found] == [(1, 500), (2, 204)]
    assert "HTTP 500" in found[0]["error"]
    alerts = (await desk.get("/alerts"))["alerts"]
    assert [each["error_code"] for each in alerts] == [found[0]["error_code"]]


async def test_callbacks_by_the_one_matcher(desk: Any, webhook: Any) -> None:
    """Kind, address, message, what was answered."""
    sid = await desk.create(StatusCallback=webhook.url)
    await desk.create(StatusCallback=webhook.url, Body="2")
    await settled(desk)
    assert (await desk.get("/callbacks", message_sid=sid))["total"] == 2
    assert (await desk.get("/callbacks", status="sent", response_status="204"))["total"] == 2
    assert (await desk.get("/callbacks", kind="inbound"))["total"] == 0
    assert (await desk.get("/callbacks", url=f"{webhook.url}*", limit=3))["next_cursor"]
    said = await desk.ask("GET", "/callbacks", params={"kind": "statuss"})
    assert "did you mean 'status'?" in said.message


async def test_clearing_callbacks(desk: Any, webhook: Any) -> None:
    """The list is empty, and messages have none; what comes later is there."""
    sid = await desk.create(StatusCallback=webhook.url)
    await settled(desk)
    assert (await desk.ask("DELETE", "/callbacks")).status == 204
    message = await desk.get(f"/messages/{sid}")
    assert (message["callbacks"], "callbacks_dropped" in message.document) == ([], False)
    sid = await desk.create(StatusCallback=webhook.url, Body="2")
    await settled(desk)
    assert len((await desk.get(f"/messages/{sid}"))["callbacks"]) == 2


async def test_clearing_takes_no_filters(desk: Any) -> None:
    """It would look as if it had forgotten only some."""
    said = await desk.ask("DELETE", "/callbacks", params={"kind": "status"})
    assert (said.status, said.type) == (400, "bad_parameter")


async def test_resending(desk: Any, webhook: Any) -> None:
    """The same parcel again, as a new attempt."""
    await desk.create(StatusCallback=webhook.url)
    await settled(desk)
    first = (await desk.get("/callbacks"))["callbacks"][0]
    again = await desk.post(f"/callbacks/{first['id']}/resend")
    assert again["attempt"] == 2
    for name in ("url", "params", "signature", "idempotency_token", "status"):
        assert again[name] == first[name]
    assert webhook.posted[-1][1] == webhook.posted[0][1]
    assert (await desk.post(f"/callbacks/{first['id']}/resend"))["attempt"] == 3


async def test_a_password_in_the_address_is_not_told(desk: Any, webhook: Any) -> None:
    """It is used, though: also when the callback is sent again."""
    sid = await desk.create(StatusCallback=webhook.url.replace("://", "://ann:secret@"))
    await settled(desk)
    first = (await desk.get("/callbacks"))["callbacks"][0]
    assert first["url"] == webhook.url.replace("://", "://ann:***@")
    again = await desk.post(f"/callbacks/{first['id']}/resend")
    assert (again["url"], again["response_status"]) == (first["url"], 204)
    assert again["headers"]["Authorization"] == "Basic ann:***"
    assert "secret" not in str((await desk.get(f"/messages/{sid}"))["callbacks"])


@pytest.mark.parametrize("name", ["cb-9", "cb-0", "cb-x", "x", "cb-" + "9" * 40])
async def test_resending_what_is_not_there(desk: Any, name: str) -> None:
    """404."""
    said = await desk.ask("POST", f"/callbacks/{name}/resend")
    assert (said.status, said.type) == (404, "not_found")


# The journal


async def story(desk: Any, webhook: Any) -> Any:
    """Some calls one after another, and all that comes of them."""
    for body in ("one", "two", "one"):
        await desk.create(Body=body, StatusCallback=webhook.url)
    await desk.rest("POST", "/Messages.json", To="nobody", From="+15017122661", Body="x")
    await settled(desk)
    return await desk.get("/journal", canonical="1")


async def test_equal_runs_have_equal_canonical_journals(opened: Any, webhook: Any) -> None:
    """With a seed, byte for byte, whatever the ports and the sandbox's account."""
    desk = await opened()
    journals = [await story(await desk.in_sandbox(seed=7), webhook) for _ in range(2)]
    other = await opened()
    journals.append(await story(await other.in_sandbox(seed=7), webhook))
    assert journals[0].body == journals[1].body == journals[2].body
    assert (await story(await desk.in_sandbox(seed=8), webhook)).body != journals[0].body


async def test_the_canonical_journal_tells_all_that_matters(desk: Any, webhook: Any) -> None:
    """Calls, messages with timelines, callbacks; accounts by ordinal."""
    sandbox = await desk.in_sandbox(seed=7)
    document = (await story(sandbox, webhook)).document
    assert [len(document[name]) for name in ("requests", "messages", "callbacks")] == [4, 3, 6]
    assert document["messages"][0]["timeline"][0]["at"] == "2026-12-01T00:00:00.000000Z"
    assert {each["account_sid"] for each in document["messages"]} == {"AC#1"}
    assert document["requests"][3]["error"] == 21211
    assert sandbox.sid not in json.dumps(document)


async def test_the_journal_as_it_is(desk: Any) -> None:
    """The three lists at once."""
    sid = await desk.create()
    document = (await desk.get("/journal")).document
    assert document["messages"] == (await desk.get("/messages"))["messages"]
    assert document["requests"][0]["id"] == "req-1"
    assert (document["callbacks"], document["messages"][0]["sid"]) == ([], sid)
    assert (await desk.ask("GET", "/journal", params={"canonical": "yes"})).status == 400


async def test_dropped_attempts_are_counted(desk: Any, webhook: Any) -> None:
    """A message whose callbacks the full ring has dropped says how many there were."""
    sid = await desk.create(StatusCallback=webhook.url)
    await settled(desk)
    ring = desk.sandbox.journal.callbacks
    last = ring.entry(ring.first + 1)
    desk.sandbox.clock.move(last.due + 1)
    for _ in range(10_000):
        ring.append(type(last)(**{**_fields(last), "message_sid": "SM0", "due": last.due + 1}))
    message = await desk.get(f"/messages/{sid}")
    assert (message["callbacks"], message["callbacks_dropped"]) == ([], 2)
    assert (await desk.get("/callbacks", limit=1))["dropped"] == 2


def _fields(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


async def test_concurrent_calls_are_all_there(desk: Any) -> None:
    """Forty at once."""
    await asyncio.gather(*(desk.create(Body=str(number)) for number in range(40)))
    assert (await desk.get("/requests"))["total"] == 40
    assert (await desk.get("/messages"))["total"] == 40
