"""Every switch of a sandbox, on and off, at a server: what a client is told, and what becomes of a
message."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import asdict

from mockserver.config import load
from mockserver.domain import errors
from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.addresses import WHATSAPP_SANDBOX
from mockserver.domain.content import Approval, ContentTemplate
from mockserver.domain.options import USUAL, Options
from mockserver.world.scenarios import from_document

if TYPE_CHECKING:
    from tests.edge.api.conftest import Control, Put
    from tests.edge.conftest import Answer, Caller, Serve

ME, YOU = "+15017122661", "+14155552671"
SERVICE = "MG" + "a" * 32
EMPTY = "MG" + "e" * 32
SUB = Account("AC" + "5" * 32, "t" * 32)
TRIAL = Account("AC" + "b" * 32, "t" * 32, type="Trial")
DAY = 86_400


def as_account(api: "Caller", account: Account) -> None:
    api.account, api.auth = account.sid, f"{account.sid}:{account.auth_token}"


def outcome(answer: "Answer") -> int:
    """The code that a create was refused with; 0: it was not."""
    return 0 if answer.status == 201 else answer.code


async def ended(api: "Caller", **form: str) -> tuple[str, int | None]:
    """Status and error code of a message in the end."""
    created = await api.create(**form)
    assert created.status == 201, created.body
    await api.settled()
    message = (await api.get(created.json["uri"])).json
    return message["status"], message["error_code"]


async def advanced(api: "Caller", seconds: float) -> None:
    engine = api.sandbox.engine
    engine.catch_up()
    await engine.advance(api.sandbox.clock.now() + round(seconds * 1_000_000))


# -- error_texts -----------------------------------------------------------------------------------

OPTED_OUT = {"opt_outs": [{"from": ME, "to": YOU}]}
CLOSED = {"account": {"geo_permissions_off": ["US"]}}
PROVOKED: list[tuple[errors.Problem, dict[str, Any], dict[str, str], dict[str, str]]] = [
    (errors.INVALID_TO, {}, {"To": "+1555555"}, {"To": "+1555555", "To_masked": "+155XXXX"}),
    (errors.GEO_PERMISSION, CLOSED, {}, {"To": YOU, "To_masked": "+1415555XXXX"}),
    (errors.UNSUBSCRIBED, OPTED_OUT, {}, {}),
    (
        errors.UNVERIFIED_TO_HOSTED,
        {"account": {"type": "Trial"}},
        {},
        {"To": YOU, "To_masked": "+1415555XXXX"},
    ),
]
"""What has an older text, what must be given for it, the form, and what the texts name."""


def test_every_problem_with_an_older_text_is_provoked() -> None:
    """So that none of them is forgotten."""
    older = {problem.code for problem in errors.CATALOGUE.values() if problem.legacy}
    assert older == {problem.code for problem, *_ in PROVOKED}


@pytest.mark.parametrize("texts", ["newest", "legacy"])
@pytest.mark.parametrize(("problem", "given", "form", "values"), PROVOKED)
async def test_error_texts(
    api: "Caller",
    put: "Put",
    problem: errors.Problem,
    given: dict[str, Any],
    form: dict[str, str],
    values: dict[str, str],
    texts: str,
) -> None:
    """The newest wording that was captured, or the one before it."""
    await put(api, given=given, error_texts=texts, trial_unverified_code=21608)
    answer = await api.create(**form)
    text = problem.legacy if texts == "legacy" else problem.text
    assert (answer.code, answer.json["message"]) == (problem.code, text.format_map(values))


async def test_test_credentials_keep_their_text(serve: "Serve", put: "Put") -> None:
    """21610 has the old one there, whatever was chosen."""
    test = Account("AC" + "c" * 32, "t" * 32, mode="test")
    api = await serve(account=(test,))
    as_account(api, test)
    for texts in ("newest", "legacy"):
        await put(api, error_texts=texts)
        answer = await api.create(To="+15005550004", From="+15005550006")
        assert answer.json["message"] == errors.BLACKLIST


# -- magic_numbers ---------------------------------------------------------------------------------

MAGIC: list[tuple[dict[str, str], int]] = [
    ({"To": "+15005550001"}, 21211),
    ({"To": "+15005550002"}, 21612),
    ({"To": "+15005550003"}, 21408),
    ({"To": "+15005550004"}, 21610),
    ({"To": "+15005550009"}, 21614),
    ({"From": "+15005550001"}, 21212),
    ({"From": "+15005550007"}, 21606),
    ({"From": "+15005550008"}, 21611),
    ({"From": "+15005550006"}, 0),
]


@pytest.mark.parametrize(("form", "code"), MAGIC)
async def test_magic_numbers(api: "Caller", put: "Put", form: dict[str, str], code: int) -> None:
    """They have Twilio's meaning for every account; without, they behave as any other number."""
    for magic in (True, False):
        await put(api, magic_numbers=magic)
        assert outcome(await api.create(**form)) == (code if magic else 0)
    assert (await ended(api, **form))[0] == "delivered"


# -- senders ---------------------------------------------------------------------------------------

OWNED: dict[str, Any] = {
    "accounts": [{"sid": SUB.sid, "auth_token": SUB.auth_token}],
    "numbers": [
        ME,
        {"phone_number": "+15017122662", "account_sid": SUB.sid},
        {"phone_number": "+15017122663", "sms": False},
        {"phone_number": "+15017122664", "mms": False},
        "12345",
        {"phone_number": "54321", "country": "GB"},
        "+447700900000",
        "+18005550199",
        "ACME",
        f"whatsapp:{ME}",
    ],
}
PICTURE = {"MediaUrl": "http://127.0.0.1:1/cat.png"}
GERMAN, BRITISH = "+4915112345678", "+447700900123"

STRICT: list[tuple[dict[str, str], int, int]] = [
    # form, code with strict senders, code with any
    ({}, 0, 0),
    ({"From": "+15017122669"}, 21659, 0),
    ({"From": "99999"}, 21659, 0),
    ({"From": "+15017122662"}, 21660, 0),
    ({"From": "+15017122663"}, 21661, 0),
    ({"From": "+15017122664", **PICTURE}, 21621, 0),
    ({"From": "ACME"}, 21612, 21612),
    ({"From": "Acme"}, 21212, 21612),
    ({"From": "Acme", "To": GERMAN}, 21212, 0),
    ({"From": "ACME", "To": GERMAN}, 0, 0),
    ({"From": "whatsapp:+15017122669", "To": f"whatsapp:{YOU}"}, 63007, 0),
    ({"From": f"whatsapp:{ME}", "To": f"whatsapp:{YOU}"}, 0, 0),
    ({"From": WHATSAPP_SANDBOX, "To": f"whatsapp:{YOU}"}, 0, 0),
    ({"From": "-", "MessagingServiceSid": SERVICE}, 21701, 0),
    # which sender reaches which country
    ({"From": "12345"}, 0, 0),
    ({"From": "12345", "To": BRITISH}, 21659, 0),
    ({"From": "54321"}, 21659, 0),
    ({"From": "54321", "To": BRITISH}, 0, 0),
    ({"From": "+447700900000"}, 21612, 0),
    ({"From": "+447700900000", "To": "+16475550123"}, 21612, 0),
    ({"From": "+447700900000", "To": GERMAN}, 0, 0),
    ({"From": "+18005550199"}, 0, 0),
    ({"From": "+18005550199", "To": BRITISH}, 21612, 0),
    ({"To": BRITISH}, 0, 0),
    ({"To": BRITISH, **PICTURE}, 21612, 0),
]


@pytest.mark.parametrize(("form", "strict", "any_"), STRICT)
async def test_strict_senders(
    api: "Caller", put: "Put", form: dict[str, str], strict: int, any_: int
) -> None:
    """Owned, able to do it, and in reach of the recipient; otherwise whatever is well-formed."""
    for senders, code in (("strict", strict), ("any", any_)):
        await put(api, senders=senders, given=OWNED)
        assert outcome(await api.create(**form)) == code


@pytest.mark.parametrize(
    ("form", "newer"),
    [
        ({"From": "+15017122669"}, 21659),
        ({"From": "99999"}, 21659),
        ({"From": "+15017122662"}, 21660),
        ({"From": "+15017122663"}, 21661),
        ({}, 0),
    ],
)
async def test_from_not_owned_code(
    api: "Caller", put: "Put", form: dict[str, str], newer: int
) -> None:
    """One code for whatever is wrong with a number, as until 2023."""
    for options, code in (({}, newer), ({"from_not_owned_code": 21606}, newer and 21606)):
        await put(api, senders="strict", given=OWNED, options=options)
        assert outcome(await api.create(**form)) == code


WARNED: list[tuple[dict[str, str], str]] = [
    ({}, ""),
    ({"To": "+15558675310"}, "refuse To +15558675310 (21211): 555 is no area code"),
    ({"From": "+447700900000"}, "(21612): SMS does not get from +447700900000 to US"),
    (
        {"From": "+18005550199", "To": BRITISH},
        "(21612): SMS does not get from +18005550199 to GB",
    ),
    ({"To": BRITISH, "SendAsMms": "true"}, f"(21612): MMS does not get from {ME} to GB"),
    ({"From": "12345", "To": BRITISH}, f"(21659): {BRITISH} is not in the US, as 12345 is"),
]


@pytest.mark.parametrize(("form", "said"), WARNED)
async def test_what_passes_is_doubted_in_the_journal(
    api: "Caller", form: dict[str, str], said: str
) -> None:
    """The hosted service's code, and why; nothing where it would take the message as well."""
    assert (await api.create(**form)).status == 201
    warnings = api.journal[-1].warnings
    assert len(warnings) == (1 if said else 0)
    assert all(warning.endswith(said) for warning in warnings)


# -- numbers ---------------------------------------------------------------------------------------

NUMBERS: list[tuple[dict[str, str], int]] = [
    ({}, 0),
    ({"To": "+15558675310"}, 21211),
    ({"From": "+15558675310"}, 21212),
    ({"To": "+15005560003"}, 0),
    ({"From": "+15005550006"}, 0),
    ({"To": "+33899123456"}, 21268),
    ({"To": "+2101234567"}, 21211),
    ({"From": "12345"}, 0),
    ({"From": "ACME", "To": GERMAN}, 0),
    ({"From": "whatsapp:+15558675310", "To": "whatsapp:+15558675311"}, 0),
]


@pytest.mark.parametrize("how", ["flag", "scenario"])
@pytest.mark.parametrize(("form", "code"), NUMBERS)
async def test_strict_numbers(
    serve: "Serve", put: "Put", form: dict[str, str], code: int, how: str
) -> None:
    """What no country's plan has is refused; channels, names and short codes have none."""
    assert outcome(await (await serve()).create(**form)) == 0
    api = await serve(strict_numbers=how == "flag")
    if how == "scenario":
        await put(api, numbers="strict")
    assert outcome(await api.create(**form)) == code


@pytest.mark.parametrize(
    ("flags", "environ"),
    [({"strict_numbers": True}, {}), ({}, {"MOCKSERVER_STRICT_NUMBERS": "1"})],
)
def test_strict_numbers_by_flag_and_variable(
    tmp_path: Path, flags: dict[str, bool], environ: dict[str, str]
) -> None:
    """Both say it for every sandbox of the server."""
    assert load(flags, environ, tmp_path).settings.options == Options(numbers="strict")
    assert load({}, {}, tmp_path).settings.options == Options()


async def test_a_number_that_is_there_exists(api: "Caller", put: "Put") -> None:
    """Whatever the plan says of it, in either place; +210 is not even a country's."""
    numbers = ["+15558675310", "+2101234567"]
    await put(api, numbers="strict", given={"numbers": numbers})
    assert outcome(await api.create(From="+15558675310")) == 0
    assert outcome(await api.create(To="+2101234567")) == 0


async def test_premium_numbers_that_everybody_knows(api: "Caller") -> None:
    """Are refused without any plan."""
    for to in ("+19005551234", "+448712345678"):
        assert outcome(await api.create(To=to)) == 21268


# -- recipients ------------------------------------------------------------------------------------

LANDLINE = {"handsets": [{"phone_number": YOU, "line_type": "landline"}]}


async def test_a_landline(api: "Caller", put: "Put") -> None:
    """Refused with either code, unless delivery is forced; other numbers are mobiles."""
    for options, code in (({}, 21614), ({"landline_code": 21635}, 21635)):
        await put(api, given=LANDLINE, options=options)
        answer = await api.create()
        assert (answer.status, answer.code) == (400, code)
        assert (await ended(api, ForceDelivery="true"))[0] == "delivered"
        assert outcome(await api.create(ForceDelivery="false")) == code
        assert outcome(await api.create(To="+14155552672")) == 0


async def test_geo_permissions(serve: "Serve", put: "Put") -> None:
    """A country that is off is off for the subaccounts, too; what they lack is theirs alone."""
    api = await serve()
    parent = {"owner_account_sid": DEFAULT_SID, "auth_token": SUB.auth_token}
    own = {"sid": SUB.sid, "geo_permissions_off": ["FR"], **parent}
    await put(api, given={"account": {"geo_permissions_off": ["DE"]}, "accounts": [own]})
    french = "+33612345678"
    codes = [outcome(await api.create(To=to)) for to in (YOU, GERMAN, french)]
    assert codes == [0, 21408, 0]
    assert outcome(await api.create(To=f"whatsapp:{GERMAN}", From=f"whatsapp:{ME}")) == 0
    through = {"From": "-", "MessagingServiceSid": SERVICE}
    assert outcome(await api.create(To=GERMAN, **through)) == 21408
    as_account(api, SUB)
    codes = [outcome(await api.create(To=to)) for to in (YOU, GERMAN, french)]
    assert codes == [0, 21408, 21408]


async def test_no_alphanumeric(api: "Caller", put: "Put") -> None:
    """Countries that take no name as a sender: two by default, any that are named."""
    for options, refused in (({}, [YOU]), ({"no_alphanumeric": ["DE", "FR"]}, [GERMAN])):
        await put(api, options=options)
        for to in (YOU, GERMAN):
            code = 21612 if to in refused else 0
            assert outcome(await api.create(From="ACME", To=to)) == code
    await put(api, options={"no_alphanumeric": []})
    assert outcome(await api.create(From="ACME")) == 0


@pytest.mark.parametrize("code", [21219, 21608])
async def test_trial_unverified_code(serve: "Serve", put: "Put", code: int) -> None:
    """By flag and by scenario, which goes before it."""
    api = await serve(account=(TRIAL,), trial_unverified_code=21608)
    as_account(api, TRIAL)
    assert outcome(await api.create()) == 21608
    await put(api, trial_unverified_code=code)
    assert outcome(await api.create()) == code


# -- limits and queues -----------------------------------------------------------------------------


async def test_queue_full_status(api: "Caller", put: "Put") -> None:
    """429 as captured; 400 is said elsewhere."""
    for options, status in (({}, 429), ({"queue_full_status": 400}, 400)):
        await put(api, options=options)
        answer = await api.create(From="+15005550008")
        assert (answer.status, answer.code) == (status, 21611)
        assert answer.json["message"] == "SMS queue is full."


async def test_daily_messages(serve: "Serve", put: "Put") -> None:
    """A day in UTC; what was refused does not count, nor what came in, nor another account's."""
    api = await serve(clock="manual", seed=1, account=(SUB,))
    as_account(api, SUB)
    await put(api, options={"daily_messages": 2})
    answers = [await api.create(Body=str(number)) for number in range(4)]
    assert [outcome(answer) for answer in answers] == [0, 0, 63038, 63038]
    assert answers[2].status == 429
    text = f"Account {SUB.sid} exceeded the 2 daily messages limit"
    assert answers[2].json["message"] == text
    await advanced(api, DAY - 1)
    assert outcome(await api.create()) == 63038
    await advanced(api, 1)
    assert [outcome(await api.create(Body=body)) for body in "abc"] == [0, 0, 63038]
    await put(api)
    assert outcome(await api.create()) == 0


async def test_total_messages(serve: "Serve", put: "Put", control: "Control") -> None:
    """However long ago they were sent; handsets may write all the same."""
    api = await serve(clock="manual")
    await put(api, options={"total_messages": 2})
    for number in range(3):
        await control(api, "POST", "/inbound", {"from": YOU, "to": ME, "body": str(number)})
    assert [outcome(await api.create(Body=body)) for body in "abc"] == [0, 0, 30454]
    await advanced(api, 40 * DAY)
    answer = await api.create()
    assert (answer.status, answer.code) == (429, 30454)
    await put(api)
    assert outcome(await api.create()) == 0


def schedule(api: "Caller", seconds: int) -> dict[str, str]:
    now = datetime.fromtimestamp(api.sandbox.clock.now() // 1_000_000, UTC)
    at = (now + timedelta(seconds=seconds)).isoformat()
    through = {"From": "-", "MessagingServiceSid": SERVICE}
    return {**through, "ScheduleType": "fixed", "SendAt": at}


async def test_the_window_of_scheduling(serve: "Serve", put: "Put") -> None:
    """From 300 seconds to 35 days, or as it was before; both ends are in, and the text says so."""
    api = await serve(clock="manual", seed=1)
    before = {"send_at_min": "15m", "send_at_max": "7d"}
    for options, first, last in (({}, 300, 35 * DAY), (before, 900, 7 * DAY)):
        await put(api, options=options)
        seconds = (first - 1, first, last, last + 1)
        answers = [await api.create(**schedule(api, each)) for each in seconds]
        assert [outcome(answer) for answer in answers] == [35114, 0, 0, 35114]
        assert answers[0].json["message"] == (
            f"SendAt time must be between {first} seconds and {last // DAY} days ({last} seconds) "
            "in the future, inclusive."
        )


async def test_scheduled_max(serve: "Serve", put: "Put") -> None:
    """As many may wait at a time; one that is cancelled or gone makes room."""
    api = await serve(clock="manual")
    await put(api, options={"scheduled_max": 2})
    first = await api.create(**schedule(api, 400))
    assert outcome(await api.create(**schedule(api, 4_000))) == 0
    assert outcome(await api.create(**schedule(api, 400))) == 35125
    await api.call("POST", first.json["uri"], b"Status=canceled")
    assert outcome(await api.create(**schedule(api, 500))) == 0
    assert outcome(await api.create(**schedule(api, 500))) == 35125
    await advanced(api, 600)
    assert outcome(await api.create(**schedule(api, 500))) == 0
    await put(api)
    assert outcome(await api.create(**schedule(api, 500))) == 0


GIVEN_SERVICES: dict[str, Any] = {
    "services": [{"sid": SERVICE, "senders": [ME]}, {"sid": EMPTY}],
    "opt_outs": [{"from": SERVICE, "to": YOU}],
}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"MessagingServiceSid": SERVICE, "From": "-"}, 21610),
        ({"MessagingServiceSid": SERVICE}, 21610),
        ({"MessagingServiceSid": EMPTY, "From": "-", "To": GERMAN}, 21704),
    ],
)
async def test_service_refusals(api: "Caller", put: "Put", form: dict[str, str], code: int) -> None:
    """On the message afterwards; or to the create, as before 2019."""
    await put(api, given=GIVEN_SERVICES)
    assert await ended(api, **form) == ("failed", code)
    await put(api, given=GIVEN_SERVICES, options={"service_refusals": "at_once"})
    answer = await api.create(**form)
    assert (answer.status, answer.code) == (400, code)


@pytest.mark.parametrize("sender", [ME, "12345", "ACME"])
async def test_a_sender_beside_an_empty_service(api: "Caller", put: "Put", sender: str) -> None:
    """Is one that it may use, whatever its kind: nothing is refused at once."""
    await put(api, given=GIVEN_SERVICES, options={"service_refusals": "at_once"})
    assert outcome(await api.create(MessagingServiceSid=EMPTY, From=sender, To=GERMAN)) == 0


# -- prices ----------------------------------------------------------------------------------------


async def test_prices(api: "Caller", put: "Put") -> None:
    """The longest beginning decides; what no list names costs as usual."""

    async def cost(to: str, body: str = "Ahoy") -> object:
        created = await api.create(To=to, Body=body)
        return (await api.get(created.json["uri"])).json["price"]

    assert [await cost(to) for to in (YOU, GERMAN)] == ["-0.00790", "-0.04000"]
    rows = [{"to": "+49", "per_segment": 0.08}, {"to": "+49151", "per_segment": 0.0925}]
    await put(api, options={"prices": rows})
    assert [await cost(to) for to in (YOU, GERMAN)] == ["-0.00790", "-0.09250"]
    assert await cost("+493012345678", "x" * 161) == "-0.16000"
    await put(api, options={"prices": [{"per_segment": 1}]})
    assert [await cost(to) for to in (YOU, GERMAN)] == ["-0.00790", "-1.00000"]


# -- WhatsApp --------------------------------------------------------------------------------------

WHATSAPP = {"To": f"whatsapp:{YOU}", "From": f"whatsapp:{ME}"}
SANDBOX = {"To": f"whatsapp:{YOU}", "From": WHATSAPP_SANDBOX}
CONTENT = "HX" + "a" * 32
TEMPLATE = {"ContentSid": CONTENT, "Body": "-"}


def give_template(api: "Caller", approval: Approval = "approved") -> None:
    """The account has one."""
    made = ContentTemplate(CONTENT, DEFAULT_SID, {"twilio/text": {"body": "Hi"}}, approval=approval)
    api.sandbox.tables.content[CONTENT] = made


@pytest.fixture
def written(control: "Control") -> Callable[..., Any]:
    """`await written(api, body, to)`: the handset has written on WhatsApp."""

    async def written(api: "Caller", body: str, to: str = ME) -> None:
        text = {"from": YOU, "to": to, "body": body, "channel": "whatsapp"}
        await control(api, "POST", "/inbound", text)

    return written


async def test_whatsapp_session(serve: "Serve", put: "Put", written: Callable[..., Any]) -> None:
    """Free text only so long after the recipient's last message; templates at any time.

    But those that WhatsApp has approved alone.
    """
    api = await serve(clock="manual")
    give_template(api)

    async def fate(**form: str) -> tuple[str, int | None]:
        created = await api.create(**{**WHATSAPP, **form})
        assert created.status == 201, created.body
        await advanced(api, 10)
        message = (await api.get(created.json["uri"])).json
        return message["status"], message["error_code"]

    delivered, late = ("delivered", None), ("undelivered", 63016)
    assert await fate() == delivered  # the option is off
    await put(api, options={"whatsapp_session": "24h"})
    assert [await fate(), await fate(**TEMPLATE)] == [late, delivered]
    give_template(api, "pending")
    assert await fate(**TEMPLATE) == late
    give_template(api)
    await written(api, "Hi", "+15017122669")
    assert await fate() == late  # it wrote to another number
    await written(api, "Hi")
    assert await fate() == delivered
    assert await fate(To=YOU, From=ME) == delivered  # a text has no window
    await advanced(api, DAY)
    assert [await fate(), await fate(**TEMPLATE)] == [late, delivered]
    await written(api, "Are you there?")
    assert await fate() == delivered


async def test_whatsapp_join(serve: "Serve", put: "Put", written: Callable[..., Any]) -> None:
    """The sandbox reaches those who joined it, for three days; other senders reach everybody."""
    api = await serve(clock="manual")
    give_template(api)

    async def fate(form: dict[str, str]) -> tuple[str, int | None]:
        created = await api.create(**form)
        await advanced(api, 10)
        message = (await api.get(created.json["uri"])).json
        return message["status"], message["error_code"]

    delivered, stranger = ("delivered", None), ("undelivered", 63015)
    sandbox = WHATSAPP_SANDBOX.removeprefix("whatsapp:")
    assert await fate(SANDBOX) == delivered  # the option is off
    await put(api, options={"whatsapp_join": True})
    assert [await fate(SANDBOX), await fate(WHATSAPP)] == [stranger, delivered]
    assert await fate({**SANDBOX, **TEMPLATE}) == stranger
    for body, to in (("hello", sandbox), ("join", sandbox), ("join rapid-fox", ME)):
        await written(api, body, to)
        assert await fate(SANDBOX) == stranger
    await written(api, " Join rapid-fox ", sandbox)
    assert await fate(SANDBOX) == delivered
    await advanced(api, 3 * DAY)
    assert await fate(SANDBOX) == stranger
    await written(api, "join rapid-fox", sandbox)
    assert await fate(SANDBOX) == delivered


async def test_who_is_given_as_joined(serve: "Serve", put: "Put") -> None:
    """Stays so, and others are strangers."""
    api = await serve(clock="manual")
    handsets = [{"phone_number": YOU, "joined": True}, {"phone_number": "+14155552672"}]
    await put(api, options={"whatsapp_join": True}, given={"handsets": handsets})
    await advanced(api, 30 * DAY)
    ends = []
    for to in (YOU, "+14155552672"):
        created = await api.create(**{**SANDBOX, "To": f"whatsapp:{to}"})
        await advanced(api, 10)
        ends.append((await api.get(created.json["uri"])).json["error_code"])
    assert ends == [None, 63015]


# -- all of them together --------------------------------------------------------------------------

EVERY: dict[str, Any] = {
    "name": "everything",
    "senders": "strict",
    "numbers": "strict",
    "trial_unverified_code": 21608,
    "error_texts": "legacy",
    "magic_numbers": False,
    "rates": {"enabled": True, "queue_hours": 4},
    "options": {
        "from_not_owned_code": 21606,
        "landline_code": 21635,
        "queue_full_status": 400,
        "service_refusals": "at_once",
        "send_at_min": "15m",
        "send_at_max": "7d",
        "scheduled_max": 5,
        "daily_messages": 50,
        "total_messages": 500,
        "no_alphanumeric": [],
        "prices": [{"to": "+49", "per_segment": 0.0789}, {"per_segment": 0.05}],
        "sending_callbacks": True,
        "error_message_in_callbacks": True,
        "whatsapp_session": "24h",
        "whatsapp_join": True,
        "template_review": "1.5s",
        "template_verdict": "rejected",
        "suspended_answer": 20005,
        "loop_protection": False,
        "empty_answers": "alert",
        "comms_accept_style": "headers",
        "liquid_default": "require",
        "strict_queries": True,
        "comms_retention": "30d",
        "comms_horizon": "1h",
        "comms_too_large": 400,
        "events_always_array": True,
        "queued_events": True,
        "murano_strict_strings": True,
        "murano_service_sid": "IS" + "a" * 32,
        "notify_tags": 5,
        "notify_per_second": 100,
        "notify_address_check": "at_once",
        "notify_conflicts": 200,
        "push_payload_max": 2_048,
        "push_credentials": "lenient",
        "media_auth": True,
    },
}


async def test_every_option_goes_in_and_out(api: "Caller", control: "Control") -> None:
    """By scenario, snapshot and fork: the same switches are in force, and the documents agree."""
    await control(api, "PUT", "/scenario", {"scenario": EVERY})
    options = api.sandbox.rules.options
    same = {name for name in asdict(options) if getattr(options, name) == getattr(USUAL, name)}
    assert same == set()  # a switch that is not here would be one that nobody reads
    shown = (await control(api, "GET", "/scenario"))["scenario"]
    assert from_document(shown) == from_document(EVERY) == api.sandbox.rules.scenario
    assert shown["options"].keys() == EVERY["options"].keys()
    snapshot = await control(api, "GET", "/snapshot")
    fork = await control(api, "POST", "/sandboxes", {"from": "default"})
    forked = api.server.sandboxes.get(fork["id"])
    assert forked is not None
    assert forked.rules.options == options
    assert "sending" in forked.engine.announced
    again = await control(api, "GET", f"/sandboxes/{fork['id']}/scenario")
    assert again["scenario"] == shown
    await control(api, "DELETE", "/scenario")
    assert api.sandbox.rules.options != options
    for document in (EVERY, shown):
        await control(api, "PUT", "/scenario", {"scenario": document})
        assert api.sandbox.rules.options == options
        await control(api, "DELETE", "/scenario")
    await control(api, "PUT", "/snapshot", snapshot)
    assert api.sandbox.rules.options == options
    assert (await control(api, "GET", "/scenario"))["scenario"] == shown
