"""`send`: what Notify is asked for, what comes back, and whom it reaches."""

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.errors import AUTHENTICATE, TwilioError
from mockserver.edge.http.auth import Admission
from mockserver.edge.http.call import Call
from mockserver.edge.twilionotify.sending import send
from mockserver.world.notify.services import NotifyServices
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.twilionotify.conftest import Failed, Module

ME, YOU = "+15017122661", "+14155552671"
CONVERT = "Can not convert incoming parameters to Notification object: Parameter '{}' is invalid"


async def delivered(module: "Module") -> list[tuple[str, str, str]]:
    """Recipient, sender and text of each message, once all is done."""
    engine = module.caller.sandbox.engine
    await engine.advance(engine.clock.now() + 60_000_000)
    messages = module.caller.sandbox.tables.messages.places.oldest_first()
    return [(each.to, each.from_, each.body) for each in messages if each.origin == "notify"]


async def test_a_notification(module: "Module") -> None:
    """With every argument: the members of the module's table, in its order."""
    await module.bind("Bob", BindingType="apn", Tag=["a", "b"])
    payloads = {
        "Apn": {"aps": {"badge": 1}},
        "Fcm": {"notification": {"icon": "x"}},
        "Gcm": {"data": {"n": 1}},
        "Sms": {"from": ME},
        "Data": {"order": 7},
        "FacebookMessenger": {"text": "é"},
    }
    made = await module.done(
        "send",
        Identity=["Bob", "Eve"],
        Tag="a",
        Ttl=60,
        Body="Hi",
        Sound="ding",
        Title="News",
        Action="open",
        Priority="low",
        **payloads,
    )
    assert made == {
        "apn": payloads["Apn"],
        "fcm": payloads["Fcm"],
        "gcm": payloads["Gcm"],
        "sid": made["sid"],
        "sms": payloads["Sms"],
        "ttl": 60,
        "body": "Hi",
        "data": payloads["Data"],
        "tags": ["a"],
        "sound": "ding",
        "title": "News",
        "action": "open",
        "priority": "low",
        "identities": ["Bob", "Eve"],
        "account_sid": DEFAULT_SID,
        "service_sid": module.service,
        "date_created": "2026-12-01T00:00:00Z",
        "facebook_messenger": payloads["FacebookMessenger"],
    }
    assert list(made) == load("twilionotify/Notification")["required"]
    assert module.caller.journal[-1].operation == "twilionotify.send"


async def test_with_next_to_nothing(module: "Module") -> None:
    """What was not given is null, a list is empty, lifetime and priority are the usual ones."""
    made = await module.done("send", Tag="all")
    nothing = {name for name, value in made.items() if value is None}
    assert nothing == {
        *("apn", "fcm", "gcm", "sms", "body", "data", "sound", "title", "action"),
        "facebook_messenger",
    }
    assert (made["ttl"], made["priority"]) == (2_419_200, "high")
    assert (made["tags"], made["identities"]) == (["all"], [])


@pytest.mark.parametrize("as_text", [True, False])
async def test_json_or_its_text(module: "Module", as_text: bool) -> None:
    """Do the same: for overrides, data and direct recipients."""
    sms, direct = {"from": ME}, [{"binding_type": "sms", "address": YOU}]
    asked: dict[str, Any] = {"Sms": sms, "Data": {"n": [1, 2.5, None]}, "ToBinding": direct}
    if as_text:
        texts = [json.dumps(each) for each in direct]
        asked = {"Sms": json.dumps(sms), "Data": json.dumps(asked["Data"]), "ToBinding": texts}
    made = await module.done("send", Body="Hi", **asked)
    assert (made["sms"], made["data"]) == (sms, {"n": [1, 2.5, None]})
    assert await delivered(module) == [(YOU, ME, "Hi")]


@pytest.mark.parametrize("one", [{"binding_type": "sms", "address": YOU}, None])
async def test_a_single_recipient_needs_no_list(module: "Module", one: Any) -> None:
    """An object, or its text."""
    given = one or json.dumps({"binding_type": "sms", "address": YOU})
    await module.done("send", Body="Hi", Sms={"from": ME}, ToBinding=given)
    assert await delivered(module) == [(YOU, ME, "Hi")]


async def test_a_form(module: "Module") -> None:
    """Brings the same."""
    body = (
        f"ServiceSid={module.service}&Identity=Bob&Identity=Eve&Body=Hi&Ttl=9"
        "&Sms=%7B%22from%22%3A%22%2B15017122661%22%7D"
    )
    await module.bind("Bob", BindingType="sms", Address=YOU)
    kind = "application/x-www-form-urlencoded"
    made = (await module.ask("send", body.encode(), Content_Type=kind)).json
    assert (made["identities"], made["ttl"]) == (["Bob", "Eve"], 9)
    assert made["sms"] == {"from": ME}
    assert await delivered(module) == [(YOU, ME, "Hi")]


async def test_whom_it_reaches(module: "Module") -> None:
    """Any of the identities and all of the tags, of what was bound here and at Notify."""
    for number, tags in (("+14155550001", ["a", "b"]), ("+14155550002", ["b"])):
        await module.bind("Bob", BindingType="sms", Address=number, Tag=tags)
    await module.caller.call(
        "POST",
        f"/v1/Services/{module.service}/Bindings",
        b"Identity=Eve&BindingType=sms&Address=%2B14155550003&Tag=b",
        {"Host": "notify.twilio.com"},
    )
    await module.done("send", Tag=["sms", "b"], Body="b", Sms={"from": ME})
    await module.done("send", Identity="Bob", Tag="a", Body="a", Sms={"from": ME})
    await module.done("send", Identity="Bob,Eve", Body="nobody", Sms={"from": ME})
    assert [(to[-1], body) for to, _, body in await delivered(module)] == [
        *(("1", "b"), ("2", "b"), ("3", "b")),
        ("1", "a"),
    ]


@pytest.mark.parametrize(("ttl", "shown"), [(0, 0), ("60", 60), (60.0, 60), (2_419_200, 2_419_200)])
async def test_ttl(module: "Module", ttl: object, shown: int) -> None:
    """A number, or its digits; a Lua number may come with a fraction of nothing."""
    assert (await module.done("send", Tag="all", Ttl=ttl))["ttl"] == shown


DEEP = json.loads('{"a":' * 200 + "1" + "}" * 200)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("Ttl", -1),
        ("Ttl", 2_419_201),
        ("Ttl", 1.5),
        ("Ttl", 1e300),
        ("Ttl", "soon"),
        ("Priority", "urgent"),
        ("Data", {"twi_x": 1}),
        ("Data", "[]"),
        ("Data", "{"),
        ("Data", DEEP),
        ("Fcm", {"to": "x"}),
        ("Gcm", {"registration_ids": []}),
        ("FacebookMessenger", {"recipient": "x"}),
        ("Identity", [f"{n}" for n in range(21)]),
        ("Tag", [f"{n}" for n in range(21)]),
    ],
)
async def test_what_notify_refuses(
    module: "Module", failed: "Failed", argument: str, value: Any
) -> None:
    """In its words; nothing is sent."""
    answer = await module("send", **{"Tag": "all", argument: value})
    failed(answer, "TwilioError", 400, CONVERT.format(argument))
    assert not module.caller.sandbox.tables.notify.notifications


async def test_recipients_that_notify_refuses(module: "Module", failed: "Failed") -> None:
    """None at all, two kinds together, one that is no JSON, too many."""
    text = "Missing required parameter: one of Identity, Tag, Segment, ToBinding"
    failed(await module("send", Body="Hi"), "TwilioError", 400, text)
    direct = {"binding_type": "sms", "address": YOU}
    text = "Direct notifications and query notifications can not be requested together"
    failed(await module("send", Tag="all", ToBinding=direct), "TwilioError", 400, text)
    answer = await module("send", ToBinding=["nonsense"])
    failed(answer, "TwilioError", 400, CONVERT.format("ToBinding"))
    answer = await module("send", ToBinding=[direct] * 10_001)
    failed(answer, "TwilioError", 400, "Too many recipients")


async def test_ten_thousand_recipients(module: "Module") -> None:
    """Are the most, in one call."""
    direct = [{"binding_type": "sms", "address": f"+1415{n:07d}"} for n in range(10_000)]
    made = await module.done("send", Body="Hi", Sms={"from": ME}, ToBinding=direct)
    assert made["sid"] in module.caller.sandbox.tables.notify.notifications


async def test_the_callback_goes_out(module: "Module") -> None:
    """`DeliveryCallbackUrl` is passed on; nothing leaves before the answer."""
    direct = {"binding_type": "sms", "address": YOU}
    made = await module.done(
        "send",
        Body="Hi",
        Sms={"from": ME},
        ToBinding=direct,
        DeliveryCallbackUrl="http://127.0.0.1:9/told",
    )
    [kept] = module.caller.sandbox.tables.notify.notifications.values()
    assert (kept.sid, kept.callback_url) == (made["sid"], "http://127.0.0.1:9/told")


@dataclass
class Asking:
    """What a request says of itself, where nothing of it matters."""

    origin: str = ""
    base_url: str = ""
    resource: str = ""

    unseen: None = None

    def authorize(self) -> None:
        """Everybody may."""

    def authorize_client(self, client_id: str, secret: str) -> Admission:
        """No client of OAuth is admitted here."""
        raise TwilioError(AUTHENTICATE)


async def test_the_service_is_deleted_while_the_arguments_are_read(module: "Module") -> None:
    """As if it had been deleted before: Notify's 20404, and nothing is left behind."""
    sandbox = module.caller.sandbox
    account = sandbox.accounts.find(DEFAULT_SID)
    assert account is not None
    kept = NotifyServices(sandbox).find(account, module.service)
    assert kept is not None
    call = Call("POST", "/send", "", "", "", b"", sandbox, account, {}, Asking())
    arguments = {"ServiceSid": module.service, "Body": "Ahoy", "Identity": "Bob"}
    sending = asyncio.create_task(send(call, arguments))
    await asyncio.sleep(0)
    assert not sending.done()
    await NotifyServices(sandbox).delete(kept)
    with pytest.raises(TwilioError) as refusal:
        await sending
    assert refusal.value.code == 20404
    assert (sandbox.tables.notify.notifications, sandbox.tables.notify.bindings) == ({}, {})
