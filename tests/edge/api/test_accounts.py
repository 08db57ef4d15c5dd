"""`/Accounts`: the account, its subaccounts, and who may do what to them."""

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.world import copying
from mockserver.world.sandboxes import Order
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve, Webhook

ROOT = "/2010-04-01/Accounts"
LIST = f"{ROOT}.json"
STRANGER = "AC" + "5" * 32
OWN = f"{ROOT}/{DEFAULT_SID}.json"


@pytest.fixture
async def api(serve: "Serve") -> "Caller":
    """On a clock that stands still; the server checks its own answers."""
    return await serve(check_responses=True, clock="manual", seed=7)


def uri(sid: str) -> str:
    return f"{ROOT}/{sid}.json"


async def made(api: "Caller", **form: str) -> dict[str, Any]:
    answer = await api.post(form, LIST)
    assert answer.status == 201, answer.body
    document: dict[str, Any] = answer.json
    return document


def become(api: "Caller", account: dict[str, Any]) -> None:
    """Call in the name of an account that was made."""
    api.account, api.auth = account["sid"], f"{account['sid']}:{account['auth_token']}"


async def test_the_account_itself(api: "Caller") -> None:
    """Every field, in the order of the samples."""
    document = (await api.get(OWN)).json
    assert list(document) == load("api/2010-04-01/Account")["required"]
    assert (
        document["subresource_uris"]["short_codes"] == f"{ROOT}/{DEFAULT_SID}/SMS/ShortCodes.json"
    )
    assert len(document.pop("subresource_uris")) == 20
    assert document == {
        "auth_token": DEFAULT_TOKEN,
        "date_created": "Tue, 01 Dec 2026 00:00:00 +0000",
        "date_updated": "Tue, 01 Dec 2026 00:00:00 +0000",
        "friendly_name": "My first Twilio account",
        "owner_account_sid": DEFAULT_SID,
        "sid": DEFAULT_SID,
        "status": "active",
        "type": "Full",
        "uri": OWN,
    }


async def test_an_account_that_nobody_made(api: "Caller") -> None:
    """It is shown with the token that asks, and has not come into being by that."""
    api.account, api.auth = STRANGER, f"{STRANGER}:brought"
    document = (await api.get(uri(STRANGER))).json
    assert (document["sid"], document["auth_token"]) == (STRANGER, "brought")
    assert parsedate_to_datetime(document["date_created"]).year == 2026
    assert [each["sid"] for each in (await api.get(LIST)).json["accounts"]] == [STRANGER]
    found = api.sandbox.accounts.find(STRANGER)
    assert found is not None
    assert found.created_at == 0


async def test_a_subaccount(api: "Caller") -> None:
    """Made, then at once able to send with its own credentials, and with its parent's."""
    child = await made(api, FriendlyName="Mine")
    assert (child["friendly_name"], child["owner_account_sid"]) == ("Mine", DEFAULT_SID)
    assert (await api.get(uri(child["sid"]))).json == child
    api.account = child["sid"]
    by_parent = await api.create()
    become(api, child)
    by_itself = await api.create()
    assert [by_parent.status, by_itself.status] == [201, 201]
    assert {answer.json["account_sid"] for answer in (by_parent, by_itself)} == {child["sid"]}
    assert (await api.get(uri(child["sid"]))).json == child


async def test_a_subaccounts_webhooks(serve: "Serve", webhook: "Webhook") -> None:
    """They are signed with its own token."""
    api = await serve()
    child = await made(api)
    become(api, child)
    await api.create(StatusCallback=webhook.url)
    await api.settled()
    entry = api.callbacks[0]
    validator = RequestValidator(child["auth_token"])
    assert validator.validate(webhook.url, dict(entry.params), entry.signature)


async def test_a_name_by_the_clock(api: "Caller") -> None:
    """Where none is given, or an empty one."""
    names = {(await made(api, **form))["friendly_name"] for form in ({}, {"FriendlyName": ""})}
    assert names == {"SubAccount Created at 2026-12-01 12:00 am"}


async def test_renaming(api: "Caller") -> None:
    """Of the account itself, and of a subaccount; an empty name changes nothing."""
    child = await made(api)
    for sid in (DEFAULT_SID, child["sid"]):
        assert (await api.post({"FriendlyName": "\u00e9"}, uri(sid))).json[
            "friendly_name"
        ] == "\u00e9"
        assert (await api.post({"FriendlyName": ""}, uri(sid))).json["friendly_name"] == "\u00e9"
        assert (await api.get(uri(sid))).json["friendly_name"] == "\u00e9"


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"FriendlyName": "x" * 64}, 200, 0),
        ({"FriendlyName": "x" * 65}, 400, 20002),
        ({"Status": "idle"}, 400, 21475),
        ({"Status": ""}, 400, 21475),
        ({"Status": "Active"}, 400, 21475),
        ({"Status": "active"}, 400, 21477),
        ({"Status": "closed", "FriendlyName": "x"}, 400, 21477),
        ({"Colour": "blue"}, 200, 0),
    ],
)
async def test_updates_of_a_parent(
    api: "Caller", form: dict[str, str], status: int, code: int
) -> None:
    """Its name may change, its status not."""
    answer = await api.post(form, OWN)
    assert (answer.status, answer.json.get("code", 0)) == (status, code)
    assert (await api.get(OWN)).json["status"] == "active"


async def test_closed_for_ever(api: "Caller") -> None:
    """21479; its credentials are refused as any wrong ones."""
    child = await made(api)
    assert (await api.post({"Status": "closed"}, uri(child["sid"]))).json["status"] == "closed"
    [shown] = (await api.get(LIST, Status="closed")).json["accounts"]
    assert shown["sid"] == child["sid"]
    become(api, child)
    assert (await api.get()).code == 20003


async def test_suspended(api: "Caller") -> None:
    """Every request of its own is refused, and its parent's for it; the journal says why."""
    child = await made(api)
    assert (await api.post({"Status": "suspended"}, uri(child["sid"]))).status == 200
    api.account = child["sid"]
    assert (await api.create()).code == 20003
    become(api, child)
    for path in ("", LIST, uri(child["sid"])):
        assert (await api.get(path)).code == 20003
    assert api.journal[-1].warnings == [f"account {child['sid']} is suspended"]


async def test_no_grandchildren(api: "Caller") -> None:
    """21101, of 400."""
    become(api, await made(api))
    answer = await api.post({}, LIST)
    assert (answer.status, answer.code) == (400, 21101)


async def test_one_on_trial(serve: "Serve") -> None:
    """21480 for the second."""
    trial = Account(STRANGER, "t" * 32, type="Trial")
    api = await serve(account=(trial,), check_responses=True)
    api.account, api.auth = STRANGER, f"{STRANGER}:{'t' * 32}"
    assert (await made(api))["type"] == "Trial"
    answer = await api.post({}, LIST)
    assert (answer.status, answer.code) == (400, 21480)


async def test_a_full_server(serve: "Serve") -> None:
    """The same code, and a word of the server's own limit in the journal."""
    api = await serve(max_accounts=1)
    assert (await api.post({}, LIST)).code == 21480
    assert api.journal[-1].warnings == ["this server holds at most 1 accounts"]


async def test_nobody_deletes_accounts(api: "Caller") -> None:
    """405 with 20004, and what may be done instead."""
    answer = await api.call("DELETE", OWN)
    assert (answer.status, answer.code) == (405, 20004)
    assert answer.header("Allow") == "GET, HEAD, POST"


async def test_whose(api: "Caller") -> None:
    """A subaccount sees neither its parent nor its siblings, and strangers see nothing of it."""
    child, sibling = await made(api), await made(api)
    become(api, child)
    listed = (await api.get(LIST)).json["accounts"]
    assert [each["sid"] for each in listed] == [child["sid"]]
    for path in (uri(sibling["sid"]), OWN):
        assert (await api.get(path)).code == 20003
    api.auth = f"{STRANGER}:any"
    assert (await api.get(uri(child["sid"]))).code == 20003


@pytest.mark.parametrize("path", [f"{ROOT}/AC123.json", f"{ROOT}/nonsense.json"])
async def test_no_accounts(api: "Caller", path: str) -> None:
    """404 where a path's SID is none."""
    answer = await api.get(path)
    assert (answer.status, answer.code) == (404, 20404)


async def test_lists(api: "Caller") -> None:
    """Newest first, there and back; filters stay in the addresses."""
    sids = [DEFAULT_SID, *[(await made(api, FriendlyName="x"))["sid"] for _ in range(4)]][::-1]
    first = (await api.get(LIST, PageSize="2")).json
    second = (await api.get(first["next_page_uri"])).json
    third = (await api.get(second["next_page_uri"])).json
    back = (await api.get(third["previous_page_uri"])).json
    pages = [[each["sid"] for each in page["accounts"]] for page in (first, second, third, back)]
    assert pages == [sids[:2], sids[2:4], sids[4:], sids[2:4]]
    assert third["next_page_uri"] is None
    named = (await api.get(LIST, FriendlyName="x", PageSize="3")).json
    assert urlsplit(named["next_page_uri"]).query.startswith("FriendlyName=x&PageSize=3&Page=1&")
    [last] = (await api.get(named["next_page_uri"])).json["accounts"]
    assert last["sid"] == sids[3]


async def test_pages_want_a_token(api: "Caller") -> None:
    """70002 here, where other lists of this host have 20001."""
    answer = await api.get(LIST, Page="1")
    assert (answer.status, answer.code) == (400, 70002)
    assert answer.json["message"] == "Paged requests must include a PageToken"


async def test_xml(api: "Caller") -> None:
    """Without `.json`, alone and in a list."""
    one = await api.get(uri(DEFAULT_SID).removesuffix(".json"))
    assert b"<TwilioResponse><Account><AuthToken>" in one.body
    many = await api.get(ROOT)
    assert b'<Accounts page="0"' in many.body


async def test_other_sandboxes_know_nothing(api: "Caller") -> None:
    """A subaccount is its sandbox's own, and gone with it after a reset."""
    child = await made(api)
    sandboxes = api.server.sandboxes
    other = sandboxes.make(Order(seed=7))
    assert other.accounts.find(child["sid"]) is None
    copying.reset(sandboxes, sandboxes.default)
    assert sandboxes.of_account(child["sid"]) is None


async def test_forks_and_snapshots(api: "Caller") -> None:
    """A subaccount is there under another SID, its parent the fork's own account; no tokens."""
    child = await made(api, FriendlyName="Mine")
    await api.post({"Status": "suspended"}, uri(child["sid"]))
    await api.call(
        "PATCH",
        "/v1/Messaging/GeoPermissions",
        b'Permissions={"country_code":"DE","enabled":false}',
        {"Host": "accounts.twilio.com"},
    )
    sandboxes = api.server.sandboxes
    fork = copying.fork(sandboxes, sandboxes.default, Order(seed=7))
    first, sub = fork.tables.accounts.values()
    assert first.geo_permissions_off == ("DE",)
    assert (sub.friendly_name, sub.status, sub.auth_token) == ("Mine", "suspended", "")
    assert (sub.owner_account_sid, fork.accounts.barred) == (first.sid, {sub.sid})
    assert sub.sid != child["sid"]
    assert sandboxes.of_account(sub.sid) is fork


async def test_test_credentials(serve: "Serve") -> None:
    """403 with 20008."""
    tester = Account(STRANGER, "t" * 32, mode="test")
    api = await serve(account=(tester,))
    api.account, api.auth = STRANGER, f"{STRANGER}:{'t' * 32}"
    for method, path in (("GET", LIST), ("POST", LIST), ("GET", uri(STRANGER))):
        assert (await api.call(method, path)).code == 20008
