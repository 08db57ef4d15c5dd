"""What the official client is told, operation by operation, against the published descriptions."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft4Validator

if TYPE_CHECKING:
    from tests.contract.conftest import Exchange, MakeStage, Stage

FOLDER = Path(__file__).parents[3] / "shared/oai"
DESCRIPTIONS = {
    "api.twilio.com": "twilio_api_v2010.json",
    "messaging.twilio.com": "twilio_messaging_v1.json",
    "notify.twilio.com": "twilio_notify_v1.json",
}
"""Files by host."""

ME, YOU, SERVICE = "+15017122661", "+14155552671", "MG" + "a" * 32


class Published:
    """Twilio's description of one host; its `nullable` becomes what JSON Schema has for it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def judge(self, exchange: "Exchange") -> str:
        """Fail unless the answer is as described; the operation's id."""
        operation = self._operation(exchange)
        answer = operation["responses"][str(exchange.status_code)]
        if "content" not in answer:
            assert exchange.text == ""
            return str(operation["operationId"])
        schema = self._plain(answer["content"]["application/json"]["schema"])
        document = json.loads(exchange.text)
        Draft4Validator(schema).validate(document)
        assert set(document) == set(schema["properties"])
        return str(operation["operationId"])

    def _operation(self, exchange: "Exchange") -> Any:
        """What the path means: the one with the fewest placeholders that it fits."""
        path = urlsplit(exchange.url).path
        fitting = [
            template
            for template in self._document["paths"]
            if re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)), path)
        ]
        template = min(fitting, key=lambda each: each.count("{"))
        return self._document["paths"][template][exchange.method.lower()]

    def _plain(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._plain(self._document["components"]["schemas"][name])
        plain = {name: self._plain(part) for name, part in schema.items() if name != "nullable"}
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


@pytest.fixture(scope="module")
def published() -> dict[str, Published]:
    """The descriptions, by host."""
    if not FOLDER.exists():
        pytest.skip(f"the published descriptions are not here: {FOLDER.name}")
    return {
        host: Published(json.loads((FOLDER / name).read_text("utf-8")))
        for host, name in DESCRIPTIONS.items()
    }


# -- each operation, driven ------------------------------------------------------------------------


def messages(on: "Stage") -> Iterator[str]:
    """Every kind of message; created, fetched, listed, and what else is done to one."""
    create = on.client.messages.create
    at = datetime.now(UTC) + timedelta(hours=1)
    made = [
        create(**{"to": YOU, "from_": ME, "body": "Ahoy", **form})
        for form in (
            {},
            {"to": "+15005560003"},
            {"to": "+15005560001"},
            {"to": "whatsapp:+15005568001", "from_": f"whatsapp:{ME}"},
            {"from_": SERVICE},
            {"media_url": ["https://example.com/a.png"]},
            {"to": "+442071838750", "from_": "ACME", "send_as_mms": True},
            {"from_": SERVICE, "schedule_type": "fixed", "send_at": at},
        )
    ]
    yield "CreateMessage"
    on.advance(until="idle")
    for message in made:
        message.fetch()
    yield "FetchMessage"
    assert len(on.client.messages.list(to=YOU, date_sent_after=at + timedelta(days=2))) == 0
    assert len(on.client.messages.list(page_size=3)) == len(made)
    yield "ListMessage"
    made[-1].update(status="canceled")
    made[0].update(body="")
    yield "UpdateMessage"
    for outcome in ("confirmed", "unconfirmed"):
        on.client.messages(made[0].sid).feedback.create(outcome=outcome)
    yield "CreateMessageFeedback"
    assert made[0].delete() is True
    yield "DeleteMessage"


def media(on: "Stage") -> Iterator[str]:
    """Listed, fetched, deleted; pages that are empty as well."""
    urls = [f"https://example.com/{name}.png" for name in "abc"]
    message = on.client.messages.create(to=YOU, from_=ME, media_url=urls)
    yield "CreateMessage"
    assert message.media.list() == []
    on.advance(until="idle")
    found = message.media.list(page_size=2)
    assert len(found) == 3
    yield "ListMedia"
    found[0].fetch()
    yield "FetchMedia"
    assert found[0].delete() is True
    yield "DeleteMedia"


def services(on: "Stage") -> Iterator[str]:
    """With a name alone, and with everything."""
    kept = on.client.messaging.v1.services
    assert kept.list() == []
    plain = kept.create(friendly_name="Plain")
    whole = kept.create(
        friendly_name="Whole",
        inbound_request_url="https://example.com/in",
        inbound_method="GET",
        fallback_url="https://example.com/fallback",
        fallback_method="GET",
        status_callback="https://example.com/status",
        sticky_sender=False,
        mms_converter=False,
        smart_encoding=False,
        scan_message_content="disable",
        fallback_to_long_code=False,
        area_code_geomatch=False,
        validity_period=600,
        synchronous_validation=False,
        usecase="notifications",
        use_inbound_webhook_on_number=True,
    )
    yield "CreateService"
    assert (whole.fetch().validity_period, plain.fetch().sticky_sender) == (600, True)
    yield "FetchService"
    assert {each.sid for each in kept.list(page_size=1)} == {plain.sid, whole.sid}
    yield "ListService"
    assert whole.update(inbound_request_url="").inbound_request_url is None
    yield "UpdateService"
    assert plain.delete() is True
    yield "DeleteService"


def notify_services(on: "Stage") -> Iterator[str]:
    """With nothing, and with everything."""
    kept = on.client.notify.v1.services
    assert kept.list() == []
    plain = kept.create()
    credential = "CR" + "a" * 32
    whole = kept.create(
        friendly_name="Whole",
        apn_credential_sid=credential,
        gcm_credential_sid=credential,
        fcm_credential_sid=credential,
        messaging_service_sid=SERVICE,
        facebook_messenger_page_id="4",
        alexa_skill_id="skill",
        default_apn_notification_protocol_version="1",
        default_gcm_notification_protocol_version="2",
        default_fcm_notification_protocol_version="4",
        default_alexa_notification_protocol_version="5",
        log_enabled=False,
        delivery_callback_url="https://example.com/delivered",
        delivery_callback_enabled=True,
    )
    yield "CreateService"
    assert (whole.fetch().facebook_messenger_page_id, plain.fetch().log_enabled) == ("4", True)
    yield "FetchService"
    assert [each.sid for each in kept.list(page_size=1)] == [whole.sid, plain.sid]
    assert [each.sid for each in kept.list(friendly_name="Whole")] == [whole.sid]
    yield "ListService"
    assert whole.update(friendly_name="Other").default_alexa_notification_protocol_version == "5"
    yield "UpdateService"
    assert plain.delete() is True
    yield "DeleteService"


def notify_bindings(on: "Stage") -> Iterator[str]:
    """On every channel; with what is seldom given, and without."""
    service = on.client.notify.v1.services.create()
    yield "CreateService"
    bindings = service.bindings
    made = [
        bindings.create(identity="Bob", binding_type=channel, address=f"to {channel}", tag=["x"])
        for channel in ("apn", "gcm", "sms", "fcm", "facebook-messenger", "alexa")
    ]
    whole = bindings.create(
        identity="Eve",
        binding_type="fcm",
        address="token",
        tag=["x", "preferred device"],
        notification_protocol_version="4",
        credential_sid="CR" + "a" * 32,
        endpoint="Eve's phone",
    )
    yield "CreateBinding"
    assert whole.fetch().tags == ["x", "preferred device"]
    yield "FetchBinding"
    assert [each.sid for each in bindings.list(page_size=3)] == [
        each.sid for each in (whole, *reversed(made))
    ]
    today = made[0].date_created.date()
    found = bindings.list(tag=["x", "fcm"], identity=["Bob", "Eve"], start_date=today)
    assert {each.sid for each in found} == {whole.sid, made[3].sid}
    assert bindings.list(end_date=today - timedelta(days=2)) == []
    yield "ListBinding"
    assert made[0].delete() is True
    yield "DeleteBinding"


def notify_credentials(on: "Stage") -> Iterator[str]:
    """Of each push service."""
    kept = on.client.notify.v1.credentials
    apn = kept.create(type="apn", certificate="-----", private_key="-----", sandbox=True)
    made = [apn, kept.create(type="gcm", api_key="x"), kept.create(type="fcm", secret="y")]
    yield "CreateCredential"
    assert [each.fetch().sandbox for each in made] == ["True", None, None]
    yield "FetchCredential"
    assert len(kept.list(page_size=2)) == 3
    yield "ListCredential"
    assert apn.update(friendly_name="mine", sandbox=False).sandbox == "False"
    yield "UpdateCredential"
    assert apn.delete() is True
    yield "DeleteCredential"


def notify_notifications(on: "Stage") -> Iterator[str]:
    """With next to nothing, and with everything."""
    service = on.client.notify.v1.services.create(messaging_service_sid=SERVICE)
    yield "CreateService"
    create = service.notifications.create
    create(to_binding=[json.dumps({"binding_type": "sms", "address": YOU})])
    create(
        identity=["Bob"],
        tag=["all", "sms"],
        segment=["VIP"],
        body="B",
        title="T",
        sound="S",
        action="A",
        priority="low",
        ttl=0,
        data=json.dumps({"k": [1]}),
        apn=json.dumps({"aps": {"badge": 1}}),
        fcm=json.dumps({"notification": {}}),
        gcm=json.dumps({"collapse_key": "x"}),
        sms=json.dumps({"body": "x", "media_urls": ["https://example.com/a.png"]}),
        facebook_messenger=json.dumps({"message": {}}),
        alexa=json.dumps({"request": {}}),
        delivery_callback_url="https://example.com/delivered",
    )
    on.advance(until="idle")
    yield "CreateNotification"


DRIVERS = [
    *(messages, media, services),
    *(notify_services, notify_bindings, notify_credentials, notify_notifications),
]


@pytest.mark.parametrize("drive", DRIVERS)
def test_every_answer(stage: "MakeStage", published: dict[str, Published], drive: Any) -> None:
    """Status, fields and types are the described ones; and every operation was asked."""
    on = stage()
    driven = set(drive(on))
    judged = {
        published[urlsplit(each.url).netloc].judge(each)
        for each in on.http.exchanges
        if each.status_code < 400
    }
    assert judged == driven
    assert {each.status_code for each in on.http.exchanges} <= {200, 201, 204}
