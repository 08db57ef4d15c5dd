"""Senders chosen when a message is queued, and messages that wait for their sender's turn."""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Given, GivenHandset, GivenService, Scenario
from mockserver.domain.message import SECOND, STEP, Message
from mockserver.domain.numbers import Service
from mockserver.domain.rates import Rates
from mockserver.world.sandboxes import Order
from mockserver.world.schemas import Reading
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

LONG, OTHER, FREE, SHORT = "+14155550123", "+12125550123", "+18885550123", "12345"
LONDON = "+447700900123"
SERVICE = "MG" + "a" * 32
BY_SERVICE = {"From": "-", "MessagingServiceSid": SERVICE}
TO_UK = "+447700900999"


def order(
    *senders: str,
    rates: Rates | None = None,
    handsets: tuple[GivenHandset, ...] = (),
    **service: Any,
) -> Order:
    """A sandbox with a service of these senders, on the manual clock."""
    given = Given(services=(GivenService(SERVICE, senders=senders, **service),), handsets=handsets)
    return Order(scenario=Scenario("x", given=given, rates=rates), clock="manual", seed=7)


def service_of(world: "World") -> Service:
    return world.sandbox.tables.services[SERVICE]


def times(world: "World", message: Message, status: str = "sending") -> float:
    """Seconds after the create at which a message came to a status."""
    line = world.delivery(message).timeline
    at = next(line[n + 1] for n in range(0, len(line), STEP) if line[n] == status)
    return float(at - message.created_at) / SECOND


def sender(world: "World", message: Message) -> str:
    found = world.sandbox.tables.messages.get(message.sid)
    assert found is not None
    return found.from_


async def queued(world: "World", **form: Any) -> Message:
    """A message of the service, as it is once it is queued."""
    message = await world.create(BY_SERVICE, **form)
    await world.advance(1)
    found = world.sandbox.tables.messages.get(message.sid)
    assert found is not None
    return found


async def test_the_pool_is_searched(make_world: "MakeWorld") -> None:
    """By the recipient's country; what no sender reaches fails with 21703."""
    world = make_world("manual", order=order(LONG, LONDON, SHORT))
    assert (await queued(world)).from_ == SHORT
    assert (await queued(world, To=TO_UK)).from_ == LONDON
    abroad = make_world("manual", order=order(LONDON))
    message = await queued(abroad)
    assert (abroad.status(message), message.from_) == ("failed", "")
    assert abroad.delivery(message).error_code == 21703


async def test_the_load_is_spread_and_sticks(make_world: "MakeWorld") -> None:
    """Recipients are spread over equal senders; each keeps its own."""
    world = make_world("manual", order=order(*(f"+1307555010{n}" for n in range(4))))
    first = [(await queued(world, To=f"+1415555{n:04d}")).from_ for n in range(40)]
    again = [(await queued(world, To=f"+1415555{n:04d}", Body="x")).from_ for n in range(40)]
    assert first == again
    assert min(map(first.count, set(first))) >= 4
    assert len(set(first)) == 4


async def test_what_sticks_survives_a_new_sender(make_world: "MakeWorld") -> None:
    """Until it leaves the pool."""
    world = make_world("manual", order=order(OTHER))
    assert (await queued(world)).from_ == OTHER
    services = world.sandbox.tables.services
    services[SERVICE] = Service(SERVICE, service_of(world).account_sid, (LONG, OTHER))
    assert (await queued(world)).from_ == OTHER
    services[SERVICE] = Service(SERVICE, service_of(world).account_sid, (LONG,))
    assert (await queued(world)).from_ == LONG


async def test_sticking_is_a_switch(make_world: "MakeWorld") -> None:
    """Without it, a nearer sender is taken as soon as it is there."""
    world = make_world("manual", order=order(OTHER, sticky_sender=False))
    assert (await queued(world)).from_ == OTHER
    services = world.sandbox.tables.services
    services[SERVICE] = replace(service_of(world), senders=(OTHER, LONG))
    assert (await queued(world)).from_ == LONG
    assert world.sandbox.tables.sticky == {}


async def test_what_does_not_stick_is_spread(make_world: "MakeWorld") -> None:
    """Without sticking, one recipient hears from all equal senders, the same ones in each run."""
    pool = order(*(f"+1307555010{n}" for n in range(4)), sticky_sender=False)
    first, second = (make_world("manual", order=pool) for _ in range(2))
    senders = [(await queued(first, Body=f"n {n}")).from_ for n in range(40)]
    assert senders == [(await queued(second, Body=f"n {n}")).from_ for n in range(40)]
    assert len(set(senders)) == 4


@pytest.mark.parametrize("channel", ["whatsapp", "rcs", "messenger"])
async def test_a_stand_in_is_on_every_channel(make_world: "MakeWorld", channel: str) -> None:
    """A service that was never made sends from one number: as such, or as an address of it."""
    world = make_world("manual", order=Order(scenario=Scenario("x"), clock="manual", seed=7))
    number = (await queued(world)).from_
    assert number.startswith("+1")
    assert (await queued(world, To=f"{channel}:+14155552671")).from_ == f"{channel}:{number}"


async def test_rich_messages(make_world: "MakeWorld") -> None:
    """To a device that does RCS, from the pool's RCS sender; to others as a text."""
    rich = GivenHandset("+14155550100", rcs=True)
    world = make_world("manual", order=order(LONG, "rcs:brand", handsets=(rich,)))
    first = await queued(world, To="+14155550100")
    assert (first.from_, first.channel, first.to) == ("rcs:brand", "rcs", "+14155550100")
    assert (await queued(world, To="+14155550101")).from_ == LONG


async def test_a_name_for_one_country(make_world: "MakeWorld") -> None:
    """A destination's alphanumeric sender goes there and nowhere else."""
    names = (("ACME", "FR"),)
    world = make_world("manual", order=order(LONG, "ACME"))
    services = world.sandbox.tables.services
    services[SERVICE] = replace(service_of(world), destinations=names)
    assert (await queued(world, To="+33612345678")).from_ == "ACME"
    assert (await queued(world, To=TO_UK)).from_ == LONG


async def test_fallback_from(make_world: "MakeWorld") -> None:
    """Where only RCS senders are in the pool, and the device does none."""
    world = make_world("manual", order=order("rcs:brand"))
    assert (await queued(world, FallbackFrom=LONG)).from_ == LONG
    message = await queued(world, Body="none")
    assert world.delivery(message).error_code == 21703
    assert world.sandbox.tables.wishes == {}


async def test_pictures_become_links(make_world: "MakeWorld") -> None:
    """Where no sender can send them there and the service converts; else 21703."""
    world = make_world("manual", order=order(LONDON))
    picture = {"To": TO_UK, "MediaUrl": "http://127.0.0.1:9/owl.png"}
    message = await queued(world, **picture)
    assert (message.channel, message.num_media, message.media_urls) == ("sms", 0, ())
    assert message.body == "Ahoy\nhttp://127.0.0.1:9/owl.png"
    services = world.sandbox.tables.services
    account = service_of(world).account_sid
    services[SERVICE] = Service(SERVICE, account, (LONDON,), mms_converter=False)
    assert world.delivery(await queued(world, **picture)).error_code == 21703


async def test_one_a_second(make_world: "MakeWorld") -> None:
    """A US long code with rates on: what goes out leaves at exactly one a second."""
    world = make_world("manual", order=order(rates=Rates(enabled=True)))
    messages = [await world.create({"From": LONG}, Body=str(n)) for n in range(5)]
    await world.advance(60)
    assert [times(world, each) for each in messages] == [0.1, 1.1, 2.1, 3.1, 4.1]
    assert {world.status(each) for each in messages} == {"delivered"}


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_a_service_waits_once_it_is_queued(make_world: "MakeWorld", clock: str) -> None:
    """Messages of a service and with its sender share the sender's lane."""
    shape = order(LONG, rates=Rates(enabled=True))
    world = make_world(clock, order=Order(scenario=shape.scenario, clock=clock, seed=7))
    messages = [
        await world.create(BY_SERVICE, Body="a"),
        await world.create({"From": LONG}, Body="b"),
        await world.create(BY_SERVICE, Body="c", From=LONG),
    ]
    await world.advance(60)
    out = sorted(times(world, each) * SECOND + each.created_at for each in messages)
    assert all(later - earlier >= SECOND - 1 for earlier, later in pairwise(out))
    assert {world.status(each) for each in messages} == {"delivered"}


async def test_14401_segments_overflow(make_world: "MakeWorld") -> None:
    """The classic queue of four hours: 30001 for the last one; the others leave one a second."""
    world = make_world("manual", order=order(rates=Rates(enabled=True, queue_hours=4)))
    messages = [await world.create({"From": LONG}, Body=str(n)) for n in range(14_401)]
    await world.advance(5 * 3_600)
    last = world.delivery(messages[-1])
    assert (last.status, last.error_code) == ("failed", 30001)
    assert [times(world, each) for each in messages[:-1]] == [n + 0.1 for n in range(14_400)]


async def test_a_full_queue_refuses_who_names_its_sender(make_world: "MakeWorld") -> None:
    """Today's queue of ten hours: 21611 for `From`, and 30001 later for a service."""
    rates = Rates(enabled=True, queue_hours=5, per_second={"long_code_us_ca": 0.001})
    world = make_world("manual", order=order(LONG, rates=rates))
    room = rates.capacity("long_code_us_ca")
    for n in range(room):
        await world.create({"From": LONG}, Body=str(n))
    with pytest.raises(TwilioError) as refused:
        await world.create({"From": LONG}, Body="full")
    assert (refused.value.code, refused.value.status) == (21611, 429)
    assert [alert.code for alert in world.sandbox.journal.alerts] == [21611]
    message = await queued(world)
    assert (world.status(message), world.delivery(message).error_code) == ("failed", 30001)


@pytest.mark.parametrize("through", ["sender", "service"])
async def test_validity_ends_in_the_queue(make_world: "MakeWorld", through: str) -> None:
    """30036 when the period is over; others move up."""
    world = make_world("manual", order=order(LONG, rates=Rates(enabled=True)))
    form: Mapping[str, str] = BY_SERVICE if through == "service" else {"From": LONG}
    await world.create({"From": LONG}, Body="x" * 1600)
    late = await world.create(form, Body="late", ValidityPeriod="5")
    await world.advance(0)
    patient = await world.create(form, Body="patient")
    await world.advance(60)
    assert (world.status(late), world.delivery(late).error_code) == ("failed", 30036)
    assert times(world, late, "failed") == 5
    assert times(world, patient) == 11.1


async def test_a_service_has_a_validity_of_its_own(make_world: "MakeWorld") -> None:
    """The shorter of the two counts."""
    world = make_world("manual", order=order(LONG, rates=Rates(enabled=True)))
    services = world.sandbox.tables.services
    services[SERVICE] = Service(SERVICE, service_of(world).account_sid, (LONG,), validity_period=3)
    await world.create({"From": LONG}, Body="x" * 1600)
    message = await world.create(BY_SERVICE, ValidityPeriod="9")
    await world.advance(60)
    assert (world.delivery(message).error_code, times(world, message, "failed")) == (30036, 3)


async def test_scheduled_messages_queue_up_when_they_are_due(make_world: "MakeWorld") -> None:
    """All at one time, they leave one a second from then on."""
    world = make_world("manual", order=order(LONG, rates=Rates(enabled=True)))
    form = world.scheduled(600)
    messages = [await world.create(form, Body=str(n)) for n in range(3)]
    await world.advance(700)
    assert [times(world, each) for each in messages] == [600.1, 601.1, 602.1]


async def test_a_name_has_a_lane_in_each_account(make_world: "MakeWorld") -> None:
    """An alphanumeric sender is nobody's own: what others send with it is not waited for."""
    world = make_world("manual", order=order(rates=Rates(enabled=True)))
    for n in range(20):
        await world.create(From="ACME", To=TO_UK, Body=f"n {n}")
    own, sandbox = world.sandbox.accounts.first, world.sandbox
    other = sandbox.accounts.set_up(replace(own, sid="AC" + "2" * 32), Unit())
    form = {"From": "ACME", "To": TO_UK, "Body": "other"}
    message, _ = await sandbox.messages.create(other, Reading(form))
    last = await world.create(From="ACME", To=TO_UK, Body="last")
    await world.advance(10)
    assert times(world, message) == 0.1
    assert times(world, last) == 2.1


@pytest.mark.parametrize("sender", ["-", LONG])
async def test_a_service_that_is_gone_by_then(make_world: "MakeWorld", sender: str) -> None:
    """What it had scheduled fails with 21701, also where the sender was named."""
    world = make_world("manual", order=order(LONG))
    form = {**world.scheduled(3600), "From": sender, "MessagingServiceSid": SERVICE}
    message = await world.create(form)
    await world.sandbox.services.delete(service_of(world))
    await world.advance(7200)
    delivery = world.delivery(message)
    assert (delivery.status, delivery.error_code) == ("failed", 21701)
