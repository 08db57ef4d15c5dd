"""`POST /v2/token`, and what can be done with an access token."""

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mockserver.domain.access_tokens import issue
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.message import SECOND
from mockserver.world import copying
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

CLIENT = "OQ" + "a" * 32
STRANGER = "AC" + "5" * 32
FIRST = DEFAULT_SID.replace("AC", "OQ")
SECRET = "s3cr3t"
FORM = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
PATH = "/v2/token"


async def token(oauth: "Caller", **changes: str) -> str:
    """An access token; fails unless there is one."""
    answer = await oauth.post({**FORM, **changes}, PATH)
    assert answer.status == 200
    given: str = answer.json["access_token"]
    return given


async def ask(oauth: "Caller", bearer: str, path: str = "", scheme: str = "Bearer") -> "Answer":
    """List messages with an access token."""
    headers = {"Host": "api.twilio.com", "Authorization": f"{scheme} {bearer}"}
    return await oauth.call("GET", path or oauth.path, headers=headers)


async def test_a_token(oauth: "Caller") -> None:
    """A JWT for an hour, in the form that RFC 6749 and Twilio's page give."""
    answer = await oauth.post(FORM, PATH)
    assert answer.status == 200
    document = answer.json
    assert document.pop("access_token").count(".") == 2
    assert document == {
        "id_token": None,
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": None,
    }


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_it_opens_the_api(oauth: "Caller", scheme: str) -> None:
    """To the account that its client stands for: the sandbox's first one."""
    bearer = await token(oauth)
    assert (await ask(oauth, bearer, scheme=scheme)).status == 200
    other = oauth.path.replace(DEFAULT_SID, "AC" + "b" * 32)
    assert (await ask(oauth, bearer, other)).code == 20003


async def test_every_account_has_a_client(oauth: "Caller") -> None:
    """Its own digits, with its Auth Token as secret, as it has a key."""
    bearer = await token(oauth, client_id=FIRST, client_secret=DEFAULT_TOKEN)
    assert (await ask(oauth, bearer)).status == 200


async def test_the_first_secret_counts(oauth: "Caller") -> None:
    """Of a client that nobody set up; the journal says which request brought it."""
    await token(oauth)
    refused = await oauth.post({**FORM, "client_secret": "another"}, PATH)
    assert (refused.status, refused.code) == (401, 20003)
    first, second = oauth.journal
    assert first.warnings == [f"this request fixed the secret of OAuth client {CLIENT}"]
    assert second.operation == "oauth.v2.CreateToken"


async def test_it_ends_after_an_hour(oauth: "Caller") -> None:
    """Of the sandbox's clock; then it is a 401, and the journal says when it ended."""
    bearer = await token(oauth)
    engine = oauth.sandbox.engine
    await engine.advance(engine.clock.now() + 3_599 * SECOND)
    assert (await ask(oauth, bearer)).status == 200
    await engine.advance(engine.clock.now() + SECOND)
    assert (await ask(oauth, bearer)).code == 20003
    [warning] = oauth.journal[-1].warnings
    assert warning.startswith("the access token ended at ")


@pytest.mark.parametrize(
    "change",
    [
        *({"grant_type": "password"}, {"grant_type": ""}),
        *({"client_id": ""}, {"client_secret": ""}),
    ],
)
async def test_what_cannot_be_read(oauth: "Caller", change: dict[str, str]) -> None:
    """400 with 20001, and the text names the parameter."""
    answer = await oauth.post({**FORM, **change}, PATH)
    assert (answer.status, answer.code) == (400, 20001)
    assert next(iter(change)) in answer.json["message"]


@pytest.mark.parametrize(
    "bearer",
    ["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJPUSJ9.", "é"],
)
async def test_no_tokens(oauth: "Caller", bearer: str) -> None:
    """20003, whatever it is."""
    answer = await ask(oauth, bearer)
    assert (answer.status, answer.code) == (401, 20003)


async def test_a_forged_one(oauth: "Caller") -> None:
    """What somebody else has signed counts for nothing."""
    head, claims, _ = (await token(oauth)).split(".")
    assert (await ask(oauth, f"{head}.{claims}.AAAA")).code == 20003
    none = "eyJhbGciOiJub25lIn0"
    assert (await ask(oauth, f"{none}.{claims}.")).code == 20003


async def test_no_client(oauth: "Caller") -> None:
    """What is not named as one is unknown: 401."""
    assert (await oauth.post({**FORM, "client_id": "nonsense"}, PATH)).code == 20003


async def test_a_client_is_no_user(oauth: "Caller") -> None:
    """Of HTTP Basic, nor one of the account's keys."""
    await token(oauth)
    oauth.host, oauth.auth = "api.twilio.com", f"{CLIENT}:{SECRET}"
    assert (await oauth.get()).code == 20003
    oauth.auth = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    keys = await oauth.get(f"/2010-04-01/Accounts/{DEFAULT_SID}/Keys.json")
    assert keys.json["keys"] == []
    one = await oauth.get(f"/2010-04-01/Accounts/{DEFAULT_SID}/Keys/{CLIENT}.json")
    assert one.status == 404


async def test_strict_accounts(serve: "Serve") -> None:
    """Then strangers get no token, and the first client of an account gets one."""
    strict: Any = await serve(strict_accounts=True)
    strict.host, strict.auth = "oauth.twilio.com", None
    assert (await strict.post(FORM, PATH)).code == 20003
    await token(strict, client_id=FIRST, client_secret=DEFAULT_TOKEN)


async def test_the_journal_keeps_no_secrets(oauth: "Caller") -> None:
    """Neither the client's nor the token."""
    bearer = await token(oauth)
    await ask(oauth, bearer)
    first, second = oauth.journal
    assert SECRET.encode() not in first.body
    assert bearer.encode() not in first.reply_body
    assert bearer.encode() not in b"".join(value for _, value in second.headers)


async def test_after_a_reset_it_is_gone(oauth: "Caller") -> None:
    """A reset forgets the client, and its tokens with it; a new one is to be had."""
    bearer = await token(oauth)
    copying.reset(oauth.server.sandboxes, oauth.sandbox)
    assert (await ask(oauth, bearer)).code == 20003
    assert (await ask(oauth, await token(oauth, client_secret="new"))).status == 200


async def test_the_second_token_as_secret(oauth: "Caller") -> None:
    """An account's two Auth Tokens are good for its client, and so is what either signed."""
    accounts = oauth.sandbox.accounts
    accounts.change(replace(accounts.first, secondary_token="second"), Unit())
    bearer = await token(oauth, client_id=FIRST, client_secret="second")
    assert (await ask(oauth, bearer)).status == 200


async def test_nobody_signs_for_an_account_without_a_token(oauth: "Caller") -> None:
    """Nothing is no secret, though it could sign."""
    oauth.sandbox.accounts.set_up(Account(STRANGER), Unit())
    now = oauth.sandbox.clock.now()
    forged = issue(STRANGER.replace("AC", "OQ"), STRANGER, "", now)
    path = oauth.path.replace(DEFAULT_SID, STRANGER)
    assert (await ask(oauth, forged, path)).code == 20003


async def test_the_journal_does_not_have_the_secret_of_a_form_in_parts(oauth: "Caller") -> None:
    """It is read as any form, and nothing of it is kept."""
    field = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    body = "".join(field.format(*each) for each in FORM.items()) + "--x--"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await oauth.call("POST", PATH, body.encode(), headers)
    assert answer.status == 200
    assert SECRET.encode() not in oauth.journal[-1].body
