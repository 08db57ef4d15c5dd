"""`/Keys` and `/SigningKeys`: made, used, renamed, deleted, listed."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.world import copying
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

ACCOUNT = f"/2010-04-01/Accounts/{DEFAULT_SID}"
STRANGER = "SK" + "5" * 32
AT = "Tue, 01 Dec 2026 00:00:00 +0000"


@pytest.fixture(params=["Keys", "SigningKeys"])
def path(request: pytest.FixtureRequest) -> str:
    """The list, by either name."""
    return f"{ACCOUNT}/{request.param}.json"


@pytest.fixture
async def api(serve: "Serve") -> "Caller":
    """On a clock that stands still; the server checks its own answers."""
    return await serve(check_responses=True, clock="manual", seed=7)


def one(path: str, sid: str) -> str:
    return path.replace(".json", f"/{sid}.json")


async def made(api: "Caller", path: str, **form: str) -> dict[str, Any]:
    answer = await api.post(form, path)
    assert answer.status == 201, answer.body
    document: dict[str, Any] = answer.json
    return document


async def test_a_key(api: "Caller", path: str) -> None:
    """Its secret is told when it is made, and never again."""
    key = await made(api, path, FriendlyName="Mine")
    assert list(key) == [*load("api/2010-04-01/Key")["required"], "secret"]
    assert (key["friendly_name"], key["date_created"], key["date_updated"]) == ("Mine", AT, AT)
    secret = key.pop("secret")
    fetched = await api.get(one(path, key["sid"]))
    assert fetched.json == key
    assert secret.encode() not in fetched.body + (await api.get(path)).body
    assert api.journal[-1].warnings == []


async def test_what_it_is_for(api: "Caller", path: str) -> None:
    """It authenticates at once, on other hosts too; with another secret, or deleted, no longer."""
    key = await made(api, path)
    for secret, status in (("wrong", 401), (key["secret"], 201)):
        api.auth = f"{key['sid']}:{secret}"
        assert (await api.create()).status == status
    elsewhere = await api.call("GET", "/v1/Services", headers={"Host": "messaging.twilio.com"})
    assert elsewhere.status == 200
    by_key, api.auth = api.auth, f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    assert (await api.call("DELETE", one(path, key["sid"]))).status == 204
    assert (await api.get(one(path, key["sid"]))).code == 20404
    api.auth = by_key
    assert (await api.create()).code == 20003
    assert api.journal[-1].warnings == [f"API key {key['sid']} was deleted"]


async def test_two_names_of_one_thing(api: "Caller") -> None:
    """What one list holds, the other does."""
    keys, signing_keys = f"{ACCOUNT}/Keys.json", f"{ACCOUNT}/SigningKeys.json"
    sids = [(await made(api, where))["sid"] for where in (keys, signing_keys)]
    for where, name in ((keys, "keys"), (signing_keys, "signing_keys")):
        listed = (await api.get(where)).json[name]
        assert [key["sid"] for key in listed] == sids[::-1]


async def test_names(api: "Caller", path: str) -> None:
    """Up to 64 characters, else 70001; none is null."""
    key = await made(api, path)
    assert key["friendly_name"] is None
    for where in (path, one(path, key["sid"])):
        assert (await api.post({"FriendlyName": "x" * 65}, where)).code == 70001
    renamed = await api.post({"FriendlyName": "x" * 64}, one(path, key["sid"]))
    assert (renamed.status, renamed.json["friendly_name"]) == (200, "x" * 64)
    assert (await api.post({}, one(path, key["sid"]))).json["friendly_name"] == "x" * 64


async def test_other_kinds(api: "Caller", path: str) -> None:
    """`KeyType` and `Policy` are ignored, with a word in the journal."""
    await made(api, path, KeyType="restricted", Policy="{}")
    assert api.journal[-1].warnings == [
        "`KeyType` is not a parameter of this call and was ignored",
        "`Policy` is not a parameter of this call and was ignored",
    ]


async def test_whose(api: "Caller", path: str) -> None:
    """A subaccount's keys are its own; its parent sees them at the subaccount's path."""
    child = (await api.post({}, "/2010-04-01/Accounts.json")).json["sid"]
    key = await made(api, path.replace(DEFAULT_SID, child))
    assert (await api.get(one(path, key["sid"]))).code == 20404
    found = await api.get(one(path.replace(DEFAULT_SID, child), key["sid"]))
    assert found.json["sid"] == key["sid"]
    api.auth = f"{key['sid']}:{key['secret']}"
    assert (await api.create()).code == 20003
    api.account = child
    assert (await api.create()).status == 201


async def test_unknown_keys(api: "Caller", path: str) -> None:
    """404 for one that is not there, 405 for what cannot be done to a list."""
    for method in ("GET", "POST", "DELETE"):
        assert (await api.call(method, one(path, STRANGER))).code == 20404
    answer = await api.call("DELETE", path)
    assert (answer.code, answer.header("Allow")) == (20004, "GET, HEAD, POST")


async def test_a_key_that_came_by_itself(api: "Caller", path: str) -> None:
    """An unknown SK is listed once a request with it succeeded, and may make keys."""
    api.auth = f"{STRANGER}:secret"
    assert (await api.get()).status == 200
    shown = (await api.get(one(path, STRANGER))).json
    assert shown == {
        "sid": STRANGER,
        "friendly_name": None,
        "date_created": AT,
        "date_updated": AT,
    }
    assert (await made(api, path))["sid"] != STRANGER


async def test_clearing_up(api: "Caller", path: str) -> None:
    """Who deletes what a page shows gets the next one all the same."""
    for _ in range(5):
        await made(api, path)
    name = "signing_keys" if "Signing" in path else "keys"
    where, gone = f"{path}?PageSize=2", 0
    while where:
        page = (await api.get(where)).json
        for key in page[name]:
            assert (await api.call("DELETE", one(path, key["sid"]))).status == 204
            gone += 1
        where = page["next_page_uri"]
    assert gone == 5


async def test_a_full_server(serve: "Serve", path: str) -> None:
    """403, and a word of the server's own limit in the journal."""
    api = await serve(max_accounts=1)
    answer = await api.post({}, path)
    assert (answer.status, answer.code) == (403, 20403)
    assert api.journal[-1].warnings == ["this server holds at most 1 accounts"]


async def test_xml(api: "Caller", path: str) -> None:
    """Without `.json`; the element is called as the resource is."""
    name = "SigningKey" if "Signing" in path else "Key"
    answer = await api.post({}, path.removesuffix(".json"))
    assert f"<TwilioResponse><{name}><Sid>SK".encode() in answer.body


async def test_a_reset_forgets_them(api: "Caller", path: str) -> None:
    """What was a key is a stranger's again."""
    key = await made(api, path)
    copying.reset(api.server.sandboxes, api.server.sandboxes.default)
    assert api.server.sandboxes.of_account(key["sid"]) is None
    api.auth = f"{key['sid']}:other"
    assert (await api.get()).status == 200


async def test_operations(api: "Caller", path: str) -> None:
    """As the published description calls them."""
    name = "SigningKey" if "Signing" in path else "Key"
    key = await made(api, path)
    await api.get(path)
    await api.get(one(path, key["sid"]))
    await api.post({}, one(path, key["sid"]))
    await api.call("DELETE", one(path, key["sid"]))
    assert [entry.operation for entry in api.journal] == [
        f"api.v2010.{verb}{name}" for verb in ("CreateNew", "List", "Fetch", "Update", "Delete")
    ]
