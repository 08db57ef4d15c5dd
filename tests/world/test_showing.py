"""What messages show that were made from templates, and what becomes of it."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.content import ContentTemplate
from mockserver.domain.faults import Given, GivenHandset, GivenService, GivenTemplate
from mockserver.domain.message import Message
from mockserver.world.showing import shown_of, with_button

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HX, MG = "HX" + "a" * 32, "MG" + "a" * 32
ME, YOU = "+15017122661", "+14155552671"
ON_WHATSAPP = {"From": f"whatsapp:{ME}", "To": f"whatsapp:{YOU}"}
BUTTONS = [{"title": "Yes", "id": "y_{{1}}"}, {"title": "No"}]
TYPES: dict[str, Any] = {
    "twilio/text": {"body": "Hi {{1}}!"},
    "twilio/media": {"body": "Look, {{1}}!", "media": ["https://example.com/{{1}}.png"]},
    "twilio/quick-reply": {"body": "Come, {{1}}?", "actions": BUTTONS},
    "twilio/card": {"title": "Hats", "body": "For {{1}}", "actions": BUTTONS},
}
ADA = '{"1": "Ada"}'


def give(world: "World", *kinds: str, **more: Any) -> ContentTemplate:
    """The template with these types, the words behind `twilio/`; text without any."""
    types = {f"twilio/{kind}": TYPES[f"twilio/{kind}"] for kind in kinds or ("text",)}
    world.give(Given(content=(GivenTemplate(HX, types, **more),)))
    return world.sandbox.tables.content[HX]


async def make(world: "World", **form: str) -> Message:
    """A message from it."""
    template = {"Body": "-", "ContentSid": HX, "ContentVariables": ADA}
    return await world.create({**template, **form})


def shown(world: "World", message: Message) -> tuple[str, dict[str, Any]]:
    found = shown_of(world.sandbox.tables, message)
    assert found is not None
    return found.type, found.document


# -- the type by channel ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kind", "body", "prefix", "channel"),
    [
        ({}, "twilio/media", "Look, Ada!", "MM", "mms"),
        (ON_WHATSAPP, "twilio/card", "Hats\n\nFor Ada", "MM", "whatsapp"),
        (
            {"From": "messenger:1", "To": "messenger:2"},
            *("twilio/card", "Hats\n\nFor Ada", "SM", "messenger"),
        ),
        ({"From": "rcs:acme", "To": f"rcs:{YOU}"}, "twilio/card", "Hats\n\nFor Ada", "SM", "rcs"),
    ],
)
async def test_each_channel_gets_the_richest(
    make_world: "MakeWorld",
    form: dict[str, str],
    kind: str,
    body: str,
    prefix: str,
    channel: str,
) -> None:
    """Media on SMS make an MMS; on WhatsApp a template is always an `MM`."""
    world = make_world("manual")
    give(world, "text", "media", "quick-reply", "card")
    message = await make(world, **form)
    assert (message.body, message.sid[:2], message.channel) == (body, prefix, channel)
    assert shown(world, message)[0] == kind
    assert message.num_media == len(message.media_urls) == (kind == "twilio/media")


async def test_the_text_counts(make_world: "MakeWorld") -> None:
    """Segments and encoding are those of what is sent; so is a trial account's first sentence."""
    world = make_world("manual")
    give(world)
    message = await make(world, ContentVariables=json.dumps({"1": "Ж" * 100}))
    assert (message.encoding, message.num_segments) == ("UCS-2", 2)
    assert message.body == f"Hi {'Ж' * 100}!"


# -- what becomes of it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "variables", "status", "code"),
    [
        (ON_WHATSAPP, "{}", "failed", 63028),
        (ON_WHATSAPP, ADA, "delivered", 0),
        ({}, "{}", "delivered", 0),
    ],
)
async def test_a_value_that_is_missing(
    make_world: "MakeWorld", form: dict[str, str], variables: str, status: str, code: int
) -> None:
    """WhatsApp minds; elsewhere the placeholder is sent as it is written."""
    world = make_world("instant")
    give(world)
    message = await make(world, **form, ContentVariables=variables)
    await world.settled()
    delivery = world.delivery(message)
    assert (delivery.status, delivery.error_code) == (status, code)
    assert message.body == ("Hi Ada!" if variables == ADA else "Hi {{1}}!")


async def test_it_stays_as_it_was_sent(make_world: "MakeWorld") -> None:
    """Whatever becomes of the template."""
    world = make_world("instant")
    template = give(world, "quick-reply", approval="rejected")
    message = await make(world, **ON_WHATSAPP)
    await world.sandbox.templates.change(template, {"types": {"twilio/text": {"body": "x"}}})
    await world.sandbox.templates.drop(world.sandbox.tables.content[HX])
    kind, document = shown(world, message)
    assert (kind, document["body"]) == ("twilio/quick-reply", "Come, Ada?")
    assert (await world.create(Body="plain")).sid not in world.sandbox.tables.shown


@pytest.mark.parametrize("how", ["redacted", "deleted"])
async def test_it_goes_with_the_message(make_world: "MakeWorld", how: str) -> None:
    """With its text, or all of it."""
    world = make_world("instant")
    give(world)
    message = await make(world)
    await world.settled()
    assert [*world.sandbox.tables.shown] == [message.sid]
    if how == "redacted":
        await world.update(message, Body="")
    else:
        await world.sandbox.messages.delete(message)
    assert shown_of(world.sandbox.tables, message) is None


async def test_tables_that_nobody_uses(make_world: "MakeWorld") -> None:
    """Let go of it bit by bit."""
    world = make_world("manual")
    give(world)
    for _ in range(3):
        await make(world)
    old = world.sandbox.tables
    world.sandbox.reset()
    rounds = 1
    while old.shed(1):
        rounds += 1
    assert rounds > 3
    assert (old.shown, old.crumbs) == ({}, [])


# -- RCS through a service -------------------------------------------------------------------------


def pool(world: "World", *senders: str, rcs: bool = True) -> dict[str, str]:
    """A service with these senders, and whether the recipient's device does RCS."""
    handset = GivenHandset(YOU, rcs=rcs)
    world.give(Given(services=(GivenService(MG, senders=senders),), handsets=(handset,)))
    return {"From": "-", "MessagingServiceSid": MG}


async def test_a_service_that_does_rcs(make_world: "MakeWorld") -> None:
    """What would be text is the richest that RCS can show."""
    world = make_world("instant")
    give(world, "text", "card")
    message = await make(world, **pool(world, "rcs:acme", ME))
    assert shown(world, message)[0] == "twilio/text"
    await world.settled()
    [sent] = world
    assert (sent.channel, sent.body) == ("rcs", "Hats\n\nFor Ada")
    assert shown(world, sent) == ("twilio/card", shown(world, sent)[1])
    assert shown(world, sent)[1]["actions"][0]["id"] == "y_Ada"


async def test_a_device_that_does_not(make_world: "MakeWorld") -> None:
    """Gets the text; where there is none, the message fails."""
    world = make_world("instant")
    service = pool(world, "rcs:acme", ME, rcs=False)
    for kinds, status, code in ((("text", "card"), "delivered", 0), (("card",), "failed", 63036)):
        give(world, *kinds)
        message = await make(world, **service)
        await world.settled()
        delivery = world.delivery(message)
        assert (delivery.status, delivery.error_code) == (status, code)


async def test_a_template_that_went_before_its_message(make_world: "MakeWorld") -> None:
    """What was filled in is sent."""
    world = make_world("manual")
    template = give(world, "text", "card")
    await make(world, **pool(world, "rcs:acme"), ScheduleType="fixed", SendAt=_later(world))
    await world.sandbox.templates.drop(template)
    await world.advance(1_000)
    [sent] = world
    assert (sent.channel, sent.body) == ("rcs", "Hi Ada!")


def _later(world: "World") -> str:
    return world.scheduled(600)["SendAt"]


# -- buttons ---------------------------------------------------------------------------------------


async def test_the_button_that_is_meant(make_world: "MakeWorld") -> None:
    """That of the last message between the two that has it."""
    world = make_world("instant")
    give(world, "quick-reply")
    first = await make(world, **ON_WHATSAPP)
    second = await make(world, **ON_WHATSAPP, ContentVariables='{"1": "Bob"}')
    await world.create(ON_WHATSAPP, Body="plain")
    await make(world, From=ON_WHATSAPP["From"], To="whatsapp:+14155552672")
    tables, (from_, to) = world.sandbox.tables, ON_WHATSAPP.values()
    assert with_button(tables, from_, to, "Yes") == (second, "y_Bob")
    assert with_button(tables, from_, to, "No") == (second, "No")
    assert with_button(tables, from_, to, "Perhaps") is None
    assert with_button(tables, to, from_, "Yes") is None
    await world.sandbox.messages.delete(second)
    assert with_button(tables, from_, to, "Yes") == (first, "y_Ada")
