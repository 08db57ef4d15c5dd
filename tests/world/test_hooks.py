"""Which webhook is called for what a handset writes, and whether the message is kept at all."""

from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.applications import Application
from mockserver.domain.faults import Given, GivenNumber, GivenService, Scenario
from mockserver.world.hooks import Hook, Hooks, Reception
from mockserver.world.tables import Unit

HANDSET, NUMBER, OTHER = "+14155552671", "+15017122661", "+15017122662"
SERVICE, APPLICATION = "MG" + "a" * 32, "AP" + "a" * 32
USUAL = "http://localhost:3000/usual"

MakeWorld = Any


def found(
    world: Any, *numbers: GivenNumber, to: str = NUMBER, usual: str = "", **service: Any
) -> Reception:
    """Who gets a text to a number, where these numbers and this service are set up."""
    services = (GivenService(SERVICE, senders=(NUMBER,), **service),) if service else ()
    sandbox = world.sandbox
    given = Given(numbers=numbers, services=services)
    world.give(given)
    hooks = Hooks(sandbox.tables, sandbox.accounts, usual)
    return hooks.find(parse_from(to), parse_to(HANDSET), sandbox.rules.options)


OWN = GivenNumber(
    NUMBER,
    sms_url="http://a/own",
    sms_method="GET",
    sms_fallback_url="http://a/else",
    sms_fallback_method="GET",
)
OWN_HOOK = Hook("http://a/own", "GET", "http://a/else", "GET")


@pytest.fixture
def world(make_world: MakeWorld) -> Any:
    return make_world("manual")


def test_a_number_has_its_own(world: Any) -> None:
    """With its fallback, and each one's method."""
    who = found(world, OWN)
    assert (who.hook, who.closed, who.service_sid) == (OWN_HOOK, "", "")
    assert who.number is not None
    assert who.account.sid == world.sandbox.accounts.first.sid


@pytest.mark.parametrize("number", [NUMBER, "12345", "whatsapp:+14155238886", "rcs:brand"])
def test_short_codes_and_channel_senders_have_theirs(world: Any, number: str) -> None:
    """Each by its address."""
    assert found(world, replace(OWN, phone_number=number), to=number).hook == OWN_HOOK


def test_an_application_wins_over_the_number(world: Any) -> None:
    """All of it, the fallback too; its status callback counts for replies."""
    found(world, OWN)
    tables = world.sandbox.tables
    tables.applications[APPLICATION] = Application(
        APPLICATION, "AC", sms_url="http://b/app", message_status_callback="http://b/status"
    )
    tables.numbers[NUMBER] = replace(tables.numbers[NUMBER], sms_application_sid=APPLICATION)
    who = found(world)
    assert (who.hook, who.status_callback) == (Hook("http://b/app"), "http://b/status")


def test_a_service_wins_over_its_number(world: Any) -> None:
    """By its inbound request URL."""
    who = found(
        world,
        OWN,
        inbound_request_url="http://c/in",
        fallback_url="http://c/else",
        inbound_method="GET",
        status_callback="http://c/status",
    )
    assert who.hook == Hook("http://c/in", "GET", "http://c/else", "POST")
    assert (who.service_sid, who.status_callback, who.closed) == (SERVICE, "http://c/status", "")


def test_a_service_may_leave_it_to_the_number(world: Any) -> None:
    """`use_inbound_webhook_on_number`; the message is the service's all the same."""
    service: dict[str, Any] = {
        "inbound_request_url": "http://c/in",
        "use_inbound_webhook_on_number": True,
    }
    who = found(world, OWN, **service)
    assert (who.hook, who.service_sid) == (OWN_HOOK, SERVICE)


def test_a_service_without_a_webhook_takes_nothing(world: Any) -> None:
    """Twilio drops what comes in; the reason names both remedies."""
    who = found(world, OWN, friendly_name="x")
    assert who.hook.url == ""
    assert "inbound_request_url" in who.closed
    assert "use_inbound_webhook_on_number" in who.closed


def test_the_usual_url_is_for_numbers_that_have_none(world: Any) -> None:
    """Known or not; a service that is switched off stays so."""
    assert found(world, usual=USUAL).hook == Hook(USUAL)
    assert found(world, GivenNumber(NUMBER), usual=USUAL).hook == Hook(USUAL)
    assert found(world, OWN, usual=USUAL).hook == OWN_HOOK
    assert found(world, friendly_name="x", usual=USUAL).hook == Hook("")


def test_strict_senders_own_only_what_was_set_up(world: Any) -> None:
    """Nobody gets what is written to another number."""
    world.sandbox.regime.put(Scenario("", senders="strict"), Unit())
    assert "must be set up" in found(world).closed
    assert found(world, OWN).closed == ""


def test_a_suspended_account_gets_nothing(world: Any) -> None:
    """The reason says so."""
    own = world.sandbox.accounts.first
    world.sandbox.accounts.set_up(type(own)(own.sid, status="suspended"), Unit())
    assert "suspended" in found(world, OWN).closed


async def test_a_handset_answers_a_service_that_nobody_set_up(world: Any) -> None:
    """What its stand-in sent makes the answer the service's."""
    message = await world.create({"MessagingServiceSid": SERVICE, "From": "-", "To": HANDSET})
    await world.advance(5)
    sender = world.sandbox.tables.messages.get(message.sid).from_
    who = found(world, to=sender)
    assert (who.service_sid, who.service, who.closed) == (SERVICE, None, "")
    assert found(world, to=OTHER).service_sid == ""
