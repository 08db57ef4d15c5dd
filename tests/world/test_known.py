"""What a sandbox knows of senders and recipients, as the checks of a create ask it."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import WHATSAPP_SANDBOX
from mockserver.domain.applications import Application
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.faults import Scenario
from mockserver.domain.message import SECOND
from mockserver.domain.numbers import Handset, Number, OptOut, Service
from mockserver.domain.options import Options
from mockserver.world.clock import REAL, Clock
from mockserver.world.known import JOIN_LASTS, Known
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

AC, SUB = "AC" + "1" * 32, "AC" + "2" * 32
TO, FROM = "+14155552671", "+15017122661"
SERVICE = "MG" + "a" * 32
DAY = 86_400 * SECOND


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def known(tables: Tables) -> Known:
    return Known(tables, Clock(REAL, None))


def known_in(world: "World") -> Known:
    return Known(world.sandbox.tables, world.sandbox.clock)


def test_nothing_is_known_at_first(known: Known) -> None:
    """Nobody is verified, nobody has stopped anybody, nothing was sent."""
    assert (known.number(FROM), known.service(SERVICE)) == (None, None)
    assert not known.was_service(SERVICE)
    assert not known.verified(Account(AC), TO)
    assert not known.opted_out(FROM, TO)
    assert not known.landline(TO)
    assert known.closed_countries(Account(AC)) == ()
    assert (known.sent(AC, 0), known.scheduled(AC, 9)) == (0, 0)


def test_whose_a_verified_number_is(tables: Tables, known: Known) -> None:
    """Its account's and the subaccounts'; one that was set up with the sandbox is everybody's."""
    child, stranger = Account("AC" + "2" * 32, owner_account_sid=AC), Account("AC" + "3" * 32)
    everybody = (Account(AC), child, stranger)
    tables.verified_callers[TO] = CallerId("PN" + "c" * 32, AC, TO, created_at=1)
    assert [known.verified(each, TO) for each in everybody] == [True, True, False]
    tables.verified_callers[TO] = CallerId("PN" + "c" * 32, AC, TO)
    assert all(known.verified(each, TO) for each in everybody)


def test_what_was_set_up_is_known(tables: Tables, known: Known) -> None:
    """By its own name; a pair of opt-out only in its direction."""
    number, service = Number(FROM, AC), Service(SERVICE, AC)
    tables.numbers[FROM], tables.services[SERVICE] = number, service
    tables.deleted["services"] = {"MG" + "b" * 32: 0}
    tables.verified_callers[TO] = CallerId("PN" + "c" * 32, AC, TO)
    tables.opt_outs.add(OptOut(FROM, TO), Unit())
    tables.handsets[TO] = Handset(TO, "landline")
    tables.handsets[FROM] = Handset(FROM)
    assert (known.number(FROM), known.service(SERVICE)) == (number, service)
    assert known.was_service("MG" + "b" * 32)
    assert known.verified(Account(AC), TO)
    tables.verified_callers[TO] = CallerId("PN" + "c" * 32, AC, TO, created_at=1 << 60)
    assert not known.verified(Account(AC), TO)  # its call is not answered yet
    tables.applications["AP" + "a" * 32] = Application("AP" + "a" * 32, AC)
    assert known.application("AP" + "a" * 32) is tables.applications["AP" + "a" * 32]
    assert known.application("AP" + "b" * 32) is None
    assert (known.opted_out(FROM, TO), known.opted_out(TO, FROM)) == (True, False)
    assert (known.landline(TO), known.landline(FROM)) == (True, False)


def test_a_subaccount_may_not_more_than_its_parent(tables: Tables, known: Known) -> None:
    """Its own closed countries and the parent's, whose own stay the parent's."""
    parent = Account(AC, geo_permissions_off=("DE",))
    child = Account(SUB, owner_account_sid=AC, geo_permissions_off=("FR",))
    tables.accounts[AC], tables.accounts[SUB] = parent, child
    assert set(known.closed_countries(child)) == {"DE", "FR"}
    assert known.closed_countries(parent) == ("DE",)
    orphan = Account(SUB, owner_account_sid="AC" + "9" * 32, geo_permissions_off=("FR",))
    assert known.closed_countries(orphan) == ("FR",)


async def test_messages_of_a_day_are_counted(make_world: "MakeWorld") -> None:
    """Those that were sent since then, each looked at once; none that came in."""
    world = make_world("manual")
    account = world.sandbox.accounts.first.sid
    await world.create()
    await world.advance(86_400)
    midnight = world.now - world.now % DAY
    await world.create(Body="b")
    await world.create(Body="c")
    known = known_in(world)
    assert [known.sent(account, since) for since in (0, midnight, world.now + 1)] == [3, 2, 0]
    await world.create(Body="d")
    assert [known.sent(account, since) for since in (midnight, 0, world.now + 1)] == [3, 4, 0]
    assert known.sent(SUB, 0) == 0


async def test_scheduled_messages_are_counted(make_world: "MakeWorld") -> None:
    """As long as they wait: not those that were cancelled or have gone."""
    world = make_world("manual")
    account = world.sandbox.accounts.first.sid
    messages = [
        await world.create(world.scheduled(seconds), Body=str(seconds))
        for seconds in (400, 500, 600)
    ]
    known = known_in(world)
    assert [known.scheduled(account, limit) for limit in (1, 2, 3, 4)] == [1, 2, 3, 3]
    await world.update(messages[2], Status="canceled")
    assert known.scheduled(account, 2) == 2
    await world.advance(450)
    assert known.scheduled(account, 1) == 1
    await world.advance(200)
    assert known.scheduled(account, 1) == 0


ME = f"whatsapp:{FROM}"
YOU = f"whatsapp:{TO}"


async def refusal(world: "World", options: Options, *, sender: str = ME, free: bool = True) -> int:
    message = await world.create(To=YOU, From=sender)
    return known_in(world).whatsapp_refusal(message, options, free_text=free)


@pytest.mark.parametrize(
    ("heard_ago", "free", "code"),
    [(None, True, 63016), (None, False, 0), (0, True, 0), (3_600, True, 0), (3_601, True, 63016)],
)
async def test_the_session_window(
    make_world: "MakeWorld", heard_ago: int | None, free: bool, code: int
) -> None:
    """Free text needs a message of the recipient to this sender, not too long ago."""
    world = make_world("manual")
    if heard_ago is not None:
        world.sandbox.tables.heard[f"{YOU} {ME}"] = world.now - heard_ago * SECOND
    assert await refusal(world, Options(whatsapp_session=3_600), free=free) == code
    assert await refusal(world, Options(), free=free) == 0


async def test_a_session_is_with_one_sender(make_world: "MakeWorld") -> None:
    """Having written to another one opens nothing."""
    world = make_world("manual")
    world.sandbox.tables.heard |= {YOU: world.now, f"{YOU} {ME}": world.now}
    options = Options(whatsapp_session=3_600)
    assert await refusal(world, options) == 0
    assert await refusal(world, options, sender="whatsapp:+15017122662") == 63016


async def test_a_service_may_choose_who_was_heard(make_world: "MakeWorld") -> None:
    """Before it has chosen, a message to any sender counts."""
    world = make_world("manual")
    options = Options(whatsapp_session=3_600)
    message = await world.create(To=YOU, From="-", MessagingServiceSid=SERVICE)
    assert known_in(world).whatsapp_refusal(message, options, free_text=True) == 63016
    world.sandbox.tables.heard[YOU] = world.now
    assert known_in(world).whatsapp_refusal(message, options, free_text=True) == 0


async def test_a_scheduled_message_is_judged_at_its_time(make_world: "MakeWorld") -> None:
    """The window may have closed by then."""
    world = make_world("manual")
    world.sandbox.tables.heard[YOU] = world.now
    for seconds, code in ((600, 0), (601, 63016)):
        message = await world.create({**world.scheduled(seconds), "To": YOU}, Body=str(seconds))
        known = known_in(world)
        assert known.whatsapp_refusal(message, Options(whatsapp_session=600), free_text=True) == (
            code
        )


@pytest.mark.parametrize(
    ("joined_ago", "code"),
    [(None, 63015), (0, 0), (JOIN_LASTS, 0), (JOIN_LASTS + 1, 63015)],
)
async def test_the_sandbox_is_joined_for_three_days(
    make_world: "MakeWorld", joined_ago: int | None, code: int
) -> None:
    """Templates need it too; other senders do not."""
    world = make_world("manual")
    options = Options(whatsapp_join=True)
    if joined_ago is not None:
        world.sandbox.tables.handsets[YOU] = Handset(YOU, joined_at=world.now - joined_ago)
    for free in (True, False):
        assert await refusal(world, options, sender=WHATSAPP_SANDBOX, free=free) == code
    assert await refusal(world, options) == 0
    assert await refusal(world, Options(), sender=WHATSAPP_SANDBOX) == 0


async def test_who_was_set_up_as_joined_stays(make_world: "MakeWorld") -> None:
    """However long ago the sandbox was made."""
    world = make_world("manual")
    world.sandbox.tables.handsets[YOU] = Handset(YOU, joined_at=-1)
    await world.advance(30 * 86_400)
    assert await refusal(world, Options(whatsapp_join=True), sender=WHATSAPP_SANDBOX) == 0


async def test_a_rule_goes_before_what_whatsapp_makes_of_it(make_world: "MakeWorld") -> None:
    """A test that says how a message ends means it."""
    world = make_world("manual")
    world.sandbox.rules.put(Scenario("s", options={"whatsapp_session": 60}))
    late = await world.create(To=YOU, From=ME)
    other = await world.create(To="whatsapp:+15005560007", From=ME)
    await world.advance(1)
    assert [world.delivery(each).error_code for each in (late, other)] == [63016, 30007]
