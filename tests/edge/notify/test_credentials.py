"""`/v1/Credentials`: make, fetch, list, change, delete."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.message import SECOND

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

ROOT = "/v1/Credentials"
CONVERT = "Can not convert incoming parameters to Credential object: Parameter '{}' is invalid"


async def test_a_credential(notify: "Caller") -> None:
    """As create, fetch and list show it; never with its secrets."""
    form = {
        "Type": "apn",
        "FriendlyName": "mine",
        "Certificate": "-----BEGIN CERTIFICATE-----",
        "PrivateKey": "-----BEGIN RSA PRIVATE KEY-----",
        "Sandbox": "true",
    }
    credential = await notify.made(form, ROOT)
    assert credential == {
        "sid": credential["sid"],
        "account_sid": DEFAULT_SID,
        "friendly_name": "mine",
        "type": "apn",
        "sandbox": "True",
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "url": f"https://notify.twilio.com{ROOT}/{credential['sid']}",
    }
    assert (await notify.get(f"{ROOT}/{credential['sid']}")).json == credential
    assert (await notify.get(ROOT)).json["credentials"] == [credential]
    assert notify.journal[-1].warnings == []


@pytest.mark.parametrize(("kind", "sandbox"), [("apn", "False"), ("fcm", None), ("gcm", None)])
async def test_the_sandbox_is_of_apns(notify: "Caller", kind: str, sandbox: str | None) -> None:
    """And a text, which the others do not have."""
    assert (await notify.made({"Type": kind}, ROOT))["sandbox"] == sandbox
    assert (await notify.made({"Type": kind, "Sandbox": "True"}, ROOT))["sandbox"] == (
        sandbox and "True"
    )


async def test_update_and_delete(notify: "Caller") -> None:
    """What is given changes; then it is gone."""
    credential = await notify.made({"Type": "fcm", "Secret": "x"}, ROOT)
    path = f"{ROOT}/{credential['sid']}"
    engine = notify.sandbox.engine
    await engine.advance(engine.clock.now() + 7 * SECOND)
    answer = await notify.post({"FriendlyName": "new", "Secret": "y", "ApiKey": "z"}, path)
    assert answer.status == 200
    changes = {"friendly_name": "new", "date_updated": "2026-12-01T00:00:07Z"}
    assert answer.json == {**credential, **changes}
    deleted = await notify.call("DELETE", path)
    assert (deleted.status, deleted.body) == (204, b"")
    (await notify.get(path)).refused(404, 20404)


@pytest.mark.parametrize(
    ("form", "code", "message"),
    [
        ({}, 20001, "Missing required parameter Type in the post body"),
        ({"Type": ""}, 20001, "Missing required parameter Type in the post body"),
        ({"Type": "sms"}, 20001, CONVERT.format("Type")),
        ({"Type": "apn", "Sandbox": "maybe"}, 20001, CONVERT.format("Sandbox")),
        ({"Type": "apn", "FriendlyName": "x" * 65}, 20002, "Invalid FriendlyName"),
        ({"Type": "apn", "FriendlyName": ""}, 20002, "Invalid FriendlyName"),
    ],
)
async def test_what_is_refused(
    notify: "Caller", form: dict[str, Any], code: int, message: str
) -> None:
    """Nothing is made."""
    (await notify.post(form, ROOT)).refused(400, code, message)
    assert (await notify.get(ROOT)).json["credentials"] == []


async def test_a_deleted_one_is_still_named(notify: "Caller") -> None:
    """By the services that use it."""
    credential = await notify.made({"Type": "fcm"}, ROOT)
    service = await notify.made({"FcmCredentialSid": credential["sid"]}, "/v1/Services")
    await notify.call("DELETE", f"{ROOT}/{credential['sid']}")
    after = (await notify.get(f"/v1/Services/{service['sid']}")).json
    assert after["fcm_credential_sid"] == credential["sid"]
