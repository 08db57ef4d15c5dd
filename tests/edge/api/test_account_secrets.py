"""Tokens and secrets of accounts and keys: in the answer, never in the journal; who may ask."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from tests.edge.api.conftest import Control
    from tests.edge.conftest import Caller, Serve

ROOT = "/2010-04-01/Accounts"
KEYS = f"{ROOT}/{DEFAULT_SID}/Keys.json"
OWN = f"{ROOT}/{DEFAULT_SID}.json"
TOKENS = {"Host": "accounts.twilio.com"}


async def life(api: "Caller") -> list[str]:
    """Everything that tells a secret; those that were told."""
    child = (await api.post({"FriendlyName": "Mine"}, f"{ROOT}.json")).json
    key = (await api.post({}, KEYS)).json
    second = (await api.call("POST", "/v1/AuthTokens/Secondary", headers=TOKENS)).json
    await api.get(f"{ROOT}.json")
    await api.get(ROOT)
    await api.get(f"{ROOT}/{child['sid']}.json")
    await api.get(f"{ROOT}/{child['sid']}")
    await api.post({"FriendlyName": "Yours"}, f"{ROOT}/{child['sid']}.json")
    await api.call("POST", "/v1/AuthTokens/Promote", headers=TOKENS)
    api.auth = f"{DEFAULT_SID}:{second['secondary_auth_token']}"
    await api.get(OWN)
    return [child["auth_token"], key["secret"], second["secondary_auth_token"]]


async def test_the_journal_knows_no_secrets(api: "Caller", control: "Control") -> None:
    """`***` stands for each, in JSON and in XML; the rest of an answer is as it was."""
    secrets = await life(api)
    shown = json.dumps(await control(api, "GET", "/requests"))
    assert not [secret for secret in secrets if secret in shown]
    assert f'"{DEFAULT_TOKEN}"' not in shown
    bodies = [entry.reply_body for entry in api.journal]
    assert b'{"auth_token": "***", "date_created": "' in bodies[0]
    assert b'"secret": "***"}' in bodies[1]
    assert b"<AuthToken>***</AuthToken>" in bodies[4]
    assert f'"sid": "{DEFAULT_SID}"'.encode() in bodies[-1]


async def test_runs_are_repeatable(serve: "Serve", control: "Control") -> None:
    """With one seed the canonical journals are the same text, whatever the tokens were."""
    documents: list[Any] = []
    for _ in range(2):
        api = await serve(clock="manual", seed=7)
        await life(api)
        documents.append(await control(api, "GET", "/journal?canonical=1"))
    assert json.dumps(documents[0]) == json.dumps(documents[1])


@pytest.mark.parametrize(
    ("method", "path", "host"),
    [
        ("GET", f"{ROOT}.json", "api"),
        ("POST", f"{ROOT}.json", "api"),
        ("GET", OWN, "api"),
        ("POST", OWN, "api"),
        ("GET", KEYS, "api"),
        ("POST", KEYS, "api"),
        ("DELETE", KEYS.replace(".json", f"/SK{'5' * 32}.json"), "api"),
        ("GET", KEYS.replace("Keys", "SigningKeys"), "api"),
        ("POST", "/v1/AuthTokens/Secondary", "accounts"),
        ("POST", "/v1/AuthTokens/Promote", "accounts"),
    ],
)
async def test_not_for_standard_keys(api: "Caller", method: str, path: str, host: str) -> None:
    """Accounts, keys and tokens: 401 with 20003; all else is open to them."""
    key = (await api.post({}, KEYS)).json
    api.auth = f"{key['sid']}:{key['secret']}"
    answer = await api.call(method, path, headers={"Host": f"{host}.twilio.com"})
    assert (answer.status, answer.code) == (401, 20003)
    assert "is a Standard key" in api.journal[-1].warnings[0]
    assert (await api.get(KEYS.replace("Keys", "Balance"))).status == 200


async def test_suspended_and_back(api: "Caller") -> None:
    """A parent sees and reactivates its suspended subaccount, and does nothing else to it."""
    child = (await api.post({}, f"{ROOT}.json")).json
    own = f"{ROOT}/{child['sid']}.json"
    assert (await api.post({"Status": "suspended"}, own)).json["status"] == "suspended"
    assert (await api.get(own)).json["status"] == "suspended"
    for path in ("Messages", "Keys", "Balance"):
        assert (await api.get(own.replace(".json", f"/{path}.json"))).code == 20003
    assert (await api.post({"Status": "active"}, own)).json["status"] == "active"
    api.account, api.auth = child["sid"], f"{child['sid']}:{child['auth_token']}"
    assert (await api.create()).status == 201


async def test_closed_is_closed(api: "Caller") -> None:
    """21479, to whoever would have it otherwise."""
    child = (await api.post({}, f"{ROOT}.json")).json
    own = f"{ROOT}/{child['sid']}.json"
    assert (await api.post({"Status": "closed"}, own)).status == 200
    for status in ("active", "suspended"):
        answer = await api.post({"Status": status}, own)
        assert (answer.status, answer.code) == (400, 21479)
    assert (await api.get(own)).json["status"] == "closed"
