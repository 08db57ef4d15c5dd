"""`POST /v1/Services/{IS}/Notifications`: what is accepted, and what is refused."""

import asyncio
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.errors import AUTHENTICATE, TwilioError
from mockserver.domain.forms import encode_form
from mockserver.domain.notify.limits import ENTITY, RECIPIENTS
from mockserver.edge.http.auth import Admission
from mockserver.edge.http.call import Call
from mockserver.edge.http.forms import FORM
from mockserver.edge.notify.notifications import create
from mockserver.world.notify.services import NotifyServices
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Answer
    from tests.edge.notify.conftest import AtNotify, Service

YOU = "+14155552671"


def binding(address: str = YOU, channel: str = "sms") -> str:
    return json.dumps({"binding_type": channel, "address": address})


async def notified(service: "Service", *pairs: tuple[str, str], **form: str) -> "Answer":
    asked = [*pairs, *form.items()]
    return await service.caller.post(asked, f"{service.path}/Notifications")


async def test_with_nothing_but_a_recipient(service: "Service") -> None:
    """All members are there; what was not given is null, or empty."""
    answer = await notified(service, ToBinding=binding())
    assert answer.status == 201
    document = answer.json
    assert document.pop("sid").startswith("NT")
    assert document.pop("date_created") == "2026-12-01T00:00:00Z"
    assert document == {
        "account_sid": service.document["account_sid"],
        "service_sid": service.sid,
        **{key: [] for key in ("identities", "tags", "segments")},
        "priority": "high",
        "ttl": 2_419_200,
        **dict.fromkeys(("title", "body", "sound", "action", "data")),
        **dict.fromkeys(("apn", "fcm", "gcm", "sms", "facebook_messenger", "alexa")),
    }


async def test_with_everything(service: "Service") -> None:
    """Lists under their plural names, payloads as objects, numbers as numbers."""
    payloads: dict[str, Any] = {
        "Data": {"k": [1, None, "é"]},
        "Apn": {"aps": {"badge": 1}},
        "Fcm": {"notification": {"title": "x"}},
        "Gcm": {"collapse_key": "x"},
        "Sms": {"body": "x"},
        "FacebookMessenger": {"message": {"text": "x"}},
        "Alexa": {"request": {}},
    }
    words = {"Title": "T", "Body": "B", "Sound": "S", "Action": "A"}
    answer = await notified(
        service,
        *(("Identity", each) for each in ("Bob", "Eve")),
        *(("Tag", each) for each in ("preferred device", "all")),
        ("Segment", "VIP"),
        **words,
        **{name: json.dumps(each) for name, each in payloads.items()},
        Priority="low",
        Ttl="0",
    )
    assert answer.status == 201
    document = answer.json
    assert document["identities"] == ["Bob", "Eve"]
    assert document["tags"] == ["preferred device", "all"]
    assert (document["segments"], document["priority"], document["ttl"]) == (["VIP"], "low", 0)
    assert [document[name.lower()] for name in words] == list(words.values())
    names = ("data", "apn", "fcm", "gcm", "sms", "facebook_messenger", "alexa")
    assert [document[name] for name in names] == list(payloads.values())


async def test_it_is_answered_before_anybody_is_written_to(service: "Service") -> None:
    """On a clock that stands still, nothing happens until it goes on."""
    sandbox = service.caller.sandbox
    await notified(service, ToBinding=binding("token", "fcm"), Body="Ahoy")
    assert sandbox.tables.notify.deliveries == []
    await sandbox.engine.advance(sandbox.clock.now())
    assert [each.address for each in sandbox.tables.notify.deliveries] == ["token"]


async def test_it_is_held_until_it_is_answered(service: "Service") -> None:
    """And no longer."""
    await notified(service, ToBinding=binding(), Body="Ahoy")
    await service.caller.settled()
    assert service.caller.sandbox.outbox.held == set()


async def test_as_old_clients_write_it(service: "Service") -> None:
    """With `.json` behind the path, and booleans' and clients' own parameters ignored."""
    answer = await service.caller.post(
        {"Identity": "Bob", "Mood": "x"}, f"{service.path}/Notifications.json"
    )
    assert answer.status == 201
    assert "`Mood` is not a parameter" in service.caller.journal[-1].warnings[0]
    assert service.caller.journal[-1].operation == "notify.v1.CreateNotification"


@pytest.mark.parametrize(
    ("form", "parameter"),
    [
        ({"Ttl": "2419201"}, "Ttl"),
        ({"Ttl": "-1"}, "Ttl"),
        ({"Ttl": "soon"}, "Ttl"),
        ({"Priority": "middle"}, "Priority"),
        ({"Data": "{"}, "Data"),
        ({"Data": "[]"}, "Data"),
        ({"Data": '{"twi_x": 1}'}, "Data"),
        ({"Apn": '{"twi_x": 1}'}, "Apn"),
        ({"Fcm": '{"to": "x"}'}, "Fcm"),
        ({"Fcm": '{"condition": "x"}'}, "Fcm"),
        ({"Gcm": '{"notification_key": "x"}'}, "Gcm"),
        ({"FacebookMessenger": '{"recipient": {}}'}, "FacebookMessenger"),
        ({"Sms": '{"body": 1}'}, "Sms"),
        ({"Alexa": "x"}, "Alexa"),
    ],
)
async def test_what_makes_no_notification(
    service: "Service", form: dict[str, str], parameter: str
) -> None:
    """Is named; nobody is written to, and nothing is kept."""
    said = "Can not convert incoming parameters to Notification object: Parameter"
    answer = await notified(service, **{"Identity": "Bob", **form})
    answer.refused(400, 20001, f"{said} '{parameter}' is invalid")
    assert service.caller.sandbox.tables.notify.notifications == {}


@pytest.mark.parametrize(
    "text",
    [
        "binding_type",
        "{",
        "[]",
        "null",
        '{"binding_type": "sms"}',
        '{"address": "+1"}',
        '{"binding_type": "fax", "address": "1"}',
        '{"binding_type": "sms", "address": 1}',
        "",
    ],
)
async def test_a_binding_that_is_none(service: "Service", text: str) -> None:
    """Refuses all of it: so does a dict that the library was given, which sends its keys."""
    answer = await notified(service, ("ToBinding", binding()), ("ToBinding", text))
    answer.refused(
        400,
        20001,
        "Can not convert incoming parameters to Notification object: "
        "Parameter 'ToBinding' is invalid",
    )


@pytest.mark.parametrize("parameter", ["Identity", "Tag", "Segment"])
async def test_direct_or_chosen(service: "Service", parameter: str) -> None:
    """Not both."""
    answer = await notified(service, ToBinding=binding(), **{parameter: "x"})
    said = "Direct notifications and query notifications can not be requested together"
    answer.refused(400, 20001, said)


async def test_to_nobody_at_all(service: "Service") -> None:
    """Is no request."""
    answer = await notified(service, Body="Ahoy")
    said = "Missing required parameter: one of Identity, Tag, Segment, ToBinding"
    answer.refused(400, 20001, said)


@pytest.mark.parametrize("parameter", ["Tag", "Identity"])
async def test_twenty_and_one_more(service: "Service", parameter: str) -> None:
    """Twenty are allowed."""
    pairs = [(parameter, f"{number}") for number in range(21)]
    assert (await notified(service, *pairs[:20])).status == 201
    (await notified(service, *pairs)).refused(400, 20001)


async def test_ten_thousand_and_one_more(service: "Service") -> None:
    """The limit of recipients binds before that of bytes; nobody is written to."""
    pairs = [("ToBinding", binding(f"+1415{n:07d}")) for n in range(RECIPIENTS + 1)]
    (await notified(service, *pairs)).refused(400, 52302, "Too many recipients")
    answer = await notified(service, *pairs[:-1])
    assert answer.status == 201
    told = service.caller.sandbox.tables.notify.notifications[answer.json["sid"]]
    assert len(told.ask.recipients) == RECIPIENTS


@pytest.mark.parametrize("packed", [False, True])
async def test_a_megabyte_and_one_byte_more(service: "Service", packed: bool) -> None:
    """Of the form, however it was packed."""
    form = b"Identity=Bob&Body="
    for length, status in ((ENTITY, 201), (ENTITY + 1, 413)):
        body = form + b"a" * (length - len(form))
        headers = {"Content-Encoding": "gzip" if packed else "identity"}
        sent = gzip.compress(body) if packed else body
        path = f"{service.path}/Notifications"
        answer = await service.caller.call("POST", path, sent, headers)
        assert answer.status == status
    answer.refused(413, 20413, "Request Entity Too Large")


async def test_a_service_of_somebody_else(service: "Service") -> None:
    """Is not there."""
    other = "AC" + "7" * 32
    service.caller.account, service.caller.auth = other, f"{other}:token"
    answer = await notified(service, Identity="Bob")
    path = f"{service.path[3:]}/Notifications"
    answer.refused(404, 20404, f"The requested resource {path} was not found")


async def test_a_call_that_shall_fail(at_notify: "AtNotify") -> None:
    """By a rule, like any other; and then it goes through."""
    caller = await at_notify()
    rule = {"when": {"operation": "notify.v1.CreateNotification"}, "then": {"error": 20429}}
    scenario = from_document({"name": "x", "faults": [{**rule, "times": 1}]})
    caller.sandbox.regime.put(scenario, Unit())
    made = await caller.made({}, "/v1/Services")
    path = f"/v1/Services/{made['sid']}/Notifications"
    assert (await caller.post({"Identity": "Bob"}, path)).code == 20429
    assert (await caller.post({"Identity": "Bob"}, path)).status == 201


@dataclass
class Asking:
    """What a request says of itself, where only its path matters."""

    resource: str
    origin: str = ""
    base_url: str = ""

    unseen: None = None

    def authorize(self) -> None:
        """Everybody may."""

    def authorize_client(self, client_id: str, secret: str) -> Admission:
        """No client of OAuth is admitted here."""
        raise TwilioError(AUTHENTICATE)


@pytest.mark.parametrize("end", ["delete", "reset"])
async def test_the_service_is_deleted_while_the_request_is_read(
    service: "Service", end: str
) -> None:
    """As if it had been deleted before: 20404, and nothing is left behind."""
    sandbox = service.caller.sandbox
    account = sandbox.accounts.find(service.document["account_sid"])
    assert account is not None
    kept = NotifyServices(sandbox).find(account, service.sid)
    assert kept is not None
    body = encode_form([("Body", "Ahoy"), ("Identity", "Bob")])
    params, asking = {"ServiceSid": service.sid}, Asking(service.path)
    call = Call("POST", service.path, "", FORM, "", body.encode(), sandbox, account, params, asking)
    creating = asyncio.create_task(create(call))
    await asyncio.sleep(0)
    assert not creating.done()
    if end == "delete":
        await NotifyServices(sandbox).delete(kept)
    else:
        sandbox.reset()
    with pytest.raises(TwilioError) as refusal:
        await creating
    assert refusal.value.code == 20404
    tables = sandbox.tables.notify
    assert (tables.notifications, tables.bindings) == ({}, {})
