"""Members of a service's pool: answers byte by byte, what is refused, and whose they are."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.faults import Given, GivenNumber, GivenService
from mockserver.world.seed import furnish
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

MG = "MG" + "a" * 32
ROOT = f"/v1/Services/{MG}"
CHILD = "AC" + "5" * 32
NUMBERS = ("+14155550123", "12345", "whatsapp:+14155550123")
KINDS = ("PhoneNumbers", "ShortCodes", "AlphaSenders", "DestinationAlphaSenders", "ChannelSenders")
MEMBERS = "PN", "SC", "AI", "AI", "XE"

Furnished = Callable[..., Awaitable[None]]


@pytest.fixture
async def pool(services: "Caller") -> "Caller":
    """A service without senders, of an account that has numbers."""
    numbers = tuple(GivenNumber(each) for each in NUMBERS)
    add(services, numbers=numbers, services=(GivenService(MG),))
    return services


def add(caller: "Caller", **what: Any) -> None:
    sandbox = caller.sandbox
    furnish(Given(**what), sandbox.tables, sandbox.accounts, sandbox.dice, Unit())


def sid(caller: "Caller", number: str = NUMBERS[0]) -> str:
    return caller.sandbox.tables.numbers[number].sid


async def fill(caller: "Caller") -> list[dict[str, Any]]:
    """One member of each kind, in the order of `KINDS`."""
    forms: list[dict[str, str]] = [
        {"PhoneNumberSid": sid(caller)},
        {"ShortCodeSid": sid(caller, NUMBERS[1])},
        {"AlphaSender": "ACME"},
        {"AlphaSender": "Acme FR", "IsoCountryCode": "FR"},
        {"Sid": sid(caller, NUMBERS[2])},
    ]
    asked = zip(KINDS, forms, strict=True)
    answers = [await caller.post(form, f"{ROOT}/{kind}") for kind, form in asked]
    assert [answer.status for answer in answers] == [201] * 5
    return [answer.json for answer in answers]


# -- answers ---------------------------------------------------------------------------------------


async def test_what_members_look_like(pool: "Caller") -> None:
    """Each kind with its fields, in the order in which they were captured or described."""
    number, code, alpha, french, whatsapp = await fill(pool)
    common = {"account_sid": DEFAULT_SID, "service_sid": MG}
    dates = dict.fromkeys(("date_created", "date_updated"), "2026-12-01T00:00:00Z")
    base = f"https://messaging.twilio.com{ROOT}"
    assert list(number.items()) == [
        ("sid", sid(pool)),
        *common.items(),
        *dates.items(),
        ("phone_number", "+14155550123"),
        ("country_code", "US"),
        ("capabilities", ["MMS", "SMS", "Voice"]),
        ("url", f"{base}/PhoneNumbers/{sid(pool)}"),
    ]
    assert list(code)[5:] == ["short_code", "country_code", "capabilities", "url"]
    assert list(alpha)[5:] == ["alpha_sender", "capabilities", "url"]
    assert list(french)[5:] == ["alpha_sender", "capabilities", "iso_country_code", "url"]
    assert list(whatsapp.items()) == [
        ("account_sid", DEFAULT_SID),
        ("messaging_service_sid", MG),
        ("sid", sid(pool, NUMBERS[2])),
        ("sender", "whatsapp:+14155550123"),
        ("sender_type", "WhatsApp"),
        ("country_code", "US"),
        *dates.items(),
        ("url", f"{base}/ChannelSenders/{sid(pool, NUMBERS[2])}"),
    ]
    assert not any(entry.warnings for entry in pool.journal)  # --check-responses is content


async def test_each_kind_is_its_own_list(pool: "Caller") -> None:
    """Of one pool; only the alphanumeric sender for all is in two of them."""
    made = await fill(pool)
    keys = ("phone_numbers", "short_codes", "alpha_senders", "alpha_senders", "senders")
    for place, (kind, key) in enumerate(zip(KINDS, keys, strict=True)):
        page = (await pool.get(f"{ROOT}/{kind}")).json
        assert page["meta"]["key"] == key
        assert (
            page["meta"]["url"] == f"https://messaging.twilio.com{ROOT}/{kind}?PageSize=50&Page=0"
        )
        expected = [made[place]["sid"]]
        if kind == "DestinationAlphaSenders":
            expected.append(made[2]["sid"])
        assert [each["sid"] for each in page[key]] == expected
        for member in made:
            answer = await pool.get(f"{ROOT}/{kind}/{member['sid']}")
            assert answer.status == (200 if member["sid"] in expected else 404)
    assert not any(entry.warnings for entry in pool.journal)


async def test_filters_come_back_in_addresses(pool: "Caller") -> None:
    """Of destination alpha senders, the only ones with a filter; any letter case will do."""
    await fill(pool)
    page = (await pool.get(f"{ROOT}/DestinationAlphaSenders", IsoCountryCode="fr")).json
    assert [each["iso_country_code"] for each in page["alpha_senders"]] == ["FR"]
    assert "IsoCountryCode=fr&PageSize=50" in page["meta"]["url"]


@pytest.mark.parametrize("kind", KINDS)
async def test_operations(pool: "Caller", kind: str) -> None:
    """Named in the journal as the published description does."""
    member = (await fill(pool))[KINDS.index(kind)]["sid"]
    pool.sandbox.journal.requests.clear()
    await pool.get(f"{ROOT}/{kind}")
    await pool.get(f"{ROOT}/{kind}/{member}")
    assert (await pool.call("DELETE", f"{ROOT}/{kind}/{member}")).status == 204
    assert (await pool.call("PUT", f"{ROOT}/{kind}")).status == 405
    assert [entry.operation for entry in pool.journal] == [
        *(f"messaging.v1.{what}{kind[:-1]}" for what in ("List", "Fetch", "Delete")),
        "",
    ]


async def test_through_the_prefix(pool: "Caller") -> None:
    """Addresses begin as the client's did."""
    await fill(pool)
    pool.host = "localhost:2010"
    page = (await pool.get(f"/messaging{ROOT}/PhoneNumbers")).json
    [number] = page["phone_numbers"]
    url = f"http://localhost:2010/messaging{ROOT}/PhoneNumbers"
    assert number["url"] == f"{url}/{number['sid']}"
    assert page["meta"]["first_page_url"] == f"{url}?PageSize=50&Page=0"


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "parameter"),
    [("PhoneNumbers", "PhoneNumberSid"), ("ShortCodes", "ShortCodeSid"), ("ChannelSenders", "Sid")],
)
@pytest.mark.parametrize("value", ["", "-"])
async def test_nothing_named(pool: "Caller", kind: str, parameter: str, value: str) -> None:
    """20001."""
    form = {} if value == "-" else {parameter: value}
    said = f"Missing required parameter {parameter} in the post body"
    (await pool.post(form, f"{ROOT}/{kind}")).refused(400, 20001, said)


@pytest.mark.parametrize(
    ("kind", "parameter"),
    [("PhoneNumbers", "PhoneNumberSid"), ("ShortCodes", "ShortCodeSid"), ("ChannelSenders", "Sid")],
)
@pytest.mark.parametrize("named", ["PN" + "0" * 32, "+14155550123", "é", MG])
async def test_nothing_of_that_name(pool: "Caller", kind: str, parameter: str, named: str) -> None:
    """20404, with a path of the parameter's kind."""
    said = f"The requested resource /{kind}/{named} was not found"
    (await pool.post({parameter: named}, f"{ROOT}/{kind}")).refused(404, 20404, said)


@pytest.mark.parametrize("kind", ["AlphaSenders", "DestinationAlphaSenders"])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", 21708),
        ("12345", 21709),
        ("+14155550123", 21709),
        ("twelve chars", 21709),
        ("ACME!", 21709),
        ("Ümlaut", 21709),
        (MG, 21709),
    ],
)
async def test_bad_alpha_senders(pool: "Caller", kind: str, name: str, code: int) -> None:
    """21708 for none, 21709 for what cannot be one."""
    (await pool.post({"AlphaSender": name}, f"{ROOT}/{kind}")).refused(400, code)
    assert pool.sandbox.tables.services[MG].senders == ()


@pytest.mark.parametrize("country", ["F", "FRA", "1A", "é"])
async def test_bad_countries(pool: "Caller", country: str) -> None:
    """20422 with the parameter's name."""
    form = {"AlphaSender": "ACME", "IsoCountryCode": country}
    answer = await pool.post(form, f"{ROOT}/DestinationAlphaSenders")
    answer.refused(400, 20422, "Invalid Parameter: IsoCountryCode")


async def test_trial_accounts_have_no_alpha_senders(pool: "Caller") -> None:
    """21709."""
    trial = Account(CHILD, "token", type="Trial", owner_account_sid=DEFAULT_SID)
    pool.sandbox.accounts.set_up(trial, Unit())
    pool.server.sandboxes.holders.claim(CHILD, pool.sandbox)
    add(pool, services=(GivenService("MG" + "b" * 32, account_sid=CHILD),))
    pool.auth = f"{CHILD}:token"
    path = f"/v1/Services/MG{'b' * 32}/AlphaSenders"
    (await pool.post({"AlphaSender": "ACME"}, path)).refused(400, 21709)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_such_service(pool: "Caller", kind: str) -> None:
    """20404 for each operation, before anything is said about parameters."""
    path = f"/v1/Services/MG{'b' * 32}/{kind}"
    said = f"The requested resource /Services/MG{'b' * 32}/{kind} was not found"
    (await pool.get(path)).refused(404, 20404, said)
    (await pool.post({}, path)).refused(404, 20404, said)
    (await pool.call("DELETE", f"{path}/{sid(pool)}")).refused(404, 20404)


@pytest.mark.parametrize(("kind", "prefix"), list(zip(KINDS, MEMBERS, strict=True)))
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_no_such_member(pool: "Caller", kind: str, prefix: str, method: str) -> None:
    """20404 for what is nowhere, is nonsense, or is owned but not in the pool."""
    for named in (prefix + "0" * 32, "nonsense", sid(pool)):
        said = f"The requested resource /Services/{MG}/{kind}/{named} was not found"
        (await pool.call(method, f"{ROOT}/{kind}/{named}")).refused(404, 20404, said)


@pytest.mark.parametrize("kind", KINDS)
async def test_pages_that_are_refused(pool: "Caller", kind: str) -> None:
    """With the codes of this host's other lists."""
    path = f"{ROOT}/{kind}"
    (await pool.get(path, Page="1")).refused(400, 70002)
    (await pool.get(path, PageSize="1001")).refused(400, 20007)
    (await pool.get(path, PageToken=f"PA{MG}")).refused(400, 21481)


async def test_a_number_that_was_released_is_in_no_list(pool: "Caller") -> None:
    """Whoever takes it out of the service's senders takes it out of here."""
    from msgspec.structs import replace

    await fill(pool)
    tables = pool.sandbox.tables
    tables.services[MG] = replace(tables.services[MG], senders=("12345",))
    assert (await pool.get(f"{ROOT}/PhoneNumbers")).json["phone_numbers"] == []
    (await pool.get(f"{ROOT}/PhoneNumbers/{sid(pool)}")).refused(404, 20404)
    answer = await pool.post({"PhoneNumberSid": sid(pool)}, f"{ROOT}/PhoneNumbers")
    assert answer.status == 201


# -- whose -----------------------------------------------------------------------------------------


async def test_a_subaccount(pool: "Caller") -> None:
    """Neither sees the other's pools, nor may it take the other's numbers."""
    parent = pool.auth
    pool.sandbox.accounts.set_up(Account(CHILD, "token", owner_account_sid=DEFAULT_SID), Unit())
    pool.server.sandboxes.holders.claim(CHILD, pool.sandbox)
    pool.auth = f"{CHILD}:token"
    made = await pool.post({"FriendlyName": "Child's"}, "/v1/Services")
    path = f"/v1/Services/{made.json['sid']}/PhoneNumbers"
    (await pool.post({"PhoneNumberSid": sid(pool)}, path)).refused(404, 20404)
    (await pool.get(f"{ROOT}/PhoneNumbers")).refused(404, 20404)
    add(pool, numbers=(GivenNumber("+14155550177", CHILD),))
    answer = await pool.post({"PhoneNumberSid": sid(pool, "+14155550177")}, path)
    assert (answer.status, answer.json["account_sid"]) == (201, CHILD)
    pool.auth = parent
    (await pool.get(path)).refused(404, 20404)


async def test_what_is_not_served(pool: "Caller") -> None:
    """Link shortening: 404, and the journal says so plainly."""
    path = f"/v1/LinkShortening/MessagingServices/{MG}/Domain"
    (await pool.get(path)).refused(404, 20404)
    [entry] = pool.journal
    assert entry.warnings == [
        f"your program called GET messaging.twilio.com{path}, which this mock does not serve"
    ]


# -- anything at all -------------------------------------------------------------------------------

PARAMETERS = ("PhoneNumberSid", "ShortCodeSid", "AlphaSender", "IsoCountryCode", "Sid", "PageSize")
VALUES = st.sampled_from(["ACME", "Other", "FR", "de", "", "real", "PN" + "0" * 32])
FORMS = st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES | st.text(max_size=20)), max_size=4)
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), FORMS, st.booleans()), max_size=8)


@given(steps=STEPS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_form(pool: "Caller", steps: list[tuple[str, list[Any], bool]]) -> None:
    """Gives a documented answer; what is listed is what was added and not taken out."""
    add(pool, services=(GivenService(MG),))
    real = {"PhoneNumberSid": NUMBERS[0], "ShortCodeSid": NUMBERS[1], "Sid": NUMBERS[2]}
    there: set[tuple[str, str]] = set()
    for kind, form, stays in steps:
        pairs = [
            (name, sid(pool, real[name]) if value == "real" and name in real else value)
            for name, value in form
        ]
        answer = await pool.post(
            [(n, v.encode("utf-8", "replace").decode()) for n, v in pairs], f"{ROOT}/{kind}"
        )
        if answer.status != 201:
            codes = (20001, 20404, 20422, 21708, 21709, 21710, 21714)
            assert answer.code in codes
            continue
        there.add((kind, answer.json["sid"]))
        if not stays:
            path = f"{ROOT}/{kind}/{answer.json['sid']}"
            assert (await pool.call("DELETE", path)).status == 204
            there.remove((kind, answer.json["sid"]))
    for kind, member in there:
        assert (await pool.get(f"{ROOT}/{kind}/{member}")).status == 200
    listed = [
        len(next(rows for rows in page.values() if isinstance(rows, list)))
        for page in [(await pool.get(f"{ROOT}/{kind}")).json for kind in KINDS]
    ]
    assert listed[0] + listed[1] + listed[3] + listed[4] == len(there)
