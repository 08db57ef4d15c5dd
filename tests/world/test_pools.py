"""Pools in the tables: what a command writes, and what was set up."""

from typing import Any, Final

import msgspec
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Given, GivenAccount, GivenNumber, GivenService, Scenario
from mockserver.domain.message import Message
from mockserver.domain.numbers import Service
from mockserver.domain.paging import PageAsk
from mockserver.domain.pools import Member
from mockserver.world.callbacks import channel_install
from mockserver.world.clock import SEEDED_START, Mode
from mockserver.world.numbers import Numbers
from mockserver.world.pools import Pool
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.scenarios import ScenarioError, from_document
from mockserver.world.scenarios import parse as parse_scenario
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

OWN: Final = "AC" + "1" * 32
SUB: Final = "AC" + "5" * 32
MG, OTHER = "MG" + "a" * 32, "MG" + "b" * 32
ME, CODE, WHATSAPP = "+14155550123", "12345", "whatsapp:+14155550123"
GIVEN: Final = Given(
    numbers=tuple(GivenNumber(each) for each in (ME, CODE, WHATSAPP)),
    services=(GivenService(MG, senders=(CODE, "ACME")), GivenService(OTHER)),
)


class Nobody:
    """A courier for a sandbox without messages."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        raise NotImplementedError(parcel.url)

    async def close(self) -> None:
        """Nothing is open."""


class Kept(MemoryStore):
    """Counts units."""

    def __init__(self) -> None:
        self.units: list[Unit] = []

    async def commit(self, unit: Unit) -> None:
        self.units.append(unit)


def sandbox(store: MemoryStore | None = None, seed: int = 1, given: Given = GIVEN) -> Sandbox:
    mode = Mode.parse("manual")
    scenario = Scenario("", given=given)
    plan = Plan(
        "sb", Account(OWN, "token"), seed=seed, seed_given=True, mode=mode, scenario=scenario
    )
    return Sandbox(plan, House(Nobody(), store or MemoryStore()))


def pool(box: Sandbox, sid: str = MG) -> Pool:
    return Pool(box, box.tables.services[sid])


def everyone(box: Sandbox, sid: str = MG) -> list[Member]:
    """The latest first."""
    found, more = pool(box, sid).page(box.accounts.first, PageAsk(), lambda _: True)
    assert not more
    return found


async def test_each_command_is_one_unit() -> None:
    """It holds the service, what is known of the member, and what stays of one that left."""
    store = Kept()
    box = sandbox(store)
    before, number = box.tables.services[MG], box.tables.numbers[ME]
    member = await pool(box).add_number(number)
    added = box.tables.services[MG]
    await pool(box).leave(member)
    assert [unit.rows for unit in store.units] == [
        [("members", f"{MG}//{ME}", member), ("services", MG, added)],
        [
            ("deleted", f"members/{MG} {number.sid}", 2),
            ("members", f"{MG}//{ME}", None),
            ("services", MG, before),
        ],
    ]
    assert member == Member(MG, ME, number.sid, OWN, "", SEEDED_START, SEEDED_START)
    assert added.senders == (CODE, "ACME", ME)


async def test_refused() -> None:
    """Nothing is written."""
    store = Kept()
    box = sandbox(store)
    with pytest.raises(TwilioError):
        await pool(box, OTHER).add_number(box.tables.numbers[CODE])
    with pytest.raises(TwilioError):
        await pool(box).add_alpha("Other", "", trial=False)
    assert (store.units, box.tables.members) == ([], {})


def test_what_was_set_up() -> None:
    """Members without a row: their SIDs are those of the numbers, or the dice's."""
    box = sandbox()
    acme, code = everyone(box)
    assert (code.sid, code.created_at) == (box.tables.numbers[CODE].sid, 0)
    assert (acme.sender, acme.sid[:2]) == ("ACME", "AI")
    assert box.tables.members == {}
    assert everyone(sandbox()) == [acme, code]
    assert everyone(sandbox(seed=2)) != [acme, code]


def test_senders_that_nobody_owns() -> None:
    """A pool may name numbers that were not set up; they have the SID they would have had."""
    loose = Given(services=(GivenService(MG, senders=(ME, CODE, WHATSAPP)),))
    owned = Given(numbers=GIVEN.numbers, services=loose.services)
    assert everyone(sandbox(given=loose)) == everyone(sandbox(given=owned))


def test_a_channel_senders_sid() -> None:
    """Is the one that callbacks call `ChannelInstallSid`."""
    box = sandbox()
    message = msgspec.structs.replace(_message(), from_=WHATSAPP, channel="whatsapp")
    assert box.tables.numbers[WHATSAPP].sid == channel_install(message, box.dice)


def _message() -> Message:
    return Message(
        sid="SM" + "a" * 32,
        ordinal=0,
        account_sid=OWN,
        direction="outbound-api",
        channel="sms",
        origin="messages",
        to=ME,
        from_=ME,
        body="Ahoy",
        encoding="GSM-7",
        num_segments=1,
        num_media=0,
        created_at=1,
    )


async def test_who_left_is_remembered() -> None:
    """By page tokens, in each service by itself; until the service goes."""
    box = sandbox()
    for country in ("FR", "DE", "IT"):
        await pool(box).add_alpha("ACME", country, trial=False)
    newest = everyone(box)
    assert [each.country for each in newest] == ["IT", "DE", "FR", "", ""]
    await pool(box).leave(newest[1])
    ask = PageAsk(after=newest[1].sid, size=1)
    found, more = pool(box).page(box.accounts.first, ask, lambda _: True)
    assert (found, more) == ([newest[2]], True)
    with pytest.raises(TwilioError):
        pool(box, OTHER).page(box.accounts.first, ask, lambda _: True)
    await box.services.delete(box.tables.services[MG])
    assert box.tables.members == {}
    assert f"members/{MG}" not in box.tables.deleted
    await pool(box, OTHER).add_number(box.tables.numbers[CODE])
    assert [each.sender for each in everyone(box, OTHER)] == [CODE]


async def test_a_sid_is_never_given_twice() -> None:
    """An alphanumeric sender that comes again is another member."""
    box, seen = sandbox(), set[str]()
    for _ in range(3):
        member = await pool(box, OTHER).add_alpha("ACME", "FR", trial=False)
        seen.add(member.sid)
        await pool(box, OTHER).leave(member)
    assert len(seen) == 3


# -- from a scenario -------------------------------------------------------------------------------

DOCUMENT: Final = f"""
given:
  services:
  - sid: {MG}
    senders: ["+14155550123", ACME]
    destination_alpha_senders: {{"NO": ACME, FR: Acme FR}}
    sticky_sender: false
    area_code_geomatch: false
    mms_converter: false
    validity_period: 600
    inbound_request_url: https://example.com/in
    inbound_method: GET
    fallback_url: https://example.com/back
    fallback_method: GET
    use_inbound_webhook_on_number: true
"""


def test_every_setting_of_a_service() -> None:
    """Is what the text says, and the same again as JSON."""
    given = parse_scenario(DOCUMENT, "test.yaml").given
    service = sandbox(given=given).tables.services[MG]
    assert service == Service(
        MG,
        OWN,
        senders=("+14155550123", "ACME", "Acme FR"),
        destinations=(("ACME", ""), ("ACME", "NO"), ("Acme FR", "FR")),
        sticky_sender=False,
        area_code_geomatch=False,
        mms_converter=False,
        validity_period=600,
        inbound_request_url="https://example.com/in",
        inbound_method="GET",
        fallback_url="https://example.com/back",
        fallback_method="GET",
        use_inbound_webhook_on_number=True,
    )
    again = from_document({"given": given.document()})
    assert sandbox(given=again.given).tables.services[MG] == service


def test_nothing_said() -> None:
    """Is what a service has that is made with a name only."""
    service = sandbox().tables.services[OTHER]
    assert service == Service(OTHER, OWN)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("destination_alpha_senders: {FR: '12345'}", "'12345' is not an alphanumeric sender"),
        ("destination_alpha_senders: {France: ACME}", "a country in two capital letters"),
        ("validity_period: 36001", "36000"),
        ("inbound_method: PUT", "GET"),
        (f"senders: [{OTHER}]", "is a service"),
    ],
)
def test_bad_settings(line: str, said: str) -> None:
    """Are refused with their place."""
    with pytest.raises(ScenarioError, match=r"given\.services\[0\]") as refused:
        parse_scenario(f"given:\n  services:\n  - sid: {MG}\n    {line}\n", "test.yaml")
    assert said in str(refused.value)


# -- snapshots -------------------------------------------------------------------------------------


def document(box: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(box.snapshot())
    return found


async def test_a_snapshot() -> None:
    """Carries members, and the places of those who left."""
    source, target = sandbox(), sandbox(given=Given(), seed=2)
    for country in ("FR", "DE"):
        await pool(source, OTHER).add_alpha("ACME", country, trial=False)
    german, french = everyone(source, OTHER)
    await pool(source, OTHER).leave(german)
    target.restore(parse(document(source)), Scenario(""))
    assert everyone(target, OTHER) == [french]
    ask = PageAsk(after=german.sid)
    assert pool(target, OTHER).page(target.accounts.first, ask, lambda _: True) == ([french], False)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("members", {"sid": "AI1"}),
        ("members", {"created_at": -1}),
        ("services", {"senders": ["x:y"]}),
    ],
)
async def test_what_is_no_member(table: str, change: dict[str, Any]) -> None:
    """A snapshot that holds it is refused."""
    box = sandbox()
    await pool(box, OTHER).add_alpha("ACME", "", trial=False)
    kept = document(box)
    kept[table][0] |= change
    with pytest.raises(BadSnapshot, match=rf"{table}\[0\]"):
        parse(kept)


@pytest.mark.parametrize("away", ["released", "handed over", "closed"])
async def test_pages_outlive_a_number(away: str) -> None:
    """Who releases what a page of the pool shows, or hands it over, still gets the next page."""
    mine = ("+14155550101", "+14155550102", "+14155550103")
    given = Given(
        accounts=(GivenAccount(), GivenAccount(SUB, owner_account_sid=OWN)),
        numbers=tuple(GivenNumber(each) for each in mine),
        services=(GivenService(MG, senders=mine), GivenService(OTHER)),
    )
    box, unit = sandbox(given=given), Unit()
    numbers, account = Numbers(box), box.accounts.first
    [first], _ = pool(box).page(account, PageAsk(size=1), lambda _: True)
    number = box.tables.numbers[first.sender]
    if away == "released":
        await numbers.release(number)
    elif away == "handed over":
        await numbers.update(account, number, {"AccountSid": SUB})
    else:
        numbers.release_all(account, unit)
    rest, _ = pool(box).page(account, PageAsk(1, 1, after=first.sid), lambda _: True)
    assert [each.sender for each in rest] == ([] if away == "closed" else [mine[1]])
    assert first.sender not in box.tables.services[MG].senders
    assert first.key not in box.tables.members
