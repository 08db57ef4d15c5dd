"""`…/SMS/ShortCodes` over HTTP."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.numbers import Number

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

CODES = f"/2010-04-01/Accounts/{DEFAULT_SID}/SMS/ShortCodes"
SID, URL = "SC" + "1" * 32, "https://example.com/sms"


@pytest.fixture
def coded(api: "Caller") -> "Caller":
    """An account with two short codes and a number."""
    numbers = (
        Number("99990", DEFAULT_SID, sid=SID),
        Number("12345", DEFAULT_SID, sid="SC" + "2" * 32, friendly_name="Alerts"),
        Number("+14155550123", DEFAULT_SID, sid="PN" + "3" * 32),
        Number("77777", "AC" + "9" * 32, sid="SC" + "4" * 32),
    )
    api.sandbox.tables.numbers |= {number.phone_number: number for number in numbers}
    return api


async def test_a_short_code(coded: "Caller") -> None:
    """Every field."""
    code = (await coded.get(f"{CODES}/{SID}.json")).json
    assert {name: value for name, value in code.items() if not name.startswith("date")} == {
        "account_sid": DEFAULT_SID,
        "api_version": "2010-04-01",
        "friendly_name": "99990",
        "short_code": "99990",
        "sid": SID,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_url": None,
        "uri": f"{CODES}/{SID}.json",
    }


async def test_filters(coded: "Caller") -> None:
    """By code and by name; numbers, and the codes of others, are not there."""

    async def found(**filters: str) -> list[str]:
        page = (await coded.get(f"{CODES}.json", **filters)).json
        return [each["short_code"] for each in page["short_codes"]]

    assert await found() == ["12345", "99990"]
    assert await found(ShortCode="99990") == ["99990"]
    assert await found(FriendlyName="Alerts") == ["12345"]
    assert await found(FriendlyName="Alerts", ShortCode="99990") == []


async def test_a_change(coded: "Caller") -> None:
    """Of what is given."""
    form = {"FriendlyName": "Alarm", "SmsUrl": URL, "SmsMethod": "GET", "SmsFallbackUrl": URL}
    code = (await coded.post(form, f"{CODES}/{SID}.json")).json
    assert (code["friendly_name"], code["sms_url"], code["sms_method"]) == ("Alarm", URL, "GET")
    assert coded.sandbox.tables.numbers["99990"].sms_url == URL


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"SmsUrl": "nowhere"}, 21402),
        ({"SmsMethod": "PUT"}, 21403),
        ({"SmsFallbackUrl": URL}, 21406),
        ({"FriendlyName": "x" * 65}, 20002),
        ({"ApiVersion": "2020"}, 20001),
    ],
)
async def test_refusals(coded: "Caller", form: dict[str, str], code: int) -> None:
    """Each with its code, 400."""
    answer = await coded.post(form, f"{CODES}/{SID}.json")
    assert (answer.status, answer.code) == (400, code)


async def test_what_is_not_there(coded: "Caller") -> None:
    """404 for numbers and for others' codes; there is no making and no deleting: 405."""
    for sid in ("PN" + "3" * 32, "SC" + "4" * 32, "SC" + "0" * 32):
        assert (await coded.get(f"{CODES}/{sid}.json")).code == 20404
    assert (await coded.call("DELETE", f"{CODES}/{SID}.json")).code == 20004
    assert (await coded.post({"ShortCode": "1"}, f"{CODES}.json")).code == 20004
