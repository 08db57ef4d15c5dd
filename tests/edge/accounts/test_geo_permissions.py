"""`/v1/Messaging/GeoPermissions`: shown, set, and in force."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

from mockserver.domain.accounts import DEFAULT_SID

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller

PATH = "/v1/Messaging/GeoPermissions"
GERMAN = "+4915112345678"
API = {"Host": "api.twilio.com"}


def form(*wishes: object) -> bytes:
    return "&".join(f"Permissions={quote_plus(json.dumps(each))}" for each in wishes).encode()


def wish(code: str, enabled: bool) -> dict[str, Any]:
    return {"country_code": code, "type": "country", "enabled": enabled}


async def patch(accounts: "Caller", body: bytes, kind: str = "") -> "Answer":
    headers = {"Content-Type": kind} if kind else {}
    return await accounts.call("PATCH", PATH, body, headers)


def enabled(answer: "Answer") -> dict[str, bool]:
    assert answer.status == 200, answer.body
    return {row["country_code"]: row["enabled"] for row in answer.json["permissions"]}


async def texted(accounts: "Caller", to: str, account: str = DEFAULT_SID) -> int:
    """What a message there is refused with; 0 where it is not."""
    body = f"To={quote_plus(to)}&From=%2B15017122661&Body=x".encode()
    path = f"/2010-04-01/Accounts/{account}/Messages.json"
    answer = await accounts.call("POST", path, body, API)
    return 0 if answer.status == 201 else answer.code


async def test_all_are_open(accounts: "Caller") -> None:
    """Every country, in the order of codes."""
    rows = enabled(await accounts.get(PATH))
    assert set(rows.values()) == {True}
    assert list(rows) == sorted(rows)
    assert len(rows) > 240


@pytest.mark.parametrize("query", ["CountryCode=us,DE", "CountryCode=US&CountryCode=DE"])
async def test_some(accounts: "Caller", query: str) -> None:
    """One or more, in any case."""
    assert enabled(await accounts.get(f"{PATH}?{query}")) == {"US": True, "DE": True}


async def test_an_unknown_country(accounts: "Caller") -> None:
    """404."""
    assert (await accounts.get(PATH, CountryCode="XX")).code == 20404


async def test_closed_and_opened(accounts: "Caller") -> None:
    """A message to a closed country is refused with 21408, until it is open again; others go."""
    assert await texted(accounts, GERMAN) == 0
    answer = await patch(accounts, form(wish("DE", False), wish("XX", True)))
    assert enabled(answer) == {"DE": False, "XX": False}
    assert [row["error_code"] for row in answer.json["permissions"]] == [0, 30649]
    assert enabled(await accounts.get(PATH, CountryCode="DE")) == {"DE": False}
    assert [await texted(accounts, to) for to in (GERMAN, "+14155552671")] == [21408, 0]
    assert enabled(await patch(accounts, form(wish("DE", True)))) == {"DE": True}
    assert await texted(accounts, GERMAN) == 0


async def test_subaccounts(accounts: "Caller") -> None:
    """They have closed what their parent has, and cannot open it; theirs is not their parent's."""
    made = await accounts.call("POST", "/2010-04-01/Accounts.json", headers=API)
    await patch(accounts, form(wish("DE", False)))
    child, accounts.auth = made.json, f"{made.json['sid']}:{made.json['auth_token']}"
    assert enabled(await accounts.get(PATH, CountryCode="DE,FR")) == {"DE": False, "FR": True}
    answer = await patch(accounts, form(wish("DE", True), wish("FR", False)))
    assert enabled(answer) == {"DE": False, "FR": False}
    assert await texted(accounts, GERMAN, child["sid"]) == 21408
    parent = accounts.sandbox.accounts.find(DEFAULT_SID)
    assert parent is not None
    assert parent.geo_permissions_off == ("DE",)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (form([wish("DE", False)]), ""),
        (json.dumps({"Permissions": [wish("DE", False)]}).encode(), "application/json"),
        (json.dumps([wish("DE", False)]).encode(), "application/json; charset=utf-8"),
    ],
)
async def test_other_ways_to_say_it(accounts: "Caller", body: bytes, kind: str) -> None:
    """An array in one field, or a body of JSON."""
    assert enabled(await patch(accounts, body, kind)) == {"DE": False}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"Permissions=", ""),
        (b"Permissions=[]", ""),
        (b"Permissions=7", ""),
        (b"Permissions=[[]]", ""),
        (b"Permissions={", ""),
        (b"Permissions=%ED%A0%80", ""),
        (b"Colour=blue", ""),
        (b"", "application/json"),
        (b"{}", "application/json"),
        (b"null", "application/json"),
        (b'"\xff"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[]", "text/plain"),
    ],
)
async def test_what_cannot_be_read(accounts: "Caller", body: bytes, kind: str) -> None:
    """400 with 20001, and nothing changes."""
    answer = await patch(accounts, body, kind)
    assert (answer.status, answer.code) == (400, 20001)
    assert accounts.sandbox.accounts.first.geo_permissions_off == ()


async def test_operations(accounts: "Caller") -> None:
    """As Twilio's libraries call them."""
    await accounts.get(PATH)
    await patch(accounts, form(wish("DE", False)))
    assert [entry.operation for entry in accounts.journal] == [
        "accounts.v1.FetchMessagingGeopermissions",
        "accounts.v1.UpdateMessagingGeopermissions",
    ]
    assert [entry.warnings for entry in accounts.journal] == [[], []]
