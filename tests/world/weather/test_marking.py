"""Which rule a webhook falls under, and what that does to it on the wire."""

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from twilio.request_validator import RequestValidator

from mockserver.domain.faults import Given, GivenNumber, WeatherRule, When, read_weather
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.domain.signature import sign_json
from mockserver.world import tokens
from mockserver.world.caller_ids import CallerIds
from mockserver.world.ports import Answer, Parcel, Posting, Wire
from mockserver.world.tables import Unit
from mockserver.world.weather.marking import signed_by

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
NUMBER = "+15017122661"


def rule(then: dict[str, Any], name: str = "w", **filters: object) -> WeatherRule:
    when = When(Matcher.compile(filters, fields=WEATHER_FIELDS))
    return WeatherRule(name, when, read_weather(then))


def bring(world: "World", then: dict[str, Any], name: str = "w", **filters: object) -> None:
    world.sandbox.rules.add(rule(then, name, **filters))


def genuine(world: "World", parcel: Parcel, token: str = "") -> bool:
    """Whether the account's token, or another, has signed a form."""
    validator = RequestValidator(token or world.sandbox.accounts.first.signing_token)
    return bool(validator.validate(parcel.url, dict(parcel.params), parcel.signature))


# Signatures


async def test_a_wrong_signature_is_nobodys(make_world: "MakeWorld") -> None:
    """It looks like one, is another for each callback, and the official library refuses it."""
    world = make_world("instant")
    bring(world, {"signature": "wrong"})
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert not any(genuine(world, parcel) for parcel in world.app.posted)
    signatures = [each.signature for each in world.attempts]
    assert [len(signature) for signature in signatures] == [28, 28]
    assert len(set(signatures)) == 2
    assert [each.weather for each in world.attempts] == ["w", "w"]


async def test_a_missing_signature_is_none(make_world: "MakeWorld") -> None:
    """The header is not there."""
    world = make_world("instant")
    bring(world, {"signature": "missing"})
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert [parcel.signature for parcel in world.app.posted] == ["", ""]


async def test_a_stale_signature_is_of_the_token_before(make_world: "MakeWorld") -> None:
    """The one that was the account's until another was promoted to its place."""
    world = make_world("instant")
    first = replace(world.sandbox.accounts.first, auth_token="a" * 32)
    account = await tokens.create(world.sandbox, world.sandbox.accounts.change(first, Unit()))
    await tokens.promote(world.sandbox, account)
    bring(world, {"signature": "stale"})
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert all(genuine(world, parcel, "a" * 32) for parcel in world.app.posted)
    assert not any(genuine(world, parcel) for parcel in world.app.posted)


async def test_who_never_had_another_token_has_a_made_up_one(make_world: "MakeWorld") -> None:
    """One and the same for all that is stale."""
    world = make_world("instant")
    bring(world, {"signature": "stale"})
    await world.create(StatusCallback=HOOK)
    await world.settled()
    token = world.sandbox.dice.of("former-token", "").hex()
    assert all(genuine(world, parcel, token) for parcel in world.app.posted)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_token_signs_what_is_sent(method: str) -> None:
    """Of a GET, the address with its parameters; of JSON, the address with its digest."""
    parcel = Parcel("status", f"{HOOK}?a=1", method, (("b", "2"),), "", "token", "AC1")
    url, params = (f"{HOOK}?a=1&b=2", {}) if method == "GET" else (f"{HOOK}?a=1", {"b": "2"})
    assert RequestValidator("t").validate(url, params, signed_by(parcel, "t"))
    address, signature = sign_json(HOOK, b"[]", "t")
    assert signed_by(replace(parcel, url=address, params=(), body=b"[]"), "t") == signature


# The wire


async def test_every_attempt_is_as_bad(make_world: "MakeWorld") -> None:
    """A retry is an attempt at the same copy."""
    world = make_world("instant")
    bring(world, {"trickle": "2s", "signature": "wrong"}, status="sent")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert [parcel.wire for parcel in world.app.posted] == [Wire(2.0), Wire(2.0), None]
    assert world.app.posted[0] == world.app.posted[1]


# What a rule may be about


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"to": "+1415*"}, True),
        ({"from": "+15017122661"}, True),
        ({"body": "Aho"}, True),
        ({"body_regex": "^A.*y$"}, True),
        ({"channel": "sms"}, True),
        ({"kind": "status"}, True),
        ({"url": "*/status"}, True),
        ({"status": ["sent", "delivered"]}, True),
        ({"to": "+1416*"}, False),
        ({"kind": "notify"}, False),
        ({"url": "*/other"}, False),
        ({"channel": "whatsapp"}, False),
    ],
)
async def test_a_rule_is_about_callback_and_message(
    make_world: "MakeWorld", filters: dict[str, Any], fits: bool
) -> None:
    """Its own facts, and those of the message that it tells of."""
    world = make_world("instant")
    bring(world, {"drop": True}, **filters)
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert world.app.statuses == ([] if fits else ["sent", "delivered"])


async def test_the_account_and_the_message_can_be_named(make_world: "MakeWorld") -> None:
    """By their SIDs."""
    world = make_world("manual")
    message = await world.create(StatusCallback=HOOK)
    bring(world, {"drop": True}, "one", account_sid=message.account_sid, status="sent")
    bring(world, {"drop": True}, "two", message_sid=message.sid, status="delivered")
    await world.advance(1)
    assert [each.weather for each in world.attempts] == ["one", "two"]


# Other webhooks


def listen(world: "World") -> None:
    world.give(Given(numbers=(GivenNumber(NUMBER, sms_url="http://127.0.0.1:9/in"),)))


def says(text: str) -> Answer:
    body = f"<Response><Message>{text}</Message></Response>".encode()
    return Answer(200, (("Content-Type", "text/xml"),), body)


async def test_an_application_may_be_asked_twice(make_world: "MakeWorld") -> None:
    """Each of its answers is carried out: that is what makes two replies to one text."""
    world = make_world("manual")
    listen(world)
    bring(world, {"duplicate": 1}, kind="inbound")
    received = await world.receive(says("one"), says("two"))
    assert [reply.body for reply in received.replies] == ["one", "two"]
    tokens_used = {each.idempotency_token for each in world.attempts}
    assert (len(world.attempts), len(tokens_used)) == (2, 1)
    assert [each.weather for each in world.attempts] == ["w", "w"]


async def test_a_copy_has_its_own_fallback(make_world: "MakeWorld") -> None:
    """The first fails and falls back; so does the copy."""
    world = make_world("manual")
    number = GivenNumber(
        NUMBER, sms_url="http://127.0.0.1:9/in", sms_fallback_url="http://127.0.0.1:9/back"
    )
    world.give(Given(numbers=(number,)))
    bring(world, {"duplicate": 1}, kind="inbound")
    bad = Answer(500, error_code=11200)
    received = await world.receive(bad, says("one"), bad, says("two"))
    assert [reply.body for reply in received.replies] == ["one", "two"]
    assert [each.kind for each in world.attempts] == ["inbound", "fallback"] * 2


async def test_inbound_webhooks_have_the_weather_of_the_wire(make_world: "MakeWorld") -> None:
    """The fallback too, where a rule is about it."""
    world = make_world("manual")
    listen(world)
    bring(world, {"signature": "wrong", "trickle": "1s"}, to=NUMBER)
    await world.receive(says("Hi"))
    [parcel] = world.app.posted
    assert parcel.wire == Wire(1.0)
    assert not genuine(world, parcel)


async def test_what_cannot_become_of_it_does_not(make_world: "MakeWorld") -> None:
    """Somebody waits for the answer: it is not dropped, nor late; the rule is not about it."""
    world = make_world("manual")
    listen(world)
    bring(world, {"drop": True})
    received = await world.receive(says("Hi"))
    assert [reply.body for reply in received.replies] == ["Hi"]
    assert "w.fired" not in world.sandbox.rules.counters


async def test_a_call_that_verified_a_number_has_its_weather(make_world: "MakeWorld") -> None:
    """Its callback is a status callback, too, though of no message."""
    world = make_world("manual")
    bring(world, {"duplicate": 1, "delay": "1m"}, kind="status")
    form = {"PhoneNumber": "+14155550199", "StatusCallback": HOOK}
    made = await CallerIds(world.sandbox).validate(world.sandbox.accounts.first, form, strict=False)
    world.sandbox.outbox.release(made.callback)
    await world.advance(59)
    assert world.app.posted == []
    await world.advance(60)
    assert [parcel.url for parcel in world.app.posted] == [HOOK, HOOK]


async def test_what_is_asked_for_again_is_posted_as_it_was(make_world: "MakeWorld") -> None:
    """A resend is no matter of the weather."""
    world = make_world("instant")
    await world.create(StatusCallback=HOOK)
    await world.settled()
    bring(world, {"drop": True})
    again = Posting(world.app.posted[0], due=world.now, status="sent", attempt=2)
    world.sandbox.outbox.post(again)
    await world.settled()
    assert world.app.statuses == ["sent", "delivered", "sent"]
