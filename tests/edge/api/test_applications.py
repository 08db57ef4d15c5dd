"""`…/Applications` over HTTP, and messages that name one."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.applications import Application
from mockserver.domain.numbers import Service

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve, Webhook

APPLICATIONS = f"/2010-04-01/Accounts/{DEFAULT_SID}/Applications"
NUMBERS = f"/2010-04-01/Accounts/{DEFAULT_SID}/IncomingPhoneNumbers"
URL, UNKNOWN = "https://example.com/x", "AP" + "0" * 32
METHODS = ("SmsMethod", "SmsFallbackMethod", "VoiceMethod", "VoiceFallbackMethod")
URLS = (
    *("SmsUrl", "SmsFallbackUrl", "SmsStatusCallback", "MessageStatusCallback"),
    *("VoiceUrl", "VoiceFallbackUrl", "StatusCallback"),
)


async def make(api: "Caller", **form: str) -> Any:
    answer = await api.post(form, f"{APPLICATIONS}.json")
    assert answer.status == 201, answer.body
    return answer.json


async def test_an_application_of_which_nothing_is_said(api: "Caller") -> None:
    """What is usual."""
    made = await make(api)
    assert (made["friendly_name"], made["sms_url"], made["sms_method"]) == (None, None, "POST")
    assert (made["api_version"], made["voice_caller_id_lookup"]) == ("2010-04-01", False)
    assert made["uri"] == f"{APPLICATIONS}/{made['sid']}.json"
    assert (await api.get(made["uri"])).json == made


async def test_every_setting(api: "Caller") -> None:
    """Is taken at the making and at a change."""
    form = {
        "FriendlyName": "Mine",
        "VoiceCallerIdLookup": "true",
        "PublicApplicationConnectEnabled": "true",
        **{name: f"{URL}/{name}" for name in URLS},
        **dict.fromkeys((*METHODS, "StatusCallbackMethod"), "GET"),
    }
    made, plain = await make(api, **form), await make(api)
    changed = (await api.post(form, plain["uri"])).json
    for shown in (made, changed):
        assert shown["friendly_name"] == "Mine"
        assert (
            shown["voice_caller_id_lookup"] is shown["public_application_connect_enabled"] is True
        )
        assert {shown[name] for name in shown if name.endswith("_method")} == {"GET"}
        assert shown["message_status_callback"] == f"{URL}/MessageStatusCallback"
        assert sum(str(value).startswith(URL) for value in shown.values()) == len(URLS)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"SmsUrl": "nowhere"}, 21402),
        ({"MessageStatusCallback": "ftp://a.b/"}, 21402),
        ({"SmsMethod": "PUT"}, 21403),
        ({"FriendlyName": "x" * 65}, 20002),
        ({"ApiVersion": "2020"}, 20001),
        ({"VoiceCallerIdLookup": "perhaps"}, 20001),
    ],
)
async def test_refusals(api: "Caller", form: dict[str, str], code: int) -> None:
    """Each with its code, 400."""
    made = await make(api)
    for path in (f"{APPLICATIONS}.json", made["uri"]):
        answer = await api.post(form, path)
        assert (answer.status, answer.code) == (400, code)


async def test_lists(api: "Caller") -> None:
    """Newest first, by name where one is given, a page at a time."""
    sids = [(await make(api, FriendlyName=name))["sid"] for name in ("a", "b", "a")]
    page = (await api.get(f"{APPLICATIONS}.json")).json
    assert [each["sid"] for each in page["applications"]] == sids[::-1]
    named = (await api.get(f"{APPLICATIONS}.json", FriendlyName="a", PageSize="1")).json
    assert [each["sid"] for each in named["applications"]] == sids[2:]
    rest = (await api.get(named["next_page_uri"])).json
    assert [each["sid"] for each in rest["applications"]] == sids[:1]
    assert rest["next_page_uri"] is None


async def test_a_deleted_application(api: "Caller") -> None:
    """204, then 404; numbers that pointed to it point nowhere."""
    made = await make(api)
    form = {"PhoneNumber": "+14155550123", "SmsApplicationSid": made["sid"]}
    number = (await api.post(form, f"{NUMBERS}.json")).json
    assert number["sms_application_sid"] == made["sid"]
    assert (await api.call("DELETE", made["uri"])).status == 204
    assert (await api.get(made["uri"])).code == 20404
    assert (await api.get(number["uri"])).json["sms_application_sid"] is None


# Messages


async def test_the_status_of_messages_goes_to_their_application(
    api: "Caller", webhook: "Webhook"
) -> None:
    """The request's own URL comes first, the service's last."""
    own, service = f"{webhook.url}/own", "MG" + "a" * 32
    made = await make(api, MessageStatusCallback=f"{webhook.url}/application")
    api.sandbox.tables.services[service] = Service(
        service, DEFAULT_SID, ("+15017122661",), f"{webhook.url}/service"
    )
    named = {"ApplicationSid": made["sid"]}
    through = {"MessagingServiceSid": service, "From": "-"}
    urls = []
    for form in (named, {**named, **through}, through, {**named, "StatusCallback": own}):
        assert (await api.create(**form)).status == 201
        await api.settled()
        urls.append({entry.url for entry in api.callbacks})
        api.sandbox.journal.callbacks.clear()
    last = [url.rpartition("/")[2] for [url] in urls]
    assert last == ["application", "application", "service", "own"]


async def test_an_application_that_is_not_known(serve: "Serve") -> None:
    """21218 with strict senders; else nobody is told of the message."""
    lax, strict = await serve(), await serve(strict_senders=True)
    assert (await lax.create(ApplicationSid=UNKNOWN)).status == 201
    assert lax.callbacks == []
    assert (await strict.create(ApplicationSid=UNKNOWN)).code == 21218


async def test_an_application_of_somebody_else(api: "Caller") -> None:
    """21218, whether senders are strict or not."""
    api.sandbox.tables.applications[UNKNOWN] = Application(UNKNOWN, "AC" + "9" * 32)
    assert (await api.create(ApplicationSid=UNKNOWN)).code == 21218
    assert (await api.get(f"{APPLICATIONS}/{UNKNOWN}.json")).code == 20404
