"""`/v1/AuthTokens`: two tokens, then one."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

SECONDARY, PROMOTE = "/v1/AuthTokens/Secondary", "/v1/AuthTokens/Promote"
AT = "2026-12-01T00:00:00Z"
API = {"Host": "api.twilio.com"}


async def may(accounts: "Caller", token: str) -> bool:
    """Whether a token of the default account is taken."""
    before, accounts.auth = accounts.auth, f"{DEFAULT_SID}:{token}"
    answer = await accounts.call("GET", headers=API)
    accounts.auth = before
    assert answer.status in (200, 401)
    return answer.status == 200


async def test_a_second_token(accounts: "Caller") -> None:
    """Both are taken until it is promoted, then it alone; the account shows it as its own."""
    made = await accounts.post({}, SECONDARY)
    second = made.json["secondary_auth_token"]
    assert made.status == 201
    assert made.json == {
        "account_sid": DEFAULT_SID,
        "secondary_auth_token": second,
        "date_created": AT,
        "date_updated": AT,
        "url": f"https://accounts.twilio.com{SECONDARY}",
    }
    assert [await may(accounts, token) for token in (DEFAULT_TOKEN, second)] == [True, True]
    promoted = await accounts.post({}, PROMOTE)
    assert promoted.status == 200
    assert promoted.json == {
        "account_sid": DEFAULT_SID,
        "auth_token": second,
        "date_created": AT,
        "date_updated": AT,
        "url": f"https://accounts.twilio.com{PROMOTE}",
    }
    assert [await may(accounts, token) for token in (DEFAULT_TOKEN, second)] == [False, True]
    accounts.auth = f"{DEFAULT_SID}:{second}"
    own = await accounts.call("GET", f"/2010-04-01/Accounts/{DEFAULT_SID}.json", headers=API)
    assert own.json["auth_token"] == second


async def test_dropped(accounts: "Caller") -> None:
    """It is taken no longer, and there is nothing to promote."""
    second = (await accounts.post({}, SECONDARY)).json["secondary_auth_token"]
    assert (await accounts.call("DELETE", SECONDARY)).status == 204
    assert [await may(accounts, token) for token in (DEFAULT_TOKEN, second)] == [True, False]
    for method, path in (("POST", PROMOTE), ("DELETE", SECONDARY)):
        answer = await accounts.call(method, path)
        assert (answer.status, answer.code) == (404, 20404)
        assert answer.json["message"].endswith(f"{path.removeprefix('/v1')} was not found")


async def test_no_third(accounts: "Caller") -> None:
    """409; the second stays."""
    second = (await accounts.post({}, SECONDARY)).json["secondary_auth_token"]
    answer = await accounts.post({}, SECONDARY)
    assert (answer.status, answer.code) == (409, 20409)
    assert await may(accounts, second)


async def test_api_keys_outlive_tokens(accounts: "Caller") -> None:
    """Rotating tokens does not touch them."""
    keys = f"/2010-04-01/Accounts/{DEFAULT_SID}/Keys.json"
    key = (await accounts.call("POST", keys, headers=API)).json
    await accounts.post({}, SECONDARY)
    await accounts.post({}, PROMOTE)
    accounts.auth = f"{key['sid']}:{key['secret']}"
    assert (await accounts.call("GET", headers=API)).status == 200


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"SuppressEmailNotification": "true"}, 201, 0),
        ({"SuppressEmailNotification": ""}, 201, 0),
        ({"SuppressEmailNotification": "maybe"}, 400, 20422),
        ({"Length": "9"}, 201, 0),
    ],
)
async def test_parameters(accounts: "Caller", form: dict[str, str], status: int, code: int) -> None:
    """No mail is sent here, but what is said about it is checked."""
    answer = await accounts.post(form, SECONDARY)
    assert (answer.status, answer.json.get("code", 0)) == (status, code)


async def test_methods_and_paths(accounts: "Caller") -> None:
    """What is not there is said so."""
    answer = await accounts.get(SECONDARY)
    assert (answer.code, answer.header("Allow")) == (20004, "DELETE, POST")
    assert (await accounts.get("/v1/AuthTokens")).code == 20404
    assert "does not serve" in accounts.journal[-1].warnings[0]


async def test_by_prefix(serve: "Serve") -> None:
    """The short name serves as well as the host; addresses say so."""
    api = await serve(check_responses=True)
    api.host = "localhost:2010"
    answer = await api.post({}, f"/accounts{SECONDARY}")
    assert answer.json["url"] == f"http://localhost:2010/accounts{SECONDARY}"
    assert api.journal[-1].operation == "accounts.v1.CreateSecondaryAuthToken"
    assert api.journal[-1].warnings == []
