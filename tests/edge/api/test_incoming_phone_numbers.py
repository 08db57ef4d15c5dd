"""`…/IncomingPhoneNumbers` over HTTP: what is answered, and to whom."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.numbers import Number, Service

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

NUMBERS = f"/2010-04-01/Accounts/{DEFAULT_SID}/IncomingPhoneNumbers"
NUMBER, URL = "+14155550123", "https://example.com/sms"
TESTER = Account("AC" + "7" * 32, "t" * 32, mode="test")
SUB = Account("AC" + "5" * 32, "s" * 32, owner_account_sid=DEFAULT_SID)

SETTINGS = {
    "FriendlyName": "Desk",
    "SmsUrl": URL,
    "SmsMethod": "GET",
    "SmsFallbackUrl": f"{URL}/2",
    "SmsFallbackMethod": "GET",
    "StatusCallback": f"{URL}/3",
    "StatusCallbackMethod": "GET",
    "VoiceUrl": f"{URL}/4",
    "VoiceMethod": "GET",
    "VoiceFallbackUrl": f"{URL}/5",
    "VoiceFallbackMethod": "GET",
    "VoiceCallerIdLookup": "true",
    "VoiceReceiveMode": "fax",
    "EmergencyStatus": "Active",
    "EmergencyAddressSid": "AD" + "1" * 32,
    "AddressSid": "AD" + "2" * 32,
    "IdentitySid": "RI" + "3" * 32,
    "BundleSid": "BU" + "4" * 32,
    "TrunkSid": "TK" + "5" * 32,
    "ApiVersion": "2008-08-01",
}


def snake(name: str) -> str:
    return "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in name).lstrip("_")


async def buy(api: "Caller", number: str = NUMBER, **form: str) -> Any:
    answer = await api.post({"PhoneNumber": number, **form}, f"{NUMBERS}.json")
    assert answer.status == 201, answer.body
    return answer.json


async def test_a_number_as_it_is_bought(api: "Caller") -> None:
    """Every field, with what is usual."""
    number = await buy(api)
    assert {
        name: number[name] for name in number if not name.startswith(("date", "sid", "uri"))
    } == {
        "account_sid": DEFAULT_SID,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "friendly_name": "(415) 555-0123",
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": NUMBER,
        "sms_application_sid": None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": "",
        "status_callback": "",
        "status_callback_method": "POST",
        "trunk_sid": None,
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": None,
        "voice_method": "POST",
        "voice_url": None,
        "voice_receive_mode": "voice",
        "status": "in-use",
        "bundle_sid": None,
        "type": "local",
    }
    assert number["uri"] == f"{NUMBERS}/{number['sid']}.json"


async def test_every_setting(api: "Caller") -> None:
    """Is taken at the purchase and at a change, and comes back."""
    bought = await buy(api, **SETTINGS)
    other = await buy(api, "+14155550124")
    changed = await api.post(SETTINGS, other["uri"])
    for number in (bought, changed.json):
        for name, value in SETTINGS.items():
            shown = number[snake(name)]
            assert (
                str(shown).lower() == value.lower()
                if name == "VoiceCallerIdLookup"
                else (shown == value)
            )
        assert number["emergency_address_status"] == "registered"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 21421),
        ({"PhoneNumber": "nonsense"}, 21421),
        ({"PhoneNumber": "+15005550006x"}, 21421),
        ({"AreaCode": "41"}, 21451),
        ({"AreaCode": "999"}, 21452),
        ({"PhoneNumber": NUMBER, "SmsUrl": "nowhere"}, 21402),
        ({"PhoneNumber": NUMBER, "StatusCallback": "ftp://a.b/"}, 21402),
        ({"PhoneNumber": NUMBER, "SmsMethod": "PUT"}, 21403),
        ({"PhoneNumber": NUMBER, "VoiceMethod": "get"}, 21403),
        ({"PhoneNumber": NUMBER, "VoiceFallbackUrl": URL}, 21405),
        ({"PhoneNumber": NUMBER, "SmsFallbackUrl": URL}, 21406),
        ({"PhoneNumber": "+447400123456", "VoiceCallerIdLookup": "true", **SETTINGS}, 21409),
        ({"PhoneNumber": NUMBER, "VoiceCallerIdLookup": "perhaps"}, 21409),
        ({"PhoneNumber": NUMBER, "SmsApplicationSid": "nonsense"}, 21420),
        ({"PhoneNumber": NUMBER, "SmsApplicationSid": "AP" + "a" * 32}, 21420),
        ({"PhoneNumber": NUMBER, "FriendlyName": "x" * 65}, 20002),
        ({"PhoneNumber": NUMBER, "TrunkSid": "nonsense"}, 20001),
        ({"PhoneNumber": NUMBER, "EmergencyStatus": "maybe"}, 20001),
        ({"PhoneNumber": "+441212345678"}, 21649),
        ({"PhoneNumber": "+46701234567"}, 21631),
        ({"PhoneNumber": "+41446681800"}, 21615),
    ],
)
async def test_refusals(api: "Caller", form: dict[str, str], code: int) -> None:
    """Each with its code, 400, and nothing bought."""
    answer = await api.post(form, f"{NUMBERS}.json")
    assert (answer.status, answer.code) == (400, code)
    assert (await api.get(f"{NUMBERS}.json")).json["incoming_phone_numbers"] == []


async def test_texts_of_refusals(api: "Caller") -> None:
    """As captured."""
    answer = await api.post({"PhoneNumber": "nonsense"}, f"{NUMBERS}.json")
    assert answer.json["message"] == "nonsense is not a valid number"
    await buy(api)
    answer = await api.post({"PhoneNumber": NUMBER}, f"{NUMBERS}.json")
    assert (answer.code, answer.json["message"]) == (21422, f"{NUMBER} is not available")


async def test_kinds(api: "Caller") -> None:
    """Each has a list and a counter of its own, without area codes."""
    local = await api.post({"PhoneNumber": NUMBER}, f"{NUMBERS}/Local.json")
    free = await api.post({"PhoneNumber": "+18005550199"}, f"{NUMBERS}/TollFree.json")
    papers = {"BundleSid": "BU" + "a" * 32, "AddressSid": "AD" + "a" * 32}
    mobile = await api.post({"PhoneNumber": "+447400123456", **papers}, f"{NUMBERS}/Mobile.json")
    assert [each.json["type"] for each in (local, free, mobile)] == ["local", "toll-free", "mobile"]
    for kind, bought in (("Local", local), ("TollFree", free), ("Mobile", mobile)):
        found = (await api.get(f"{NUMBERS}/{kind}.json")).json["incoming_phone_numbers"]
        assert found == [bought.json]
    assert (await api.post({"AreaCode": "415"}, f"{NUMBERS}/Local.json")).code == 21457
    wrong = await api.post({"PhoneNumber": "+18005550198"}, f"{NUMBERS}/Local.json")
    assert wrong.code == 21458


async def test_filters(api: "Caller") -> None:
    """By number, exact or with wildcards, by name and by origin."""
    tables = api.sandbox.tables
    for place, number in enumerate(("+14155550123", "+14155550124", "+15105550123", "12345")):
        name = "Desk" if number.startswith("+1510") else ""
        sid = f"{'SC' if number.isdigit() else 'PN'}{place:032x}"
        tables.numbers[number] = Number(number, DEFAULT_SID, sid=sid, friendly_name=name)

    async def found(**filters: str) -> list[str]:
        page = (await api.get(f"{NUMBERS}.json", **filters)).json
        return [each["phone_number"] for each in page["incoming_phone_numbers"]]

    everything = ["+15105550123", "+14155550124", "+14155550123"]
    assert await found() == await found(Beta="true") == await found(Origin="twilio") == everything
    assert await found(Origin="hosted") == []
    assert await found(PhoneNumber="+14155550123") == ["+14155550123"]
    assert await found(PhoneNumber="+1415555012*") == everything[1:]
    assert await found(PhoneNumber="510") == ["+15105550123"]
    assert await found(PhoneNumber="nobody") == []
    assert await found(FriendlyName="Desk") == ["+15105550123"]
    assert await found(FriendlyName="(415) 555-0124") == ["+14155550124"]


async def test_what_is_not_there(api: "Caller") -> None:
    """404 with 20404, for a short code too."""
    tables = api.sandbox.tables
    tables.numbers["12345"] = Number("12345", DEFAULT_SID, sid="SC" + "1" * 32)
    tables.numbers[NUMBER] = Number(NUMBER, "AC" + "9" * 32, sid="PN" + "9" * 32)
    for sid in ("SC" + "1" * 32, "PN" + "9" * 32, "PN" + "0" * 32, "nonsense"):
        for method in ("GET", "POST", "DELETE"):
            answer = await api.call(method, f"{NUMBERS}/{sid}.json", b"")
            assert (answer.status, answer.code) == (404, 20404)
            assert f"/IncomingPhoneNumbers/{sid}.json was not found" in answer.json["message"]


async def test_a_released_number(api: "Caller") -> None:
    """204, then 404; with strict senders it may not send any more."""
    number = await buy(api)
    api.sandbox.tables.services["MG" + "a" * 32] = Service("MG" + "a" * 32, DEFAULT_SID, (NUMBER,))
    assert (await api.call("DELETE", number["uri"])).status == 204
    assert (await api.get(number["uri"])).code == 20404
    assert api.sandbox.tables.services["MG" + "a" * 32].senders == ()


async def test_strict_senders_know_bought_numbers(serve: "Serve") -> None:
    """As long as they are owned."""
    api = await serve(strict_senders=True)
    assert (await api.create(From=NUMBER)).code == 21659
    number = await buy(api)
    assert (await api.create(From=NUMBER)).status == 201
    await api.call("DELETE", number["uri"])
    assert (await api.create(From=NUMBER)).code == 21659


async def test_numbers_of_the_seed(api: "Caller") -> None:
    """Are in the lists, as old as the sandbox, and can be changed."""
    api.sandbox.tables.numbers[NUMBER] = Number(NUMBER, DEFAULT_SID, sid="PN" + "1" * 32)
    [number] = (await api.get(f"{NUMBERS}.json")).json["incoming_phone_numbers"]
    assert number["date_created"] == number["date_updated"] != ""
    changed = (await api.post({"SmsUrl": URL}, number["uri"])).json
    assert (changed["sms_url"], changed["date_created"]) == (URL, number["date_created"])


async def test_a_number_goes_to_a_subaccount(serve: "Serve") -> None:
    """And is found there."""
    api = await serve(account=(Account(DEFAULT_SID, "0" * 28 + "2010"), SUB))
    number = await buy(api)
    moved = await api.post({"AccountSid": SUB.sid}, number["uri"])
    assert (moved.status, moved.json["account_sid"]) == (200, SUB.sid)
    assert moved.json["uri"].startswith(f"/2010-04-01/Accounts/{SUB.sid}/")
    assert (await api.get(number["uri"])).code == 20404
    assert (await api.get(moved.json["uri"])).json["sid"] == number["sid"]
    assert (await api.post({"AccountSid": "nonsense"}, moved.json["uri"])).code == 21470
    assert (await api.post({"AccountSid": "AC" + "1" * 32}, moved.json["uri"])).code == 21471


async def test_test_credentials(serve: "Serve") -> None:
    """May buy, and nothing else; nothing is kept."""
    api = await serve(account=(TESTER,))
    api.account, api.auth = TESTER.sid, f"{TESTER.sid}:{TESTER.auth_token}"
    numbers = f"/2010-04-01/Accounts/{TESTER.sid}/IncomingPhoneNumbers.json"
    bought = await api.post({"PhoneNumber": "+15005550006"}, numbers)
    assert (bought.status, bought.json["phone_number"]) == (201, "+15005550006")
    assert (await api.post({"PhoneNumber": "+15005550000"}, numbers)).code == 21422
    for path in (numbers, bought.json["uri"]):
        answer = await api.get(path)
        assert (answer.status, answer.code) == (403, 20008)
    assert api.sandbox.tables.numbers == {}


async def test_xml(api: "Caller") -> None:
    """Where the path has no `.json`."""
    await buy(api)
    answer = await api.get(NUMBERS)
    assert b"<IncomingPhoneNumber><AccountSid>" in answer.body
    assert b"<PhoneNumber>+14155550123</PhoneNumber>" in answer.body


TEXT = st.text(st.characters(codec="utf-8"), max_size=70)
FORM = st.dictionaries(
    st.sampled_from([*SETTINGS, "PhoneNumber", "AreaCode", "SmsApplicationSid", "AccountSid"]),
    TEXT | st.sampled_from([NUMBER, "415", URL, "GET", "", "true", "AC" + "a" * 32]),
    max_size=6,
)


@given(FORM)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_form(serve: "Serve", form: dict[str, str]) -> None:
    """Is taken, or refused with a 400: never a 500."""
    api = await serve()
    answer = await api.post(form, f"{NUMBERS}.json")
    assert answer.status == 201 or (answer.status == 400 and answer.code)
    number = Number(NUMBER, DEFAULT_SID, sid="PN" + "1" * 32)
    api.sandbox.tables.numbers[NUMBER] = number
    changed = await api.post(form, f"{NUMBERS}/{number.sid}.json")
    assert changed.status == 200 or (changed.status == 400 and changed.code)
