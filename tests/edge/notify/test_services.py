"""`notify.twilio.com/v1/Services`: make, fetch, change, delete."""

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.message import SECOND
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

ROOT = "/v1/Services"
CR, MG = "CR" + "a" * 32, "MG" + "a" * 32

EVERYTHING: Final = {
    "FriendlyName": "é✓ \U0001f600",
    "ApnCredentialSid": CR,
    "GcmCredentialSid": CR,
    "FcmCredentialSid": CR,
    "MessagingServiceSid": MG,
    "FacebookMessengerPageId": "4",
    "AlexaSkillId": "skill",
    "DefaultApnNotificationProtocolVersion": "1",
    "DefaultGcmNotificationProtocolVersion": "2",
    "DefaultFcmNotificationProtocolVersion": "4",
    "DefaultAlexaNotificationProtocolVersion": "5",
    "LogEnabled": "False",
    "DeliveryCallbackUrl": "Hello",
    "DeliveryCallbackEnabled": "True",
}
"""A value for each parameter, none of them its default; flags as SDK 6 writes them."""


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:]


async def test_a_service_with_nothing_said(notify: "Caller") -> None:
    """201 with every default; byte for byte as Twilio writes JSON."""
    answer = await notify.post({}, ROOT)
    assert (answer.status, answer.reason) == (201, "CREATED")
    service = answer.json
    url = f"https://notify.twilio.com/v1/Services/{service['sid']}"
    assert service == {
        "sid": service["sid"],
        "account_sid": DEFAULT_SID,
        "friendly_name": None,
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "apn_credential_sid": None,
        "gcm_credential_sid": None,
        "fcm_credential_sid": None,
        "messaging_service_sid": None,
        "facebook_messenger_page_id": None,
        "alexa_skill_id": None,
        "default_apn_notification_protocol_version": "3",
        "default_gcm_notification_protocol_version": "3",
        "default_fcm_notification_protocol_version": "3",
        "default_alexa_notification_protocol_version": "3",
        "log_enabled": True,
        "delivery_callback_url": None,
        "delivery_callback_enabled": False,
        "url": url,
        "links": {
            "bindings": f"{url}/Bindings",
            "notifications": f"{url}/Notifications",
            "segments": f"{url}/Segments",
            "users": f"{url}/Users",
        },
    }
    assert list(service) == load("notify/v1/Service")["required"]
    assert answer.body == json.dumps(service).encode()
    assert answer.header("X-API-Domain") == "notify.twilio.com"
    assert notify.journal[-1].warnings == []


async def test_every_parameter(notify: "Caller") -> None:
    """Is taken by create and update, and shown by create, fetch and list."""
    service = await notify.made(EVERYTHING, ROOT)
    told = {"False": False, "True": True}
    for name, value in EVERYTHING.items():
        assert service[snake(name)] == told.get(value, value)
    assert (await notify.get(f"{ROOT}/{service['sid']}")).json == service
    assert (await notify.get(ROOT)).json["services"] == [service]
    other = await notify.made({}, ROOT)
    updated = (await notify.post(EVERYTHING, other["url"].partition(".com")[2])).json
    differing = {"sid", "url", "links"}
    assert {k: v for k, v in updated.items() if k not in differing} == {
        k: v for k, v in service.items() if k not in differing
    }


async def test_update(notify: "Caller") -> None:
    """What is given changes, an empty value takes away; the rest stays."""
    service = await notify.made(EVERYTHING, ROOT)
    path = f"{ROOT}/{service['sid']}"
    engine = notify.sandbox.engine
    await engine.advance(engine.clock.now() + 90 * SECOND)
    answer = await notify.post({"MessagingServiceSid": "", "DeliveryCallbackUrl": ""}, path)
    assert answer.status == 200
    assert answer.json == {
        **service,
        "messaging_service_sid": None,
        "delivery_callback_url": None,
        "date_updated": "2026-12-01T00:01:30Z",
    }


async def test_delete(notify: "Caller") -> None:
    """204 without a body; then it is unknown, and so is all that was in it."""
    path = f"{ROOT}/{(await notify.made({}, ROOT))['sid']}"
    form = {"Identity": "Bob", "BindingType": "sms", "Address": "+14155552671"}
    binding = await notify.made(form, f"{path}/Bindings")
    answer = await notify.call("DELETE", path)
    assert (answer.status, answer.body) == (204, b"")
    for gone in (path, f"{path}/Bindings", f"{path}/Bindings/{binding['sid']}", f"{path}/Users"):
        (await notify.get(gone)).refused(404, 20404)


@pytest.mark.parametrize(
    ("form", "code", "message"),
    [
        ({"FriendlyName": "x" * 65}, 20002, "Invalid FriendlyName"),
        ({"FriendlyName": ""}, 20002, "Invalid FriendlyName"),
        *(
            ({name: value}, 20001, name)
            for name, value in (
                ("ApnCredentialSid", "CR"),
                ("GcmCredentialSid", MG),
                ("FcmCredentialSid", CR + "0"),
                ("MessagingServiceSid", CR),
                ("LogEnabled", "yes"),
                ("DeliveryCallbackEnabled", "1"),
            )
        ),
    ],
)
async def test_refusals(notify: "Caller", form: dict[str, Any], code: int, message: str) -> None:
    """Of create and update alike; nothing is made or changed."""
    service = await notify.made({}, ROOT)
    path = f"{ROOT}/{service['sid']}"
    convert = "Can not convert incoming parameters to Service object: Parameter '{}' is invalid"
    text = message if code == 20002 else convert.format(message)
    for where in (ROOT, path):
        (await notify.post(form, where)).refused(400, code, text)
    assert (await notify.get(ROOT)).json["services"] == [service]


async def test_a_name_of_64_characters(notify: "Caller") -> None:
    """Is the longest, whatever characters these are."""
    assert (await notify.made({"FriendlyName": "é" * 64}, ROOT))["friendly_name"] == "é" * 64


async def test_by_name(notify: "Caller") -> None:
    """The list can be narrowed to an exact name."""
    one = await notify.made({"FriendlyName": "One"}, ROOT)
    await notify.made({"FriendlyName": "one"}, ROOT)
    answer = await notify.get(ROOT, FriendlyName="One")
    assert answer.json["services"] == [one]
    assert answer.json["meta"]["url"].endswith("/v1/Services?FriendlyName=One&PageSize=50&Page=0")


async def test_whose(notify: "Caller") -> None:
    """Another account sees nothing of it."""
    service = await notify.made({}, ROOT)
    notify.account = "AC" + "5" * 32
    notify.auth = f"{notify.account}:token"
    (await notify.get(f"{ROOT}/{service['sid']}")).refused(404, 20404)
    assert (await notify.get(ROOT)).json["services"] == []
