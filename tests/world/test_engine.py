"""Messages move along their plans; a status can be forced; what no longer applies does nothing."""

from itertools import product
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import DeliveryRule, When
from mockserver.domain.lifecycle import NEXT, STATUSES
from mockserver.domain.message import Delivery, Message
from mockserver.domain.numbers import OptOut, Service
from mockserver.world.engine import IllegalStep
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
SERVICE = "MG" + "a" * 32
BY_SERVICE = {"From": "-", "MessagingServiceSid": SERVICE}


async def force(world: "World", message: Message, status: str, code: int = 0) -> Delivery:
    found = world.sandbox.tables.messages.get(message.sid)
    assert found is not None
    return await world.sandbox.messages.force(found, status, code)


def statuses(world: "World", message: Message) -> list[str]:
    return [status for status, _ in world.timeline(message)]


async def test_a_life(make_world: "MakeWorld") -> None:
    """Sent 0.2 s and delivered 0.5 s after the create, priced when it was sent."""
    world = make_world("manual")
    message = await world.create()
    assert (world.delivery(message).sent_at, world.delivery(message).price) == (0, "")
    await world.advance(60)
    delivery = world.delivery(message)
    assert world.timeline(message) == [
        ("queued", 0),
        ("sending", 0.1),
        ("sent", 0.2),
        ("delivered", 0.5),
    ]
    assert (delivery.sent_at, delivery.updated_at) == (
        message.created_at + 200_000,
        message.created_at + 500_000,
    )
    assert (delivery.status, delivery.steps, delivery.error_code) == ("delivered", (), 0)
    assert delivery.price == "-0.00790"


@pytest.mark.parametrize("clock", ["instant", "manual", "real"])
@pytest.mark.parametrize(
    ("outcome", "code", "life", "announced"),
    [
        (
            "undelivered",
            30003,
            ["queued", "sending", "sent", "undelivered"],
            ["sent", "undelivered"],
        ),
        ("failed", 30001, ["queued", "failed"], ["failed"]),
        ("sent", 0, ["queued", "sending", "sent"], ["sent"]),
    ],
)
async def test_other_ends(
    make_world: "MakeWorld",
    clock: str,
    outcome: str,
    code: int,
    life: list[str],
    announced: list[str],
) -> None:
    """As the delivery rule says, the error code at the end of it; the same under every clock."""
    world = make_world(clock)
    world.sandbox.rules.add(DeliveryRule("end", When(), outcome, code))
    message = await world.create(StatusCallback=HOOK)
    await world.advance(60)
    assert statuses(world, message) == life
    assert world.delivery(message).error_code == code
    assert world.app.statuses == announced


async def test_a_service_chooses_its_sender_when_it_is_queued(make_world: "MakeWorld") -> None:
    """Until then there is none; then the index by sender knows the message."""
    world = make_world("manual")
    tables = world.sandbox.tables
    tables.services[SERVICE] = Service(SERVICE, world.sandbox.accounts.first_sid, ("+14155550123",))
    message = await world.create(BY_SERVICE)
    account = message.account_sid
    assert (world.status(message), message.from_) == ("accepted", "")
    await world.advance(0.5)
    [found] = tables.messages.lists.newest_first(account, None, None, "+14155550123")
    assert (found.sid, found.from_) == (message.sid, "+14155550123")
    assert statuses(world, message) == ["accepted", "queued", "sending", "sent", "delivered"]


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_a_service_without_senders(make_world: "MakeWorld", clock: str) -> None:
    """The message fails in its queue with 21704, and that is the end of it."""
    world = make_world(clock)
    world.sandbox.tables.services[SERVICE] = Service(SERVICE, world.sandbox.accounts.first_sid)
    message = await world.create(BY_SERVICE, StatusCallback=HOOK)
    await world.advance(60)
    assert statuses(world, message) == ["accepted", "failed"]
    assert (world.delivery(message).error_code, world.delivery(message).steps) == (21704, ())
    assert world.app.statuses == ["failed"]


async def test_a_service_does_not_write_to_those_who_opted_out(make_world: "MakeWorld") -> None:
    """It is found out in the queue: 21610."""
    world = make_world()
    world.sandbox.tables.opt_outs.add(OptOut(SERVICE, "+14155552671"), Unit())
    message = await world.create(BY_SERVICE)
    await world.advance(60)
    assert (world.status(message), world.delivery(message).error_code) == ("failed", 21610)


async def test_a_service_that_nobody_set_up_has_one_sender(make_world: "MakeWorld") -> None:
    """The same for all its messages, from the seed."""
    senders = set()
    for _ in range(2):
        world = make_world()
        for body in ("One", "Two"):
            await world.create(BY_SERVICE, Body=body)
        await world.advance(1)
        senders |= {message.from_ for message in world}
    assert len(senders) == 1
    assert senders.pop().startswith("+1415200")


# Forced


@pytest.mark.parametrize(
    ("status", "life"),
    [
        ("sending", ["queued", "sending"]),
        ("sent", ["queued", "sent"]),
        ("delivered", ["queued", "sent", "delivered"]),
        ("undelivered", ["queued", "sent", "undelivered"]),
        ("failed", ["queued", "failed"]),
        ("read", ["queued", "sent", "read"]),
    ],
)
async def test_a_status_is_forced(make_world: "MakeWorld", status: str, life: list[str]) -> None:
    """Now, by the shortest way there; those between are in the timeline and are announced."""
    world = make_world("manual")
    message = await world.create(StatusCallback=HOOK)
    await world.advance(0.05)
    code = 30003 if status in ("undelivered", "failed") else 0
    delivery = await force(world, message, status, code)
    assert (delivery.status, delivery.error_code) == (status, code)
    assert world.timeline(message) == [("queued", 0), *((each, 0.05) for each in life[1:])]
    await world.settled()
    assert world.app.statuses == [each for each in life[1:] if each != "sending"]
    codes = [dict(parcel.params).get("ErrorCode", "0") for parcel in world.app.posted]
    assert [each for each in codes if each != "0"] == ([str(code)] if code else [])


@pytest.mark.parametrize("status", ["delivered", "undelivered", "failed"])
async def test_nothing_comes_after_a_forced_end(make_world: "MakeWorld", status: str) -> None:
    """The steps that were planned do nothing when their time comes."""
    world = make_world("manual")
    message = await world.create(StatusCallback=HOOK)
    await force(world, message, status, 0)
    ended = world.delivery(message)
    await world.advance(60)
    assert world.delivery(message) == ended
    assert world.app.statuses[-1] == status


async def test_the_plan_goes_on_after_a_forced_step(make_world: "MakeWorld") -> None:
    """With the distances that it had; each step happens once."""
    world = make_world("manual")
    message = await world.create(StatusCallback=HOOK)
    await world.advance(0.05)
    await force(world, message, "sent")
    await world.advance(60)
    assert world.timeline(message) == [("queued", 0), ("sent", 0.05), ("delivered", 0.35)]
    assert world.app.statuses == ["sent", "delivered"]


async def test_a_forced_step_takes_a_scheduled_message_out_of_its_schedule(
    make_world: "MakeWorld",
) -> None:
    """It is delivered soon, not when it was to be sent; that appointment then means nothing."""
    world = make_world("manual")
    message = await world.create(world.scheduled(900))
    await force(world, message, "sent")
    await world.sandbox.engine.advance(None)
    assert world.timeline(message) == [
        ("scheduled", 0),
        ("queued", 0),
        ("sent", 0),
        ("delivered", 0.3),
    ]
    ended = world.delivery(message)
    await world.advance(3_600)
    assert world.delivery(message) == ended


@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        pair
        for pair in product(("delivered", "failed", "undelivered", "sent"), STATUSES)
        if pair[1] not in NEXT[pair[0]] and pair != ("sent", "read")
    ],
)
async def test_an_impossible_status(make_world: "MakeWorld", first: str, wanted: str) -> None:
    """Is refused with both names, and nothing changes."""
    world = make_world("manual")
    message = await world.create()
    before = await force(world, message, first)
    with pytest.raises(IllegalStep, match=f"that is {first} cannot become {wanted}"):
        await force(world, message, wanted)
    assert world.delivery(message) == before


async def test_what_is_no_status(make_world: "MakeWorld") -> None:
    """Leads nowhere either."""
    world = make_world("manual")
    message = await world.create()
    with pytest.raises(IllegalStep, match="queued cannot become lost"):
        await force(world, message, "lost")


# Canceled


async def test_a_scheduled_message_is_canceled(make_world: "MakeWorld") -> None:
    """With a callback; its appointment is off the clock."""
    world = make_world("manual")
    message = await world.create(world.scheduled(900), StatusCallback=HOOK)
    await world.advance(60)
    assert (await world.update(message, Status="canceled")).status == "canceled"
    assert world.sandbox.clock.appointments.count == 0
    await world.advance(3_600)
    assert world.timeline(message) == [("scheduled", 0), ("canceled", 60)]
    assert world.app.statuses == ["canceled"]
    assert world.sandbox.clock.pending == 0


@pytest.mark.parametrize("after", [0, 3_600])
async def test_only_a_scheduled_message_can_be_canceled(
    make_world: "MakeWorld", after: float
) -> None:
    """Others are under way or done: 30409."""
    world = make_world("manual")
    message = await world.create()
    await world.advance(after)
    with pytest.raises(TwilioError) as refused:
        await world.update(message, Status="canceled")
    assert refused.value.problem.code == 30409


async def test_a_deleted_message_takes_no_steps(make_world: "MakeWorld") -> None:
    """One that is canceled may be deleted; nothing comes of it any more."""
    world = make_world("manual")
    message = await world.create(world.scheduled(900))
    await world.update(message, Status="canceled")
    await world.sandbox.messages.delete(message)
    await world.advance(3_600)
    assert list(world) == []
    assert world.idle()
