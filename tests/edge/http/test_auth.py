"""Who may act on what, and the 401s of facts 1.2, body and headers."""

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account, ApiKey
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Given, GivenAccount, Scenario
from mockserver.domain.numbers import Number
from mockserver.edge.http.auth import Access, admit, credentials, masked
from mockserver.world.clock import iso
from mockserver.world.sandboxes import Order
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve, Webhook

STRANGER = "AC" + "5" * 32
OTHER = "AC" + "6" * 32
KEY = "SK" + "7" * 32


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


AUTHENTICATE = (
    b'{"code": 20003, "detail": "Your AccountSid or AuthToken was incorrect.", '
    b'"message": "Authenticate", "more_info": "https://www.twilio.com/docs/errors/20003", '
    b'"status": 401}'
)


async def test_a_wrong_token(api: "Caller") -> None:
    """401 byte for byte as captured, with the challenge and the error's code in the headers."""
    api.auth = f"{DEFAULT_SID}:{'f' * 32}"
    answer = await api.get()
    assert (answer.status, answer.reason, answer.body) == (401, "UNAUTHORIZED", AUTHENTICATE)
    assert answer.header("WWW-Authenticate") == 'Basic realm="Twilio API"'
    assert answer.header("X-Twilio-Error-Code") == "20003"
    assert answer.header("Content-Type") == "application/json"


async def test_a_wrong_token_as_xml(api: "Caller") -> None:
    """A path without `.json` is answered in XML, the elements in the order of the JSON keys."""
    api.auth = f"{DEFAULT_SID}:{'f' * 32}"
    answer = await api.get(api.path.removesuffix(".json"))
    assert answer.status == 401
    assert answer.header("Content-Type") == "application/xml"
    assert answer.body.decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse><RestException><Code>20003</Code>"
        "<Detail>Your AccountSid or AuthToken was incorrect.</Detail>"
        "<Message>Authenticate</Message>"
        "<MoreInfo>https://www.twilio.com/docs/errors/20003</MoreInfo><Status>401</Status>"
        "</RestException></TwilioResponse>"
    )


NO_CREDENTIALS = "Authentication Error - No credentials provided"
INVALID_USERNAME = "Authentication Error - invalid username"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, NO_CREDENTIALS),
        ("", NO_CREDENTIALS),
        (basic(":"), NO_CREDENTIALS),
        ("Basic", NO_CREDENTIALS),
        (basic(":secret"), INVALID_USERNAME),
        (basic("  :secret"), INVALID_USERNAME),
        (basic("me:secret"), INVALID_USERNAME),
        (basic("AC123:secret"), INVALID_USERNAME),
        (basic("PN" + "0" * 32 + ":secret"), INVALID_USERNAME),
        ("Basic !!!!", INVALID_USERNAME),
        ("Basic /w==", INVALID_USERNAME),
        ("Bearer abc", "Authenticate"),
        (basic(f"{DEFAULT_SID}:"), "Authenticate"),
        (basic(DEFAULT_SID), "Authenticate"),
        (basic(f"{DEFAULT_SID}:wrong:"), "Authenticate"),
    ],
)
async def test_what_is_wrong_with_credentials(
    api: "Caller", header: str | None, message: str
) -> None:
    """One code, 20003; the text says whether they are missing, no SID, or incorrect."""
    answer = await api.call("GET", headers={"Authorization": header})
    assert (answer.status, answer.code) == (401, 20003)
    assert answer.json["message"] == message
    assert answer.header("WWW-Authenticate") == 'Basic realm="Twilio API"'


async def test_the_scheme_in_any_case(api: "Caller") -> None:
    """`basic` is as good as `Basic`."""
    token = basic(f"{DEFAULT_SID}:{DEFAULT_TOKEN}").removeprefix("Basic ")
    answer = await api.call("GET", headers={"Authorization": f"bASIC {token}"})
    assert answer.status == 200


async def test_an_unknown_account_comes_into_being(api: "Caller") -> None:
    """Reads of it show an empty account; its first write makes it; it is apart from the others."""
    api.account, api.auth = STRANGER, f"{STRANGER}:one"
    answer = await api.get()
    assert (answer.status, answer.json["messages"]) == (200, [])
    known = api.server.sandboxes.default.accounts.find(STRANGER)
    assert known is None or known.created_at == 0
    created = await api.create()
    assert (created.status, created.json["account_sid"]) == (201, STRANGER)
    made = api.sandbox.accounts.find(STRANGER)
    assert made is not None
    assert made.created_at > 0
    assert await api.sids() == [created.json["sid"]]
    api.account, api.auth = DEFAULT_SID, f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    assert await api.sids() == []


async def test_the_first_token_wins(api: "Caller") -> None:
    """The token of the first request that succeeded is the account's; the journal says which."""
    api.account, api.auth = STRANGER, f"{STRANGER}:refused"
    assert (await api.create(To="-")).status == 400
    api.auth = f"{STRANGER}:one"
    assert (await api.get()).status == 200
    api.auth = f"{STRANGER}:two"
    assert (await api.get()).body == AUTHENTICATE
    api.auth = f"{STRANGER}:one"
    assert (await api.get()).status == 200
    notes = [entry.warnings for entry in api.journal]
    said = f"this request fixed the Auth Token of account {STRANGER}"
    assert notes[1] == [said]
    assert [entry.status for entry in api.journal] == [400, 200, 401, 200]
    fixed_at = iso(api.journal[1].at)
    assert notes[2] == [
        f"the secret that {STRANGER} is expected to send was fixed by request req-2 at {fixed_at}"
    ]
    assert notes[3] == []


async def test_an_unknown_api_key(api: "Caller") -> None:
    """It belongs to the account in the path; its first secret wins; the token is still open."""
    api.account, api.auth = STRANGER, f"{KEY}:one"
    assert (await api.create()).status == 201
    api.auth = f"{KEY}:two"
    assert (await api.get()).body == AUTHENTICATE
    api.auth, api.account = f"{KEY}:one", OTHER
    assert (await api.get()).body == AUTHENTICATE
    api.account, api.auth = STRANGER, f"{STRANGER}:token"
    assert len(await api.sids()) == 1


async def test_an_api_key_without_a_secret(api: "Caller") -> None:
    """401, known or not."""
    api.auth = f"{KEY}:"
    assert (await api.get()).body == AUTHENTICATE
    api.auth = f"{KEY}:one"
    assert (await api.get()).status == 200
    api.auth = f"{KEY}:"
    assert (await api.get()).body == AUTHENTICATE


async def test_a_key_of_the_default_account(api: "Caller") -> None:
    """Acts on what the token acts on."""
    sid = (await api.create()).json["sid"]
    api.auth = f"{KEY}:one"
    assert await api.sids() == [sid]


async def test_the_key_that_every_account_has(serve: "Serve") -> None:
    """The account's own digits and its Auth Token; strictly, on every host, and on no other path.

    The same digits with another secret are a key like any other.
    """
    token = "t" * 32
    strict = await serve(strict_accounts=True, account=(Account(OTHER, token),))
    strict.account, strict.auth = OTHER, f"SK{OTHER[2:]}:{token}"
    sid = (await strict.create()).json["sid"]
    assert await strict.sids() == [sid]
    made = await strict.call("GET", "/v1/Services", headers={"Host": "messaging.twilio.com"})
    assert made.status == 200
    strict.account = STRANGER
    assert (await strict.get()).body == AUTHENTICATE
    strict.account, strict.auth = OTHER, f"SK{OTHER[2:]}:{'u' * 32}"
    assert (await strict.get()).body == AUTHENTICATE


async def test_other_secrets_of_its_digits(api: "Caller") -> None:
    """An account without a token yet has no such key; the first secret that comes wins."""
    api.account, api.auth = STRANGER, f"SK{STRANGER[2:]}:one"
    assert (await api.get()).status == 200
    api.auth = f"{STRANGER}:token"
    assert (await api.get()).status == 200
    api.auth = f"SK{STRANGER[2:]}:token"
    assert (await api.get()).body == AUTHENTICATE


@pytest.mark.parametrize("path", [STRANGER, OTHER, DEFAULT_SID])
async def test_nobody_acts_on_an_account_of_others(api: "Caller", path: str) -> None:
    """401, whether the path's account is known or not."""
    api.account, api.auth = OTHER, f"{OTHER}:token"
    assert (await api.create()).status == 201
    api.account = path
    assert (await api.get()).status == (200 if path == OTHER else 401)


@pytest.fixture
async def family(serve: "Serve") -> "Caller":
    """A parent (the default account) with a subaccount, and a grown-up beside them."""
    caller = await serve()
    given = Given((GivenAccount(), GivenAccount(STRANGER, "s" * 32, owner_account_sid=DEFAULT_SID)))
    caller.server.sandboxes.drop(caller.server.sandboxes.default)
    order = Order(scenario=Scenario("", given=given), account=Account(DEFAULT_SID, DEFAULT_TOKEN))
    caller.server.sandboxes.make(order)
    return caller


async def test_a_parent_acts_on_its_subaccount(family: "Caller") -> None:
    """The message belongs to the subaccount, and only its list shows it."""
    family.account = STRANGER
    created = await family.create()
    assert (created.status, created.json["account_sid"]) == (201, STRANGER)
    assert f"/Accounts/{STRANGER}/Messages/" in created.json["uri"]
    assert await family.sids() == [created.json["sid"]]
    family.account = DEFAULT_SID
    assert await family.sids() == []


async def test_a_parents_key_acts_on_its_subaccount(family: "Caller") -> None:
    """As the parent's token does."""
    family.auth = f"{KEY}:one"
    assert (await family.get()).status == 200
    family.account = STRANGER
    assert (await family.create()).json["account_sid"] == STRANGER


async def test_a_subaccount_does_not_act_on_its_parent(family: "Caller") -> None:
    """401 on the parent's path, 200 on its own."""
    family.auth = f"{STRANGER}:{'s' * 32}"
    assert (await family.get()).body == AUTHENTICATE
    family.account = STRANGER
    assert (await family.get()).status == 200


@pytest.mark.parametrize("user", [STRANGER, KEY])
async def test_strict_accounts(serve: "Serve", user: str) -> None:
    """What was not set up, account or key, is 401; what was set up is not."""
    known = Account(OTHER, "t" * 32)
    api = await serve(strict_accounts=True, account=(known,))
    api.account = STRANGER if user == STRANGER else OTHER
    api.auth = f"{user}:token"
    assert (await api.get()).body == AUTHENTICATE
    api.account, api.auth = OTHER, f"{OTHER}:{'t' * 32}"
    assert (await api.create()).status == 201


async def test_a_strict_server_still_has_its_default_account(serve: "Serve") -> None:
    """It always exists."""
    api = await serve(strict_accounts=True)
    assert (await api.create()).status == 201


async def test_too_many_accounts(serve: "Serve") -> None:
    """Accounts beyond `max_accounts` are served but not kept, and the journal says so."""
    api = await serve(max_accounts=1)
    api.account, api.auth = STRANGER, f"{STRANGER}:one"
    assert (await api.get()).status == 200
    [entry] = api.journal
    assert "was not kept" in entry.warnings[0]


TESTER = Account("AC" + "8" * 32, "t" * 32, mode="test")


async def test_test_credentials(serve: "Serve") -> None:
    """They may create messages, which nobody can read: all else is 403 with 20008."""
    api = await serve(account=(TESTER,))
    api.account, api.auth = TESTER.sid, f"{TESTER.sid}:{TESTER.auth_token}"
    created = await api.create(From="+15005550006")
    assert (created.status, created.json["status"]) == (201, "queued")
    one = api.path.replace(".json", f"/{created.json['sid']}.json")
    for method, path in (("GET", api.path), ("GET", one), ("POST", one), ("DELETE", one)):
        answer = await api.call(method, path)
        assert (answer.status, answer.reason, answer.code) == (403, "FORBIDDEN", 20008)
        assert answer.json["message"] == "Resource not accessible with Test Account Credentials"


async def test_a_message_of_test_credentials_stays_as_it_is(
    serve: "Serve", webhook: "Webhook"
) -> None:
    """No status, no callback; the sandbox still has it, for the control API."""
    api = await serve(account=(TESTER,))
    api.account, api.auth = TESTER.sid, f"{TESTER.sid}:{TESTER.auth_token}"
    created = await api.create(From="+15005550006", StatusCallback=webhook.url)
    await api.settled()
    delivery = api.sandbox.tables.messages.delivery(created.json["sid"])
    assert (delivery.status, webhook.posted) == ("queued", [])


@pytest.mark.parametrize(
    ("name", "sender"),
    [("own number", "+14155550123"), ("any number", "+15017122661"), ("a bad one", "+123")],
)
async def test_test_credentials_refuse_other_senders(
    serve: "Serve", name: str, sender: str
) -> None:
    """21606 for every `From` but the magic one, a number of the account's own included."""
    api = await serve(account=(TESTER,))
    api.account, api.auth = TESTER.sid, f"{TESTER.sid}:{TESTER.auth_token}"
    api.sandbox.tables.numbers["+14155550123"] = Number("+14155550123", TESTER.sid)
    answer = await api.create(From=sender)
    assert (answer.status, answer.code) == (400, 21606)
    assert answer.json["message"] == (
        f"The From phone number {sender} is not a valid, SMS-capable inbound phone number or short "
        "code for your account."
    )


async def test_a_suspended_account(api: "Caller") -> None:
    """401 as for a wrong token."""
    accounts = api.server.sandboxes.default.accounts
    accounts.set_up(Account(DEFAULT_SID, DEFAULT_TOKEN, status="suspended"), Unit())
    assert (await api.get()).body == AUTHENTICATE


async def test_a_suspended_subaccount(family: "Caller") -> None:
    """It is closed to its parent, too."""
    closed = Account(STRANGER, "s" * 32, status="suspended", owner_account_sid=DEFAULT_SID)
    family.sandbox.accounts.set_up(closed, Unit())
    family.account = STRANGER
    assert (await family.get()).body == AUTHENTICATE


async def test_a_suspended_parent(family: "Caller") -> None:
    """Its subaccounts are, with it: with their own credentials too; the journal says so."""
    idle = Account(DEFAULT_SID, DEFAULT_TOKEN, status="suspended")
    family.sandbox.accounts.set_up(idle, Unit())
    family.account, family.auth = STRANGER, f"{STRANGER}:{'s' * 32}"
    assert (await family.get()).body == AUTHENTICATE
    [entry] = family.sandbox.journal.requests
    assert entry.warnings == [f"account {DEFAULT_SID} is suspended: {STRANGER} is its subaccount"]


@pytest.mark.parametrize("user", [DEFAULT_SID, KEY])
async def test_suspended_by_another_name(api: "Caller", user: str) -> None:
    """403 with 20005 where `suspended_answer` says so; a wrong token is 401 all the same."""
    scenario = Scenario("", options={"suspended_answer": 20005})
    sandbox = api.server.sandboxes.default
    sandbox.regime.put(scenario, Unit())
    idle = Account(DEFAULT_SID, DEFAULT_TOKEN, status="suspended")
    sandbox.accounts.set_up(idle, Unit())
    api.auth = f"{user}:{DEFAULT_TOKEN}"
    answer = await api.get()
    assert (answer.status, answer.code) == (403, 20005)
    assert answer.json["message"] == "Account not active"
    api.auth = f"{DEFAULT_SID}:wrong"
    assert (await api.get()).body == AUTHENTICATE


async def test_two_tokens(api: "Caller") -> None:
    """The second one is as good as the first; nothing else is, and no token is none."""
    accounts = api.server.sandboxes.default.accounts
    accounts.change(replace(accounts.first, secondary_token="second"), Unit())
    for token, status in (("second", 200), (DEFAULT_TOKEN, 200), ("third", 401), ("", 401)):
        api.auth = f"{DEFAULT_SID}:{token}"
        assert (await api.get()).status == status


# -- what an operation may ask for besides ---------------------------------------------------------


def asked(family: "Caller", user: str, path_account: str, access: Access) -> int:
    """What `admit` refuses credentials of `user` with; 0 where it does not."""
    try:
        admit(family.server.sandboxes, basic(user), path_account, access)
    except TwilioError as refusal:
        return refusal.code
    return 0


STANDARD = ApiKey(KEY, "secret", DEFAULT_SID, "standard")
PARENT = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"


@pytest.mark.parametrize(
    ("user", "path", "access", "code"),
    [
        (f"{KEY}:secret", DEFAULT_SID, "any", 0),
        (f"{KEY}:secret", DEFAULT_SID, "main", 20003),
        (f"{KEY}:secret", DEFAULT_SID, "owner", 20003),
        (f"{KEY}:secret", STRANGER, "any", 20003),
        (f"SK{'8' * 32}:any", DEFAULT_SID, "owner", 0),
        (f"SK{'8' * 32}:any", DEFAULT_SID, "main", 0),
        (PARENT, DEFAULT_SID, "main", 0),
        (PARENT, STRANGER, "owner", 0),
    ],
)
async def test_standard_keys(
    family: "Caller", user: str, path: str, access: Access, code: int
) -> None:
    """Neither accounts, nor keys, nor subaccounts are open to them; all are to Main keys."""
    family.sandbox.tables.keys[KEY] = STANDARD
    family.server.sandboxes.holders.claim(KEY, family.sandbox)
    assert asked(family, user, path, access) == code


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_what_a_parent_may_still_do(family: "Caller", status: str) -> None:
    """To a subaccount that is not active: what its owner may, and nothing else."""
    idle = Account(STRANGER, "s" * 32, status=status, owner_account_sid=DEFAULT_SID)
    family.sandbox.accounts.set_up(idle, Unit())
    codes = [asked(family, PARENT, STRANGER, access) for access in ("any", "main", "owner")]
    assert codes == [20003, 20003, 0]
    own = f"{STRANGER}:{'s' * 32}"
    assert [asked(family, own, STRANGER, access) for access in ("any", "owner")] == [20003, 20003]


async def test_what_the_journal_says_of_a_standard_key(family: "Caller") -> None:
    """Why it is refused where its secret is right."""
    family.sandbox.tables.keys[KEY] = STANDARD
    family.server.sandboxes.holders.claim(KEY, family.sandbox)
    family.account, family.auth = STRANGER, f"{KEY}:secret"
    assert (await family.get()).body == AUTHENTICATE
    [entry] = family.sandbox.journal.requests
    assert entry.warnings == [
        f"{KEY} is a Standard key: neither accounts, keys nor subaccounts are open to it"
    ]


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (basic(f"{DEFAULT_SID}:secret"), f"Basic {DEFAULT_SID}:***"),
        (basic("someone:secret"), "Basic someone:***"),
        ("Basic c2VjcmV0!", "Basic ***"),
        ("Bearer secret", "Bearer ***"),
        ("secret", "***"),
    ],
)
def test_secrets_stay_out_of_journals(header: str, shown: str) -> None:
    """`Basic AC…:***`; what cannot be read keeps only its scheme."""
    assert masked(header.encode()) == shown.encode()


def test_a_password_may_hold_colons() -> None:
    """Only the first one divides."""
    assert credentials(basic("AC1:a:b:")) == ("AC1", "a:b:")
