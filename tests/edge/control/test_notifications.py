"""`/_mock/notifications`, `/_mock/push_deliveries`: what Notify was asked for, and what it did."""

import json
from base64 import b64encode
from typing import Any

import pytest
from aiohttp import FormData

YOU = "+14155552671"


async def call(desk: Any, path: str, *pairs: tuple[str, str]) -> Any:
    """What Notify answers to a POST as the desk's account."""
    login = b64encode(f"{desk.sid}:{desk.token}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    where = f"{desk.url}/notify/v1{path}"
    async with desk.session.post(where, data=FormData(pairs), headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return await answer.json()


async def notify(desk: Any, *to: tuple[str, str], **form: str) -> str:
    """The SID of a notification to these channels and addresses."""
    service = await call(
        desk,
        "/Services",
        ("MessagingServiceSid", "MG" + "a" * 32),
        ("FacebookMessengerPageId", "99"),
        ("AlexaSkillId", "skill"),
    )
    bindings = [
        ("ToBinding", json.dumps({"binding_type": channel, "address": address}))
        for channel, address in to
    ]
    made = await call(desk, f"/Services/{service['sid']}/Notifications", *bindings, *form.items())
    return str(made["sid"])


async def test_a_notification(desk: Any) -> None:
    """What was asked for, and how far it has come."""
    sid = await notify(desk, ("sms", YOU), ("facebook-messenger", "4"), ("sms", "x"), Body="Ahoy")
    told = (await desk.get(f"/notifications/{sid}")).document
    assert (told["sid"], told["account_sid"], told["body"]) == (sid, desk.sid, "Ahoy")
    assert told["to_binding"][0] == {"binding_type": "sms", "address": YOU}
    counts = {name: told[name] for name in ("recipients", "sent", "failed", "under_way")}
    assert counts == {"recipients": 3, "sent": 2, "failed": 1, "under_way": False}
    assert (await desk.get("/notifications"))["notifications"] == [told]
    assert (await desk.get("/notifications", body="No"))["total"] == 0


async def test_an_unknown_one(desk: Any) -> None:
    """Is not found."""
    said = await desk.ask("GET", "/notifications/NT1")
    assert (said.status, said.type) == (404, "not_found")


async def test_not_every_address_is_shown(desk: Any) -> None:
    """A hundred are; the number is that of all."""
    sid = await notify(desk, *(("facebook-messenger", f"{n}") for n in range(150)), Body="Ahoy")
    told = (await desk.get(f"/notifications/{sid}")).document
    assert (len(told["to_binding"]), told["recipients"]) == (100, 150)


async def test_a_push_delivery(desk: Any) -> None:
    """With the exact payload; of a text message only what could not be one."""
    sid = await notify(desk, ("sms", YOU), ("facebook-messenger", "4"), ("sms", "x"), Body="Ahoy")
    found = (await desk.get("/push_deliveries"))["push_deliveries"]
    assert [(each["channel"], each["status"]) for each in found] == [
        ("facebook-messenger", "SENT"),
        ("sms", "FAILED"),
    ]
    assert found[0]["payload"] == {"recipient": {"id": "4"}, "message": {"text": "Ahoy"}}
    assert found[0]["notification_sid"] == sid
    assert (found[1]["error_code"], found[1]["sid"]) == (52001, None)
    assert found[1]["error_message"] == "Invalid destination binding"


async def test_filters_and_pages(desk: Any) -> None:
    """As everywhere."""
    await notify(desk, *(("facebook-messenger", f"{n}") for n in range(5)), Body="Ahoy")
    page = await desk.get("/push_deliveries", limit="2", order="desc")
    assert [each["address"] for each in page["push_deliveries"]] == ["4", "3"]
    rest = await desk.get("/push_deliveries", cursor=page["next_cursor"], limit="5")
    assert [each["address"] for each in rest["push_deliveries"]] == ["2", "1", "0"]
    assert (await desk.get("/push_deliveries", to="3", body="Ahoy"))["total"] == 1
    said = await desk.ask("GET", "/push_deliveries?channel=fax")
    assert (said.status, said.type) == (400, "bad_filter")
    said = await desk.ask("GET", "/push_deliveries?mood=x")
    assert (said.status, said.type) == (400, "bad_parameter")


async def test_verifying(desk: Any) -> None:
    """As many as there should be, or why not."""
    await notify(desk, ("facebook-messenger", "4"), Body="Ahoy")
    path = "/push_deliveries/verify"
    right = {"where": {"channel": "facebook-messenger"}, "count": {"exactly": 1}}
    assert (await desk.post(path, right)).document == {
        "ok": True,
        "matched": 1,
        "explanation": "Expected exactly 1 push delivery with channel 'facebook-messenger', "
        "and 1 matched.",
        "near_misses": [],
    }
    wrong = await desk.post(path, {"where": {"to": "5"}})
    assert not wrong["ok"]
    [miss] = wrong["near_misses"]
    assert (miss["channel"], miss["address"]) == ("facebook-messenger", "4")
    assert miss["differences"] == {"to": {"expected": "5", "actual": "4"}}
    assert (await desk.ask("POST", path, {"where": {"mood": "x"}})).type == "bad_body"


async def test_messages_shows_them_to_who_asks(desk: Any) -> None:
    """For their channels, and for nothing else; waiting for them there would be in vain."""
    await notify(desk, ("sms", YOU), ("alexa", "4"), Body="Ahoy", Title="T")
    [pushed] = (await desk.get("/messages", channel="alexa"))["messages"]
    assert (pushed["origin"], pushed["to"], pushed["status"]) == ("notify", "4", "sent")
    assert pushed["channel"] == "alexa"
    [message] = (await desk.get("/messages", origin="notify"))["messages"]
    assert (message["channel"], message["to"], message["status"]) == ("sms", YOU, "delivered")
    assert (await desk.get("/messages"))["total"] == 1
    assert (await desk.get("/messages", channel="apn"))["total"] == 0
    where = {"channel": ["apn", "fcm"]}
    for method, path, body in (
        ("POST", "/verify", {"where": where}),
        ("POST", "/messages/wait", where),
        ("GET", "/messages/wait?channel=apn", None),
    ):
        said = await desk.ask(method, path, body)
        assert (said.status, said.type) == (400, "bad_filter")
        assert "/_mock/push_deliveries" in said.message


async def test_messenger_is_in_both(desk: Any) -> None:
    """The Message with its life, the delivery with the payload; they have one SID."""
    await notify(desk, ("facebook-messenger", "4"), Body="Ahoy")
    [message] = (await desk.get("/messages", channel="messenger"))["messages"]
    assert (message["to"], message["status"]) == ("messenger:4", "delivered")
    [pushed] = (await desk.get("/push_deliveries", channel="facebook-messenger"))["push_deliveries"]
    assert (pushed["sid"], pushed["address"]) == (message["sid"], "4")
    assert (await desk.get("/messages"))["total"] == 1


@pytest.mark.parametrize("path", ["/notifications", "/push_deliveries"])
async def test_nothing_was_sent(desk: Any, path: str) -> None:
    """An empty list."""
    assert (await desk.get(path))["total"] == 0
