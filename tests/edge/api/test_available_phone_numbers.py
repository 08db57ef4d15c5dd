"""`…/AvailablePhoneNumbers` over HTTP."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.market import KINDS, countries

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

BASE = f"/2010-04-01/Accounts/{DEFAULT_SID}"
AVAILABLE = f"{BASE}/AvailablePhoneNumbers"


async def found(api: "Caller", path: str = "US/Local", **asked: str) -> list[Any]:
    answer = await api.get(f"{AVAILABLE}/{path}.json", **asked)
    assert answer.status == 200, answer.body
    offers: list[Any] = answer.json["available_phone_numbers"]
    return offers


async def test_countries(api: "Caller") -> None:
    """All of them, and each by itself, with the kinds that it has."""
    answer = (await api.get(f"{AVAILABLE}.json")).json
    assert answer["uri"] == f"{AVAILABLE}.json"
    assert [each["country_code"] for each in answer["countries"]] == list(countries())
    assert answer["countries"][0] == {
        "beta": False,
        "country": "United States",
        "country_code": "US",
        "subresource_uris": {
            "local": f"{AVAILABLE}/US/Local.json",
            "toll_free": f"{AVAILABLE}/US/TollFree.json",
        },
        "uri": f"{AVAILABLE}/US.json",
    }
    for country in answer["countries"]:
        assert (await api.get(country["uri"])).json == country
        for uri in country["subresource_uris"].values():
            assert (await api.get(uri, PageSize="1")).json["available_phone_numbers"]


async def test_a_search(api: "Caller") -> None:
    """At most thirty numbers, without pages, whatever the size of a page."""
    answer = (await api.get(f"{AVAILABLE}/US/Local.json")).json
    assert list(answer) == ["uri", "available_phone_numbers"]
    assert answer["uri"] == f"{AVAILABLE}/US/Local.json"
    assert len(answer["available_phone_numbers"]) == 30
    assert len(await found(api, PageSize="1000")) == 30
    assert await found(api, PageSize="3") == answer["available_phone_numbers"][:3]


async def test_an_offer(api: "Caller") -> None:
    """Every field; whereabouts are texts."""
    [offer] = await found(api, AreaCode="808", InLocality="Hilo", PageSize="1")
    assert (offer["iso_country"], offer["region"], offer["locality"]) == ("US", "HI", "Hilo")
    assert (offer["rate_center"], offer["address_requirements"]) == ("HILO", "none")
    assert offer["capabilities"] == {"mms": True, "sms": True, "voice": True}
    assert isinstance(offer["latitude"], str)
    assert isinstance(offer["longitude"], str)
    [free] = await found(api, "GB/TollFree", PageSize="1")
    assert [free[name] for name in ("locality", "lata", "latitude", "region")] == [None] * 4
    assert free["friendly_name"] == free["phone_number"]


async def test_a_bought_number_is_not_offered_again(api: "Caller") -> None:
    """The others stay."""
    before = [offer["phone_number"] for offer in await found(api)]
    bought = await api.post({"PhoneNumber": before[3]}, f"{BASE}/IncomingPhoneNumbers.json")
    assert bought.json["phone_number"] == before[3]
    after = [offer["phone_number"] for offer in await found(api)]
    assert after[:-1] == [number for number in before if number != before[3]]


async def test_kinds_that_a_country_lacks(api: "Caller") -> None:
    """404: the US has no mobile numbers. So have countries without numbers, or in small letters."""
    for path in ("US/Mobile", "GB/MachineToMachine", "XX/Local", "us/Local", "XX"):
        answer = await api.get(f"{AVAILABLE}/{path}.json")
        assert (answer.status, answer.code) == (404, 20404)
    assert set(KINDS) > {"Local", "Mobile", "TollFree"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Contains": "4"}, 20001),
        ({"Contains": "4" * 17}, 20001),
        ({"Contains": "4-5"}, 20001),
        ({"AreaCode": "fortyone"}, 21451),
        ({"AreaCode": "12"}, 21451),
        ({"NearLatLong": "here"}, 20001),
        ({"Distance": "501"}, 20001),
        ({"SmsEnabled": "perhaps"}, 20001),
        ({"PageSize": "1001"}, 20007),
    ],
)
async def test_refusals(api: "Caller", asked: dict[str, str], code: int) -> None:
    """Of what cannot be searched for."""
    answer = await api.get(f"{AVAILABLE}/US/Local.json", **asked)
    assert (answer.status, answer.code) == (400, code)


async def test_filters_as_clients_send_them(api: "Caller") -> None:
    """Booleans in any case, numbers as text."""
    assert await found(api, "GB/Local", SmsEnabled="True") == []
    assert await found(api, "GB/Local", VoiceEnabled="true", SmsEnabled="FALSE")
    offers = await found(api, Contains="+1415555****", AreaCode="415")
    assert all(offer["phone_number"].startswith("+1415555") for offer in offers)


async def test_the_seed_decides(serve: "Serve") -> None:
    """The same numbers with the same seed, others with another."""
    runs = [await found(await serve(seed=seed)) for seed in (7, 7, 8)]
    assert runs[0] == runs[1] != runs[2]


async def test_test_credentials_may_not_look(serve: "Serve") -> None:
    """403 with 20008."""
    tester = Account(DEFAULT_SID, "t" * 32, mode="test")
    api = await serve(account=(tester,))
    api.auth = f"{tester.sid}:{tester.auth_token}"
    answer = await api.get(f"{AVAILABLE}/US/Local.json")
    assert (answer.status, answer.code) == (403, 20008)


NAMES = (
    *("AreaCode", "Contains", "SmsEnabled", "NearNumber", "NearLatLong", "Distance", "Beta"),
    *("InPostalCode", "InRegion", "InRateCenter", "InLata", "InLocality", "PageSize", "Page"),
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
LIKELY = st.sampled_from(
    ["415", "+14155550123", "37.8,-122.2", "true", "CA", "94612", "12345", "*"]
)


@given(
    st.sampled_from(["US/Local", "US/TollFree", "CA/Local", "GB/Local", "DE/Mobile"]),
    st.dictionaries(st.sampled_from(NAMES), TEXT | LIKELY, max_size=6),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_search(api: "Caller", path: str, asked: dict[str, str]) -> None:
    """Is answered, or refused with a 400: never a 500."""
    answer = await api.get(f"{AVAILABLE}/{path}.json", **asked)
    assert answer.status == 200 or (answer.status == 400 and answer.code)
