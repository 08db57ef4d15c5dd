"""Accounts, keys, balance, tokens, permissions: the official client, and the published description.

There is no published description of accounts.twilio.com here: its answers are checked by schemas of
ours.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage, ToMock

PUBLISHED = Path(__file__).parents[3] / "shared/oai/twilio_api_v2010.json"
ROOT = "/2010-04-01/Accounts"
ME, YOU, GERMAN = "+15017122661", "+14155552671", "+4915112345678"


class Published:
    """Twilio's description of this host; its `nullable` becomes what JSON Schema has for it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths, self._components = document["paths"], document["components"]["schemas"]

    def check(self, method: str, path: str, status: str, document: Mapping[str, Any]) -> None:
        """Fail unless the answer is as described, with every field there is."""
        answer = self._paths[path][method]["responses"][status]["content"]["application/json"]
        schema = self._plain(answer["schema"])
        Draft4Validator(schema).validate(document)
        assert set(document) == set(schema["properties"])

    def _plain(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._plain(self._components[schema["$ref"].rpartition("/")[2]])
        plain = {name: self._plain(part) for name, part in schema.items() if name != "nullable"}
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


@pytest.fixture(scope="module")
def published() -> Published:
    if not PUBLISHED.exists():
        pytest.skip(f"the published description is not here: {PUBLISHED.name}")
    return Published(json.loads(PUBLISHED.read_text(encoding="utf-8")))


@pytest.fixture
def mine(stage: "MakeStage") -> "Stage":
    """A sandbox of this test alone, on a clock that stands still."""
    return stage()


def child_of(mine: "Stage", **given: str) -> tuple[Any, Client]:
    """A subaccount, and a client of its own."""
    made = mine.client.api.v2010.accounts.create(**given)
    return made, Client(made.sid, made.auth_token, http_client=mine.http)


# -- the client ------------------------------------------------------------------------------------


def test_a_subaccounts_life(mine: "Stage") -> None:
    """Made, used, suspended, listed."""
    accounts = mine.client.api.v2010.accounts
    made, own = child_of(mine, friendly_name="Mine")
    assert (made.friendly_name, made.status, made.type) == ("Mine", "active", "Full")
    assert made.owner_account_sid == mine.account_sid
    assert own.messages.create(to=YOU, from_=ME, body="Ahoy").account_sid == made.sid
    assert accounts(made.sid).fetch().auth_token == made.auth_token
    assert accounts(made.sid).update(friendly_name="Yours").friendly_name == "Yours"
    assert [each.sid for each in accounts.list(friendly_name="Yours")] == [made.sid]
    assert [each.sid for each in accounts.stream(page_size=1)] == [made.sid, mine.account_sid]
    assert accounts(made.sid).update(status="suspended").status == "suspended"
    with pytest.raises(TwilioRestException) as refused:
        own.messages.create(to=YOU, from_=ME, body="Ahoy")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert [each.sid for each in accounts.list(status="active")] == [mine.account_sid]


def test_refusals(mine: "Stage") -> None:
    """They raise the library's exception with Twilio's code."""
    _, own = child_of(mine)
    calls = {
        21101: own.api.v2010.accounts.create,
        21477: lambda: mine.client.api.v2010.accounts(mine.account_sid).update(status="closed"),
        20404: lambda: own.balance.fetch(),
        70001: lambda: mine.client.new_keys.create(friendly_name="x" * 65),
    }
    for code, call in calls.items():
        with pytest.raises(TwilioRestException) as refused:
            call()
        assert refused.value.code == code


def test_the_balance(mine: "Stage") -> None:
    """It goes down with what is sent."""
    mine.client.messages.create(to=YOU, from_=ME, body="Ahoy")
    mine.advance(until="idle")
    balance = mine.client.balance.fetch()
    assert (balance.balance, balance.currency) == ("999.9921", "USD")


@pytest.mark.parametrize("kind", ["keys", "signing_keys"])
def test_keys(mine: "Stage", kind: str) -> None:
    """Made, used, renamed, listed, deleted."""
    keys, makers = getattr(mine.client, kind), getattr(mine.client, f"new_{kind}")
    made = makers.create(friendly_name="Mine")
    by_key = Client(made.sid, made.secret, mine.account_sid, http_client=mine.http)
    assert by_key.messages.create(to=YOU, from_=ME, body="Ahoy").account_sid == mine.account_sid
    assert keys(made.sid).fetch().friendly_name == "Mine"
    assert keys(made.sid).update(friendly_name="Yours").friendly_name == "Yours"
    others = [makers.create().sid for _ in range(4)]
    assert [key.sid for key in keys.stream(page_size=2)] == [*others[::-1], made.sid]
    for key in keys.stream(page_size=2):
        assert key.delete()
    assert keys.list() == []
    with pytest.raises(TwilioRestException) as refused:
        by_key.messages.create(to=YOU, from_=ME, body="Ahoy")
    assert refused.value.code == 20003


def test_tokens(mine: "Stage") -> None:
    """A second one beside the first, then in its place."""
    v1 = mine.client.accounts.v1
    assert v1.secondary_auth_token().create().secondary_auth_token
    assert v1.secondary_auth_token().delete()
    second = v1.secondary_auth_token().create().secondary_auth_token
    later = Client(mine.account_sid, second, http_client=mine.http)
    assert later.accounts.v1.auth_token_promotion().update().auth_token == second
    assert later.api.v2010.accounts(mine.account_sid).fetch().auth_token == second
    with pytest.raises(TwilioRestException) as refused:
        mine.client.balance.fetch()
    assert refused.value.status == 401


def test_geo_permissions(mine: "Stage") -> None:
    """Shown and set, and in force for messages."""
    geo = mine.client.accounts.v1.messaging_geopermissions
    [row] = geo.fetch(country_code="DE").permissions
    assert row == {
        "country_code": "DE",
        "type": "country",
        "enabled": True,
        "error_code": 0,
        "error_messages": [],
    }
    wishes = [{"country_code": "DE", "type": "country", "enabled": False}]
    assert geo.update(permissions=wishes).permissions == [{**row, "enabled": False}]
    with pytest.raises(TwilioRestException) as refused:
        mine.client.messages.create(to=GERMAN, from_=ME, body="Ahoy")
    assert refused.value.code == 21408


def test_the_safe_list(mine: "Stage") -> None:
    """Added, found, removed."""
    numbers = mine.client.accounts.v1.safelist
    made = numbers.create(phone_number=YOU)
    assert (numbers.fetch(phone_number=YOU).sid, made.phone_number) == (made.sid, YOU)
    assert numbers.delete(phone_number=YOU)
    with pytest.raises(TwilioRestException) as refused:
        numbers.fetch(phone_number=YOU)
    assert refused.value.code == 20404


def test_sandboxes_keep_to_themselves(stage: "MakeStage") -> None:
    """The subaccount of one is nobody's in another, and a fork has it under another SID."""
    here, there = stage(), stage()
    made, _ = child_of(here, friendly_name="Mine")
    assert len(there.client.api.v2010.accounts.list()) == 1
    there.control("PUT", "/snapshot", here.control("GET", "/snapshot"))
    accounts = there.client.api.v2010.accounts
    [copied] = accounts.list(friendly_name="Mine")
    assert copied.owner_account_sid == there.account_sid
    assert copied.sid != made.sid


# -- the published description ---------------------------------------------------------------------


def test_every_answer(mine: "Stage", published: Published) -> None:
    """Of each operation, lists included."""
    client, sid = mine.client, mine.account_sid
    made, _ = child_of(mine)
    client.api.v2010.accounts(made.sid).update(status="suspended")
    client.api.v2010.accounts(sid).fetch()
    client.api.v2010.accounts.list()
    client.balance.fetch()
    for name in ("keys", "signing_keys"):
        key = getattr(client, f"new_{name}").create(friendly_name="x")
        keys = getattr(client, name)
        keys(key.sid).fetch()
        keys(key.sid).update(friendly_name="y")
        keys.list()
    seen = set()
    for exchange in mine.http.exchanges:
        path = urlsplit(exchange.url).path.removesuffix(".json")
        place = (path.removeprefix(ROOT) + "/").replace(f"/{sid}/", "/{AccountSid}/", 1)
        parts = ["{Sid}" if part[:2] in ("AC", "SK") else part for part in place.split("/")]
        where = f"{ROOT}{'/'.join(parts)[:-1]}.json".replace("/{AccountSid}.json", "/{Sid}.json")
        method = exchange.method.lower()
        published.check(method, where, str(exchange.status_code), json.loads(exchange.text))
        seen.add((method, where))
    assert len(seen) == 13


# -- bad input -------------------------------------------------------------------------------------

OPERATIONS = [
    ("POST", "api", f"{ROOT}.json", "api/2010-04-01/CreateAccount"),
    ("POST", "api", f"{ROOT}/AC.json", "api/2010-04-01/UpdateAccount"),
    ("GET", "api", f"{ROOT}.json", "api/2010-04-01/ListAccount"),
    ("POST", "api", f"{ROOT}/AC/Keys.json", "api/2010-04-01/CreateNewKey"),
    ("GET", "api", f"{ROOT}/AC/Keys.json", "api/2010-04-01/ListKey"),
    ("GET", "api", f"{ROOT}/AC/Balance.json", "api/2010-04-01/ListKey"),
    ("POST", "accounts", "/v1/SafeList/Numbers", "accounts/v1/CreateSafelist"),
    ("GET", "accounts", "/v1/SafeList/Numbers", "accounts/v1/FetchSafelist"),
    ("DELETE", "accounts", "/v1/SafeList/Numbers", "accounts/v1/DeleteSafelist"),
    (
        "PATCH",
        "accounts",
        "/v1/Messaging/GeoPermissions",
        "accounts/v1/UpdateMessagingGeopermissions",
    ),
    ("GET", "accounts", "/v1/Messaging/GeoPermissions", "accounts/v1/FetchMessagingGeopermissions"),
    ("POST", "accounts", "/v1/AuthTokens/Promote", "accounts/v1/UpdateAuthTokenPromotion"),
    ("DELETE", "accounts", "/v1/AuthTokens/Secondary", "accounts/v1/CreateSecondaryAuthToken"),
]

VALUES = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["", "active", "closed", "1", "-1", "true", "\0", "x" * 5_000, YOU, "{}", "[]"]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["country_code", "enabled", "type"]), inner)
        ),
        max_leaves=5,
    ).map(json.dumps),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # only a connection
@given(st.data())
def test_never_a_500(http: "ToMock", data: st.DataObject) -> None:
    """Whatever the parameters are: answered, or refused with a code of Twilio's."""
    method, product, path, name = data.draw(st.sampled_from(OPERATIONS))
    names = st.sampled_from([*load(name)["properties"], "Nonsense"])
    pairs = data.draw(st.lists(st.tuples(names, VALUES), max_size=4))
    encoded = [(key, value.encode("utf-8", "replace")) for key, value in pairs]
    sid = "AC" + "f" * 32
    answer = http.session.request(
        method,
        http.base_url + path.replace("/AC", f"/{sid}"),
        auth=(sid, "f" * 32),
        headers={"Host": f"{product}.twilio.com"},
        timeout=20,
        **({"params": encoded} if method in ("GET", "DELETE") else {"data": encoded}),
    )
    assert answer.status_code < 500
    assert answer.status_code < 300 or answer.json()["code"] >= 20001
