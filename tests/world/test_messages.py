"""The commands of the Messages resource, without HTTP."""

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import TRIAL_PREFIX, Account
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import DeliveryRule, When
from mockserver.domain.limits import DELETABLE_AFTER_SENT
from mockserver.domain.numbers import Service
from mockserver.world.sandboxes import Order
from mockserver.world.schemas import RequestSchema

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
SERVICE = "MG" + "a" * 32
FORMS = [
    {"To": "+14155550001"},
    {"To": "+14155550002"},
    {"To": "+14155550001", "Body": "Another"},
    {"To": "+14155550001", "From": "+15017122662"},
]


async def refusal(doing: object) -> int:
    """The code with which Twilio refuses it."""
    with pytest.raises(TwilioError) as refused:
        await doing  # type: ignore[misc]
    return refused.value.problem.code


# Chance


async def test_a_sid_derives_from_the_message(make_world: "MakeWorld") -> None:
    """And the seed: the same call, the same SID; any other sender, recipient or body, another."""
    sids = []
    for seed in (7, 7, 8):
        world = make_world(seed=seed)
        sids.append([(await world.create(form)).sid for form in FORMS])
    assert sids[0] == sids[1]
    assert len({*sids[0], *sids[2]}) == 2 * len(FORMS)


async def test_the_order_of_arrival_is_no_matter(make_world: "MakeWorld") -> None:
    """Different messages have the same SIDs in whatever order they come."""
    sets = []
    for forms in permutations(FORMS):
        world = make_world("manual")
        sets.append({(await world.create(form)).sid for form in forms})
    assert all(each == sets[0] for each in sets)


async def test_equal_messages_have_different_sids(make_world: "MakeWorld") -> None:
    """By how many came before; the same ones when it is done again."""
    runs = []
    for _ in range(2):
        world = make_world()
        runs.append([(await world.create()).sid for _ in range(20)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 20


async def test_a_sid_is_never_used_again(make_world: "MakeWorld") -> None:
    """Not even when its message was deleted."""
    world = make_world()
    first = await world.create()
    await world.settled()
    await world.sandbox.messages.delete(first)
    assert (await world.create()).sid != first.sid


@pytest.mark.parametrize("clock", ["manual", "instant"])
async def test_a_seed_repeats_everything(make_world: "MakeWorld", clock: str) -> None:
    """The same calls one after another: SIDs, times, callbacks and their tokens."""
    runs = []
    for _ in range(2):
        world = make_world(clock)
        for form in FORMS:
            await world.create(form, StatusCallback=HOOK)
            await world.advance(0.25)
        await world.advance(60)
        runs.append(
            (
                [(m.sid, m.created_at, world.delivery(m)) for m in world],
                sorted((e.due, e.message_sid, e.idempotency_token) for e in world.attempts),
            )
        )
    assert runs[0] == runs[1]


async def test_media_makes_it_mms(make_world: "MakeWorld") -> None:
    """`MM…`, one segment, the channel `mms`."""
    world = make_world()
    message = await world.create(MediaUrl="http://127.0.0.1/cat.png")
    assert message.sid.startswith("MM")
    assert (message.channel, message.num_media, message.num_segments) == ("mms", 1, 1)
    assert (await world.create()).sid.startswith("SM")


# Create


async def test_what_a_message_is_made_of(make_world: "MakeWorld") -> None:
    """What was asked and what was settled when it was accepted."""
    world = make_world("manual")
    message = await world.create(Body="é" * 161, Tags="{}", StatusCallback=HOOK)
    assert (message.direction, message.channel, message.origin) == (
        "outbound-api",
        "sms",
        "messages",
    )
    assert (message.encoding, message.num_segments, message.ordinal) == ("GSM-7", 2, 0)
    assert (message.tags, message.status_callback, message.created_at) == ("{}", HOOK, world.now)
    assert world.timeline(message) == [("queued", 0)]
    assert (await world.create()).ordinal == 1


async def test_a_refused_message_leaves_nothing_behind(
    make_world: "MakeWorld", schema: RequestSchema
) -> None:
    """No place, no SID, no account, nothing to wait for."""
    world = make_world("manual")
    stranger = Account("AC" + "5" * 32)
    reading = schema.read([("To", "nobody"), ("From", "+15017122661"), ("Body", "Ahoy")])
    commands = world.sandbox.messages
    assert await refusal(commands.create(stranger, reading)) == 21211
    assert world.sandbox.accounts.find(stranger.sid) is None
    assert (list(world), len(world.sandbox.tables.messages.places)) == ([], 0)
    assert world.idle()


async def test_a_stranger_comes_into_being(make_world: "MakeWorld", schema: RequestSchema) -> None:
    """With the first message that it makes."""
    world = make_world("manual")
    stranger = Account("AC" + "5" * 32)
    reading = schema.read([("To", "+14155552671"), ("From", "+15017122661"), ("Body", "Ahoy")])
    await world.sandbox.messages.create(stranger, reading)
    found = world.sandbox.accounts.find(stranger.sid)
    assert found is not None
    assert found.created_at == world.now


async def test_a_trial_accounts_messages_say_so(make_world: "MakeWorld") -> None:
    """Before the body, which counts into the segments."""
    world = make_world(order=Order(account=Account("", type="Trial")))
    verified = CallerId("PN" + "c" * 32, "AC" + "a" * 32, "+14155552671")
    world.sandbox.tables.verified_callers[verified.phone_number] = verified
    message = await world.create(Body="x" * 150)
    assert message.body == TRIAL_PREFIX + "x" * 150
    assert message.num_segments == 2
    assert await refusal(world.create(To="+14155552672")) == 21219


async def test_test_credentials_send_nothing(make_world: "MakeWorld") -> None:
    """A message is made and stays as it is, without callbacks."""
    world = make_world(order=Order(account=Account("", mode="test")))
    message = await world.create(From="+15005550006", StatusCallback=HOOK)
    await world.advance(60)
    assert world.timeline(message) == [("queued", 0)]
    assert (message.test, world.app.posted, world.idle()) == (True, [], True)


async def test_where_callbacks_go(make_world: "MakeWorld") -> None:
    """To the message's own address, else its service's, else nowhere."""
    world = make_world()
    service = Service(
        SERVICE, world.sandbox.accounts.first_sid, ("+14155550123",), f"{HOOK}/service"
    )
    world.sandbox.tables.services[SERVICE] = service
    by_service = {"From": "-", "MessagingServiceSid": SERVICE}
    own = await world.create(by_service, StatusCallback=HOOK)
    messages = [own, await world.create(by_service), await world.create()]
    assert [each.status_callback for each in messages] == [HOOK, f"{HOOK}/service", ""]


# Update and delete


async def redact(world: "World") -> str:
    [message] = world
    await world.update(message, Body="")
    [message] = world
    return message.body


@pytest.mark.parametrize(("after", "code"), [(0, 20009), (0.1, 20009), (0.2, 0), (0.5, 0)])
async def test_a_sent_message_can_be_redacted(
    make_world: "MakeWorld", after: float, code: int
) -> None:
    """Its body goes and stays gone; one that is still to be sent is refused."""
    world = make_world("manual")
    message = await world.create()
    await world.advance(after)
    if code:
        assert await refusal(redact(world)) == code
        assert next(iter(world)).body == "Ahoy"
        return
    assert await redact(world) == ""
    assert world.delivery(message).updated_at == world.now
    await world.advance(60)
    assert (next(iter(world)).body, world.status(message)) == ("", "delivered")


@pytest.mark.parametrize(
    "form", [{}, {"Body": "", "Status": "canceled"}, {"Body": "other"}, {"Status": "sent"}]
)
async def test_what_is_no_update(make_world: "MakeWorld", form: dict[str, str]) -> None:
    """Redact or cancel, one of the two, and nothing else: 30400."""
    world = make_world()
    message = await world.create()
    assert await refusal(world.update(message, **form)) == 30400


async def test_a_complete_message_can_be_deleted(make_world: "MakeWorld") -> None:
    """One under way cannot: 20009."""
    world = make_world("manual")
    message = await world.create()
    await world.advance(0.2)
    assert await refusal(world.sandbox.messages.delete(message)) == 20009
    await world.advance(0.3)
    await world.sandbox.messages.delete(message)
    assert list(world) == []


async def test_one_without_a_receipt_can_be_deleted_later(make_world: "MakeWorld") -> None:
    """Some hours after it was sent, though it never came to an end."""
    world = make_world("manual")
    world.sandbox.rules.add(DeliveryRule("silent", When(), "sent"))
    message = await world.create()
    await world.advance(0.2 + DELETABLE_AFTER_SENT - 1)
    assert await refusal(world.sandbox.messages.delete(message)) == 20009
    await world.advance(1)
    await world.sandbox.messages.delete(message)
    assert list(world) == []


async def test_commands_see_the_present(make_world: "MakeWorld") -> None:
    """On the instant clock a message that was just made can be deleted at once."""
    world = make_world("instant")
    message = await world.create()
    await world.sandbox.messages.delete(message)
    assert list(world) == []
