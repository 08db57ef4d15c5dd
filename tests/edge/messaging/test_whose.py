"""Whose Messaging Services are seen, by which credentials and hosts."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.world.sandboxes import Order
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller
    from tests.edge.messaging.conftest import AtMessaging

ROOT = "/v1/Services"
HOST = "messaging.twilio.com"
MG = "MG" + "a" * 32
STRANGER = "AC" + "5" * 32


async def make(caller: "Caller", **form: str) -> dict[str, Any]:
    return await caller.made({"FriendlyName": "My Service!", **form}, ROOT)


def _sids(page: dict[str, Any]) -> list[str]:
    return [service["sid"] for service in page["services"]]


async def test_a_stranger(services: "Caller") -> None:
    """He reads an empty account, and comes into being with his first service."""
    services.auth = f"{STRANGER}:token"
    assert (await services.get(ROOT)).json["services"] == []
    made = await make(services)
    assert made["account_sid"] == STRANGER
    account = services.sandbox.accounts.find(STRANGER)
    assert account is not None
    assert (account.auth_token, account.created_at) == ("token", services.sandbox.clock.now())
    services.auth = f"{STRANGER}:other"
    (await services.get(ROOT)).refused(401, 20003)


async def test_a_new_key(services: "Caller") -> None:
    """Belongs to the default account, and keeps its first secret."""
    key = "SK" + "7" * 32
    services.auth = f"{key}:secret"
    made = await make(services)
    assert made["account_sid"] == DEFAULT_SID
    services.auth = f"{key}:other"
    (await services.get(ROOT)).refused(401, 20003)
    services.auth = f"{key}:secret"
    assert _sids((await services.get(ROOT)).json) == [made["sid"]]


async def test_a_parent_does_not_see_its_subaccounts_services(services: "Caller") -> None:
    """404: the account is that of the credentials, here."""
    parent = services.auth
    child = Account(STRANGER, "token", owner_account_sid=DEFAULT_SID)
    services.sandbox.accounts.set_up(child, Unit())
    services.server.sandboxes.holders.claim(STRANGER, services.sandbox)
    services.auth = f"{STRANGER}:token"
    path = f"{ROOT}/{(await make(services))['sid']}"
    assert (await services.get(path)).status == 200
    services.auth = parent
    for method in ("GET", "POST", "DELETE"):
        body = b"" if method == "POST" else None
        (await services.call(method, path, body)).refused(404, 20404)
    assert (await services.get(ROOT)).json["services"] == []


async def test_another_sandbox(services: "Caller") -> None:
    """Neither sees the other's, though one seed makes the same SIDs in both."""
    box = services.server.sandboxes.make(Order(seed=7))
    mine = await make(services)
    services.auth = f"{box.accounts.first_sid}:{box.accounts.first.auth_token}"
    assert (await services.get(ROOT)).json["services"] == []
    theirs = await make(services)
    assert theirs["sid"] == mine["sid"]
    assert theirs["account_sid"] == box.accounts.first_sid
    assert [entry.operation for entry in box.journal.requests] == [
        "messaging.v1.ListService",
        "messaging.v1.CreateService",
    ]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ROOT), ("POST", ROOT), ("GET", f"{ROOT}/{MG}")]
)
async def test_test_credentials(at_messaging: "AtMessaging", method: str, path: str) -> None:
    """403 with 20008, whatever is asked."""
    caller = await at_messaging(account=(Account(STRANGER, "token", mode="test"),))
    caller.auth = f"{STRANGER}:token"
    body = b"FriendlyName=x" if method == "POST" else None
    (await caller.call(method, path, body)).refused(403, 20008)
    assert not caller.sandbox.tables.services


async def test_strict_accounts(at_messaging: "AtMessaging") -> None:
    """Strangers get 401 there, keys too."""
    caller = await at_messaging(strict_accounts=True)
    for user in (STRANGER, "SK" + "7" * 32):
        caller.auth = f"{user}:token"
        (await caller.get(ROOT)).refused(401, 20003)


@pytest.mark.parametrize(
    ("host", "prefix", "base"),
    [
        ("messaging.twilio.com", "", "https://messaging.twilio.com"),
        ("messaging.ie1.twilio.com", "", "https://messaging.ie1.twilio.com"),
        ("messaging.dublin.ie1.twilio.com", "", "https://messaging.dublin.ie1.twilio.com"),
        ("localhost:2010", "/messaging", "http://localhost:2010/messaging"),
    ],
)
async def test_hosts(services: "Caller", host: str, prefix: str, base: str) -> None:
    """Absolute URLs are those by which the client came."""
    services.host = host
    answers = [await services.post({"FriendlyName": "x"}, f"{prefix}{ROOT}") for _ in range(2)]
    service = answers[0].json
    assert service["url"] == f"{base}{ROOT}/{service['sid']}"
    assert service["links"]["messages"] == f"{service['url']}/Messages"
    page = (await services.get(f"{prefix}{ROOT}", PageSize="1")).json
    assert page["meta"]["url"] == f"{base}{ROOT}?PageSize=1&Page=0"
    assert page["meta"]["next_page_url"].startswith(f"{base}{ROOT}?PageSize=1&Page=1&PageToken=")
    missing = await services.get(f"{prefix}{ROOT}/{MG}")
    assert missing.json["message"] == f"The requested resource /Services/{MG} was not found"
