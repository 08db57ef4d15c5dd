"""Numbers and their neighbours: the official client, and Twilio's published description.

Every answer that the library got is held against the description. Where samples of the API and the
description disagree, the samples count: whereabouts are text, and searches have no pages.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft4Validator
from twilio.base.exceptions import TwilioException, TwilioRestException

from mockserver.domain.incoming import FIELDS
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.contract.conftest import Exchange, MakeStage, Stage, ToMock

PUBLISHED = Path(__file__).parents[3] / "shared/oai/twilio_api_v2010.json"
ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
URL, YOU = "https://example.com/x", "+14155552671"
GIVEN = {
    "numbers": [
        {"phone_number": "+14155550123", "sms_url": URL},
        "+447400123456",
        {"phone_number": "12345", "friendly_name": "Alerts"},
    ],
    "verified_callers": ["+14155552671"],
}


class Published:
    """Twilio's description of this host; its `nullable` becomes what JSON Schema has for it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths, self._components = document["paths"], document["components"]["schemas"]
        self._patterns = {
            path: re.compile(re.sub(r"{\w+}", "[^/]+", path.replace(".", r"\."))).fullmatch
            for path in self.paths
        }

    def check(self, exchange: "Exchange") -> str:
        """Fail unless the answer is as described, with every field; the path it is of."""
        sent = urlsplit(exchange.url).path
        found = [path for path, fits in self._patterns.items() if fits(sent)]
        path = min(found, key=lambda path: path.count("{"))
        answers = self.paths[path][exchange.method.lower()]["responses"]
        answer = answers[str(exchange.status_code)]
        if exchange.status_code != 204:
            schema = self.plain(answer["content"]["application/json"]["schema"])
            document = json.loads(exchange.text)
            Draft4Validator(schema).validate(document)
            self._complete(document, schema)
        return f"{exchange.method} {path.removeprefix(ACCOUNT)}"

    def _complete(self, document: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        records = {key: value for key, value in document.items() if isinstance(value, list)}
        for key, listed in records.items():
            known = set(schema["properties"][key]["items"]["properties"])
            assert all(known <= set(record) for record in listed)
        if "available_phone_numbers" not in records:
            assert set(schema["properties"]) <= set(document)

    def plain(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self.plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self.plain(self._components[schema["$ref"].rpartition("/")[2]])
        plain = {name: self.plain(part) for name, part in schema.items() if name != "nullable"}
        for name in ("latitude", "longitude"):
            if name in plain:
                plain[name] = {}
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


@pytest.fixture(scope="module")
def published() -> Published | None:
    if not PUBLISHED.exists():
        return None
    return Published(json.loads(PUBLISHED.read_text(encoding="utf-8")))


@pytest.fixture
def mine(stage: "MakeStage", published: Published | None) -> "Iterator[Stage]":
    """A furnished sandbox; what was answered in it is checked at the end."""
    mine = stage({"given": GIVEN}, seed=7)
    yield mine
    for exchange in mine.http.exchanges:
        if published is not None and exchange.status_code < 400:
            published.check(exchange)


def refused(act: Any, **given: Any) -> tuple[int, int]:
    """HTTP status and code of what the library raises."""
    with pytest.raises(TwilioRestException) as refusal:
        act(**given)
    return refusal.value.status, refusal.value.code


def missing(kind: Any) -> bool:
    """Whether a list answers 404, of which the library makes an exception without a code."""
    with pytest.raises(TwilioException) as refusal:
        kind.list()
    return "HTTP 404" in str(refusal.value) and "20404" in str(refusal.value)


# -- the client ------------------------------------------------------------------------------------


def test_from_search_to_release(mine: "Stage") -> None:
    """Search, buy, change, send, release."""
    client = mine.client
    local = client.available_phone_numbers("US").local
    [offer] = local.list(area_code=415, sms_enabled=True, limit=1)
    assert (offer.region, offer.iso_country, offer.beta) == ("CA", "US", False)
    assert offer.capabilities == {"mms": True, "sms": True, "voice": True}
    bought = client.incoming_phone_numbers.create(phone_number=offer.phone_number, sms_url=URL)
    assert (bought.phone_number, bought.friendly_name) == (offer.phone_number, offer.friendly_name)
    assert isinstance(bought.date_created, datetime)
    assert offer.phone_number not in [each.phone_number for each in local.list(area_code=415)]
    named = bought.update(friendly_name="Desk", sms_method="GET")
    assert (named.friendly_name, named.sms_method, named.sms_url) == ("Desk", "GET", URL)
    message = client.messages.create(to=YOU, from_=bought.phone_number, body="Ahoy")
    assert client.incoming_phone_numbers(bought.sid).delete() is True
    assert refused(client.incoming_phone_numbers(bought.sid).fetch) == (404, 20404)
    assert client.messages(message.sid).fetch().from_ == bought.phone_number


def test_kinds_of_numbers(mine: "Stage") -> None:
    """Each list of numbers to buy and of numbers owned, and each way to buy."""
    client, us = mine.client, mine.client.available_phone_numbers("US")
    papers = {"bundle_sid": "BU" + "a" * 32, "address_sid": "AD" + "a" * 32}
    british = client.available_phone_numbers("GB")
    owned = client.incoming_phone_numbers
    bought = [
        owned.local.create(phone_number=us.local.list(limit=1)[0].phone_number),
        owned.toll_free.create(phone_number=us.toll_free.list(limit=1)[0].phone_number),
        owned.mobile.create(phone_number=british.mobile.list(limit=1)[0].phone_number, **papers),
    ]
    for kind, made in zip((owned.local, owned.toll_free, owned.mobile), bought, strict=True):
        assert kind.list(limit=9)[0].sid == made.sid
        assert [each.sid for each in kind.page(page_size=1)] == [made.sid]
    for code, kind in (("GB", "national"), ("GB", "voip"), ("AU", "shared_cost")):
        found = getattr(client.available_phone_numbers(code), kind).list(limit=3)
        assert len(found) == 3
    assert missing(us.mobile)
    assert missing(us.machine_to_machine)
    assert refused(owned.local.create, phone_number="+18005550199") == (400, 21458)


def test_countries(mine: "Stage") -> None:
    """All, and one."""
    found = mine.client.available_phone_numbers.list()
    assert "US" in [country.country_code for country in found]
    country = mine.client.available_phone_numbers("US").fetch()
    assert set(country.subresource_uris) == {"local", "toll_free"}
    assert refused(mine.client.available_phone_numbers("XX").fetch) == (404, 20404)


def test_every_filter_of_a_search(mine: "Stage") -> None:
    """All that the library can send is taken."""
    found = mine.client.available_phone_numbers("US").local.list(
        contains="+1808*******",
        sms_enabled=True,
        mms_enabled=True,
        voice_enabled=True,
        fax_enabled=False,
        exclude_all_address_required=True,
        exclude_local_address_required=True,
        exclude_foreign_address_required=True,
        beta=False,
        near_number="+18089251571",
        near_lat_long="19.72,-155.09",
        distance=50,
        in_postal_code="96720",
        in_region="HI",
        in_rate_center="HILO",
        in_lata="834",
        in_locality="Hilo",
        limit=30,
        page_size=100,
    )
    assert len(found) == 30
    assert {offer.locality for offer in found} == {"Hilo"}
    assert {offer.latitude for offer in found} == {Decimal("19.720000")}


def test_lists_of_numbers(mine: "Stage") -> None:
    """Filters, pages, and whoever deletes what he streams."""
    numbers = mine.client.incoming_phone_numbers
    for _ in range(3):
        numbers.create(area_code="808")
    assert len(numbers.list(phone_number="+1808*", page_size=2)) == 3
    assert [each.phone_number for each in numbers.list(phone_number="415555")] == ["+14155550123"]
    assert numbers.list(friendly_name="nobody", beta=True, origin="twilio") == []
    for each in numbers.stream(page_size=2):
        assert each.delete() is True
    assert numbers.list() == []


def test_a_number_goes_to_a_subaccount(mine: "Stage") -> None:
    """By its parent."""
    child = mine.client.api.v2010.accounts.create(friendly_name="Child")
    [number] = mine.client.incoming_phone_numbers.list(phone_number="+1415*")
    moved = number.update(account_sid=child.sid)
    assert (moved.account_sid, moved.sid) == (child.sid, number.sid)
    assert refused(number.fetch) == (404, 20404)
    theirs = mine.client.api.v2010.accounts(child.sid).incoming_phone_numbers.list()
    assert [each.sid for each in theirs] == [number.sid]


def test_verifying_a_number(mine: "Stage") -> None:
    """The call, the wait, the caller id, its name and its end."""
    client = mine.client
    request = client.validation_requests.create("+14158675309", friendly_name="Jenny", call_delay=5)
    assert (request.phone_number, len(request.validation_code)) == ("+14158675309", 6)
    assert client.outgoing_caller_ids.list(phone_number="+14158675309") == []
    mine.advance(seconds=10)
    [caller_id] = client.outgoing_caller_ids.list(phone_number="+14158675309")
    assert (caller_id.friendly_name, caller_id.account_sid) == ("Jenny", mine.account_sid)
    assert client.outgoing_caller_ids(caller_id.sid).fetch().sid == caller_id.sid
    assert caller_id.update(friendly_name="Tommy").friendly_name == "Tommy"
    assert refused(client.validation_requests.create, phone_number="+14158675309") == (400, 21450)
    assert len(client.outgoing_caller_ids.list()) == 2
    assert caller_id.delete() is True
    [seeded] = client.outgoing_caller_ids.list()
    assert seeded.phone_number == "+14155552671"


def test_short_codes(mine: "Stage") -> None:
    """List, fetch, change."""
    [code] = mine.client.short_codes.list(short_code="12345", friendly_name="Alerts")
    assert mine.client.short_codes(code.sid).fetch().short_code == "12345"
    changed = code.update(sms_url=URL, sms_method="GET", friendly_name="Alarm")
    assert (changed.sms_url, changed.sms_method, changed.friendly_name) == (URL, "GET", "Alarm")


def test_an_applications_life(mine: "Stage") -> None:
    """Make, fetch, change, list, delete; messages may name it."""
    applications = mine.client.applications
    made = applications.create(friendly_name="Mine", message_status_callback=URL)
    assert applications(made.sid).fetch().message_status_callback == URL
    assert made.update(sms_url=URL).sms_url == URL
    assert [each.sid for each in applications.list(friendly_name="Mine")] == [made.sid]
    sent = mine.client.messages.create(
        to=YOU, from_="+14155550123", body="Ahoy", application_sid=made.sid
    )
    assert sent.status == "queued"
    assert made.delete() is True
    assert refused(applications(made.sid).fetch) == (404, 20404)


# -- sandboxes, seeds, snapshots -------------------------------------------------------------------


def inventory(stage: "Stage") -> list[Any]:
    """What an account has, and would find to buy."""
    client = stage.client
    offers = client.available_phone_numbers("US").local.list(limit=5)
    return [
        [
            (each.sid, each.phone_number, each.sms_url)
            for each in client.incoming_phone_numbers.list()
        ],
        [(each.sid, each.phone_number) for each in client.outgoing_caller_ids.list()],
        [(each.sid, each.short_code) for each in client.short_codes.list()],
        [(each.sid, each.friendly_name) for each in client.applications.list()],
        [offer.phone_number for offer in offers],
    ]


def busy(stage: "Stage") -> list[Any]:
    """Buys, verifies, makes and deletes."""
    client = stage.client
    for area in ("415", "808"):
        client.incoming_phone_numbers.create(area_code=area, sms_url=URL)
    client.incoming_phone_numbers.list(phone_number="+1415555*")[0].delete()
    client.validation_requests.create("+14158675309")
    stage.advance(seconds=2)
    for name in ("one", "two"):
        client.applications.create(friendly_name=name)
    client.applications.list()[0].delete()
    return inventory(stage)


def test_one_seed_one_inventory(stage: "MakeStage") -> None:
    """Of the same calls; another seed has other numbers, and sandboxes do not share them."""
    first, same, other = (busy(stage({"given": GIVEN}, seed=seed)) for seed in (7, 7, 8))
    assert first == same
    assert not {each[1] for each in first[0][:2]} & {each[1] for each in other[0][:2]}


def test_a_fork_has_all_of_it(stage: "MakeStage", http: "ToMock") -> None:
    """And goes on by itself."""
    mine = stage({"given": GIVEN}, seed=7)
    before = busy(mine)
    kept = mine.control("GET", "/snapshot")
    fork = stage(seed=7)
    fork.control("PUT", "/snapshot", kept)
    assert inventory(fork) == before
    for number in fork.client.incoming_phone_numbers.list():
        number.delete()
    assert inventory(mine) == before


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("CreateIncomingPhoneNumber", "post", "/IncomingPhoneNumbers.json"),
        ("UpdateIncomingPhoneNumber", "post", "/IncomingPhoneNumbers/{Sid}.json"),
        ("ListIncomingPhoneNumber", "get", "/IncomingPhoneNumbers.json"),
        ("ListAvailablePhoneNumber", "get", "/AvailablePhoneNumbers/{CountryCode}/Local.json"),
        ("CreateValidationRequest", "post", "/OutgoingCallerIds.json"),
        ("UpdateOutgoingCallerId", "post", "/OutgoingCallerIds/{Sid}.json"),
        ("ListOutgoingCallerId", "get", "/OutgoingCallerIds.json"),
        ("UpdateShortCode", "post", "/SMS/ShortCodes/{Sid}.json"),
        ("ListShortCode", "get", "/SMS/ShortCodes.json"),
        ("CreateApplication", "post", "/Applications.json"),
        ("UpdateApplication", "post", "/Applications/{Sid}.json"),
        ("ListApplication", "get", "/Applications.json"),
    ],
)
def test_every_published_parameter_is_known(
    published: Published | None, operation: str, method: str, path: str
) -> None:
    """And no other."""
    if published is None:
        pytest.skip(f"the published description is not here: {PUBLISHED.name}")
    described = published.paths[ACCOUNT + path][method]
    if method == "get":
        names = {each["name"] for each in described["parameters"] if each["in"] == "query"}
    else:
        form = described["requestBody"]["content"]["application/x-www-form-urlencoded"]
        names = set(form["schema"]["properties"])
    assert set(load(f"api/2010-04-01/{operation}")["properties"]) == names
    if operation.endswith("IncomingPhoneNumber") and method == "post":
        assert names - set(FIELDS) <= {"PhoneNumber", "AreaCode", "AccountSid"}
