"""On whose behalf a call comes: by header, by arguments, or nobody's in particular."""

import gzip
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from tests.edge.twilionotify.conftest import AtModule, Failed, Module

Basic = Callable[[str, str], str]

OTHER, SECRET = "AC" + "b" * 32, "a token of its own"
NONE = "Authentication Error - No credentials provided"
FORM = "application/x-www-form-urlencoded"


async def test_nobody_in_particular(module: "Module") -> None:
    """Is the default account, which is set up."""
    assert (await module.bind())["account_sid"] == DEFAULT_SID
    assert (await module.bind(AccountSid="", AuthToken=""))["account_sid"] == DEFAULT_SID


async def test_by_arguments(module: "Module") -> None:
    """As older editions have it."""
    made = await module.bind(AccountSid=DEFAULT_SID, AuthToken=DEFAULT_TOKEN)
    assert made["account_sid"] == DEFAULT_SID
    body = f"ServiceSid={module.service}&AccountSid={DEFAULT_SID}&AuthToken={DEFAULT_TOKEN}"
    assert (await module.ask("listBinding", body.encode(), Content_Type=FORM)).status == 200


async def test_by_header(module: "Module", basic: Basic, failed: "Failed") -> None:
    """As at Twilio; what the arguments say counts for nothing beside it."""
    asked = {"ServiceSid": module.service, "AccountSid": OTHER, "AuthToken": "x"}
    body = json.dumps(asked).encode()
    right = basic(DEFAULT_SID, DEFAULT_TOKEN)
    assert (await module.ask("listBinding", body, Authorization=right)).status == 200
    wrong = basic(DEFAULT_SID, "wrong")
    failed(await module.ask("listBinding", body, Authorization=wrong), "TwilioError", 401)


async def test_an_api_key(module: "Module", basic: Basic) -> None:
    """Is its account's: that of the sandbox where nobody said otherwise."""
    key = "SK" + "c" * 32
    body = json.dumps({"ServiceSid": module.service}).encode()
    answer = await module.ask("listBinding", body, Authorization=basic(key, "secret"))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("asked", "kind", "text"),
    [
        ({"AccountSid": DEFAULT_SID, "AuthToken": "wrong"}, "TwilioError", "Authenticate"),
        (
            {"AccountSid": "CA" + "0" * 32, "AuthToken": "x"},
            "TwilioError",
            "Authentication Error - invalid username",
        ),
        (
            {"AccountSid": DEFAULT_SID},
            "ConfigurationError",
            "AccountSid and AuthToken are needed together",
        ),
        (
            {"AuthToken": DEFAULT_TOKEN, "AccountSid": ""},
            "ConfigurationError",
            "AccountSid and AuthToken are needed together",
        ),
    ],
)
async def test_not_admitted(
    module: "Module", failed: "Failed", asked: dict[str, Any], kind: str, text: str
) -> None:
    """Twilio refuses what is wrong, the module what is incomplete; nothing is done."""
    answer = await module("listBinding", **asked)
    failed(answer, kind, 401, text)
    assert answer.header("WWW-Authenticate") == 'Basic realm="Twilio API"'


@pytest.mark.parametrize(
    "asked",
    [
        {"AccountSid": "AC1", "AuthToken": "x"},
        {"AccountSid": 1, "AuthToken": "x"},
        {"AccountSid": DEFAULT_SID, "AuthToken": 1},
        {"AccountSid": "AC:" + "0" * 31, "AuthToken": "x"},
    ],
)
async def test_credentials_that_are_none(
    module: "Module", failed: "Failed", asked: dict[str, Any]
) -> None:
    """34 letters and digits, and text."""
    text = "AccountSid must be 34 letters and digits, AuthToken must be text"
    failed(await module("listBinding", **asked), "ArgumentError", 400, text)


async def test_an_account_comes_into_being(module: "Module", failed: "Failed") -> None:
    """With its first success, by arguments as by header; then its token counts."""
    login = {"AccountSid": OTHER, "AuthToken": SECRET}
    failed(await module("listBinding", **login), "TwilioError", 404)  # the service is not its own
    service = await _service_of(module, OTHER, SECRET)
    made = await module.bind(ServiceSid=service, **login)
    assert made["account_sid"] == OTHER
    wrong = {**login, "AuthToken": "another"}
    answer = await module("listBinding", ServiceSid=service, **wrong)
    failed(answer, "TwilioError", 401, "Authenticate")
    said = module.caller.journal[-1].warnings
    assert any(f"the secret that {OTHER} is expected to send was fixed by" in each for each in said)


async def _service_of(module: "Module", user: str, token: str) -> str:
    caller = module.caller
    before, caller.auth = caller.auth, f"{user}:{token}"
    answer = await caller.call("POST", "/notify/v1/Services", b"", {"Host": "localhost"})
    caller.auth = before
    assert answer.status == 201
    return str(answer.json["sid"])


async def test_strict_accounts(at_module: "AtModule", failed: "Failed") -> None:
    """Nobody in particular is not admitted there; the default account, by name, is."""
    module = await at_module(strict_accounts=True)
    failed(await module("listBinding"), "ConfigurationError", 401, NONE)
    failed(await module("listBinding", AccountSid=OTHER, AuthToken="x"), "TwilioError", 401)
    login = {"AccountSid": DEFAULT_SID, "AuthToken": DEFAULT_TOKEN}
    assert (await module.done("listBinding", **login))["bindings"] == []


async def test_a_sandbox_by_arguments(module: "Module") -> None:
    """An account leads to the sandbox that holds it, whose store and journal count."""
    local = {"Host": "localhost", "Content-Type": "application/json"}
    answer = await module.caller.call("POST", "/_mock/sandboxes", b"{}", local)
    sid, token = answer.json["account_sid"], answer.json["auth_token"]
    service = await _service_of(module, sid, token)
    made = await module("createBinding", **_binding(service), AccountSid=sid, AuthToken=token)
    assert made.json["account_sid"] == sid
    wrong = await module("createBinding", **_binding(service), AccountSid=sid, AuthToken="x")
    assert wrong.status == 401
    sandbox = module.caller.server.sandboxes.of_account(sid)
    assert sandbox is not None
    operations = [(each.operation, each.status) for each in sandbox.journal.requests]
    assert operations[1:] == [
        ("twilionotify.createBinding", 200),
        ("twilionotify.createBinding", 401),
    ]


def _binding(service: str) -> dict[str, str]:
    return {"ServiceSid": service, "Identity": "Bob", "Address": "1", "BindingType": "apn"}


# -- secrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"AuthToken": "SECRET", "Body": "x"}', None),
        ('{"AuthToken":"SECRET"}', None),
        ('{"AuthToken"\n:\t"SECRET\\"SECRET\\\\"}', None),
        ('{"AccountSid": 7, "AuthToken": "SECRET', None),
        ("AuthToken=SECRET&Body=x", FORM),
        ("Body=x&AuthToken=SECRET%20SECRET", FORM),
    ],
)
async def test_no_secret_in_the_journal(module: "Module", body: str, kind: str | None) -> None:
    """Neither of calls that are served, nor of bodies that cannot be read, nor of what is not."""
    for operation in ("listBinding", "nothing"):
        await module.ask(operation, body.encode(), Content_Type=kind)
        entry = module.caller.journal[-1]
        assert b"SECRET" not in entry.body
        assert b"***" in entry.body
    local = {"Host": "localhost"}
    shown = await module.caller.call("GET", "/_mock/requests", None, local)
    assert b"SECRET" not in shown.body


async def test_a_packed_secret(module: "Module") -> None:
    """A packed body is not kept at all; its length is."""
    body = gzip.compress(b'{"AuthToken": "SECRET"}')
    await module.ask("listBinding", body, Content_Encoding="gzip")
    entry = module.caller.journal[-1]
    assert (entry.body, entry.body_length) == (b"", len(body))


async def test_other_bodies_are_kept(module: "Module") -> None:
    """As they were sent."""
    body = b'{"ServiceSid": "IS1", "Mood": "AuthToken"}'
    await module.ask("listBinding", body)
    assert module.caller.journal[-1].body == body
