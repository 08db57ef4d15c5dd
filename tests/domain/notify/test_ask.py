"""The form of a notification: what is read, and how it is refused."""

import json
from typing import Any

import pytest

from mockserver.domain.errors import TwilioError
from mockserver.domain.notify.ask import Ask, read_ask
from mockserver.domain.notify.recipients import Recipient
from mockserver.world.schema_files import load
from mockserver.world.schemas import RequestSchema

SCHEMA = RequestSchema(load("notify/v1/CreateNotification"))

Pairs = list[tuple[str, str]]

BOB: Pairs = [("Identity", "Bob"), ("Body", "Ahoy")]
DIRECT = ("ToBinding", '{"binding_type":"sms","address":"+14155552671"}')

CONVERT = "Can not convert incoming parameters to Notification object: Parameter '{}' is invalid"


def read(*pairs: tuple[str, str]) -> Ask:
    """As the form is read."""
    reading = SCHEMA.read(list(pairs))
    return read_ask(reading.values, reading.wrong, reading.breaches)


def refusal(*pairs: tuple[str, str]) -> tuple[int, int, str]:
    """Status, code and text."""
    with pytest.raises(TwilioError) as refused:
        read(*pairs)
    return refused.value.status, refused.value.code, refused.value.message


def invalid(name: str, value: str) -> bool:
    """Whether a value of a parameter is refused by its name, where all else is fine."""
    return refusal(*BOB, (name, value)) == (400, 20001, CONVERT.format(name))


# -- what is read ----------------------------------------------------------------------------------


def test_the_least() -> None:
    """Somebody to notify is enough: high priority, four weeks, and nothing else."""
    assert read(("Identity", "Bob")) == Ask(identities=("Bob",), priority="high", ttl=2_419_200)


def test_everything() -> None:
    """Every parameter has its place; JSON is an object from there on."""
    names = ("Data", "Apn", "Fcm", "Gcm", "Sms", "FacebookMessenger", "Alexa")
    asked = read(
        *(("Identity", name) for name in ("Bob", "Eve")),
        *(("Tag", tag) for tag in ("all", "preferred device")),
        ("Segment", "VIP"),
        *((name, name.lower()) for name in ("Body", "Title", "Sound", "Action")),
        ("Priority", "low"),
        ("Ttl", "0"),
        ("DeliveryCallbackUrl", "hello"),
        *((name, json.dumps({"of": name})) for name in names),
    )
    assert asked == Ask(
        identities=("Bob", "Eve"),
        tags=("all", "preferred device"),
        segments=("VIP",),
        body="body",
        title="title",
        sound="sound",
        action="action",
        data={"of": "Data"},
        priority="low",
        ttl=0,
        apn={"of": "Apn"},
        fcm={"of": "Fcm"},
        gcm={"of": "Gcm"},
        sms={"of": "Sms"},
        facebook_messenger={"of": "FacebookMessenger"},
        alexa={"of": "Alexa"},
        delivery_callback_url="hello",
    )


def test_direct() -> None:
    """The example of the announcement: two addresses on two channels."""
    messenger = '{"binding_type":"facebook-messenger", "address":"123456789123"}'
    asked = read(DIRECT, ("ToBinding", messenger), ("Body", "Hello World!"))
    assert asked.recipients == (
        Recipient("sms", "+14155552671"),
        Recipient("facebook-messenger", "123456789123"),
    )
    assert asked.body == "Hello World!"


def test_empty_values_are_none() -> None:
    """Of JSON, of a number, of an enumeration."""
    empty = [(name, "") for name in ("Data", "Apn", "Sms", "Ttl", "Priority", "Body")]
    assert read(("Identity", "Bob"), *empty) == read(("Identity", "Bob"))


# -- who is meant ----------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["Identity", "Tag", "Segment"])
def test_direct_and_query_do_not_go_together(query: str) -> None:
    """In the words that were answered to an official sample."""
    text = "Direct notifications and query notifications can not be requested together"
    assert refusal(DIRECT, (query, "x")) == (400, 20001, text)


def test_nobody() -> None:
    """A text for nobody in particular."""
    text = "Missing required parameter: one of Identity, Tag, Segment, ToBinding"
    assert refusal(("Body", "Ahoy")) == (400, 20001, text)


# -- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Identity", "Tag"])
def test_twenty(name: str) -> None:
    """Twenty pass, the twenty-first refuses all."""
    many = [(name, f"x{number}") for number in range(21)]
    assert len(read(*many[:20]).identities + read(*many[:20]).tags) == 20
    assert refusal(*many) == (400, 20001, CONVERT.format(name))


def test_ten_thousand_recipients() -> None:
    """Ten thousand pass, one more is 52302, whatever else is there to say."""
    assert len(read(*[DIRECT] * 10_000).recipients) == 10_000
    assert refusal(*[DIRECT] * 10_001) == (400, 52302, "Too many recipients")
    assert refusal(*[("ToBinding", "{")] * 10_001, ("Tag", "x"))[1] == 52302


@pytest.mark.parametrize("ttl", ["0", "1", "2419200"])
def test_ttl(ttl: str) -> None:
    """Seconds up to four weeks."""
    assert read(*BOB, ("Ttl", ttl)).ttl == int(ttl)


@pytest.mark.parametrize("ttl", ["-1", "2419201", "1.5", "soon", "9" * 30])
def test_bad_ttl(ttl: str) -> None:
    """All else is refused."""
    assert invalid("Ttl", ttl)


def test_a_tag_may_have_255_characters() -> None:
    """And must have one."""
    assert read(("Tag", "é" * 255)).tags == ("é" * 255,)
    assert invalid("Tag", "é" * 256)
    assert invalid("Tag", "")


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("priority", ["HIGH", "normal", "1"])
def test_bad_priority(priority: str) -> None:
    """It is high or low."""
    assert invalid("Priority", priority)


@pytest.mark.parametrize("name", ["Data", "Apn", "Fcm", "Gcm", "Sms", "FacebookMessenger", "Alexa"])
@pytest.mark.parametrize("value", ["{", "[]", "1", "null", "text", '{"a":NaN}'])
def test_json_must_be_an_object(name: str, value: str) -> None:
    """Nothing is sent otherwise."""
    assert invalid(name, value)


@pytest.mark.parametrize("value", ["{", "binding_type", '{"binding_type":"sms"}'])
def test_bad_recipient(value: str) -> None:
    """The whole request, whatever the others are."""
    assert refusal(DIRECT, ("ToBinding", value)) == (400, 20001, CONVERT.format("ToBinding"))


@pytest.mark.parametrize(
    ("name", "document"),
    [
        *((name, {"twi_x": 1}) for name in ("Data", "Apn", "Fcm", "Gcm")),
        *((name, {"data": {"twi_body": "x"}}) for name in ("Fcm", "Gcm")),
        *(("Fcm", {key: "x"}) for key in ("to", "registration_ids", "condition")),
        *(("Gcm", {key: "x"}) for key in ("to", "registration_ids", "notification_key")),
        ("Fcm", {"notification_key": "x"}),
        ("FacebookMessenger", {"recipient": {"id": "1"}}),
        ("Sms", {"body": 1}),
        ("Sms", {"media_urls": "http://a.b/"}),
        ("Sms", {"media_urls": [1]}),
        ("Sms", {"max_price": []}),
        ("Sms", {"max_price": True}),
    ],
)
def test_what_an_override_may_not_say(name: str, document: dict[str, Any]) -> None:
    """Where it goes, what Twilio's own keys hold, and of sms what a Message could not take."""
    assert invalid(name, json.dumps(document))


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("Data", {"to": "x", "a": {"twi_x": 1}}),
        ("Apn", {"to": "x", "data": {"twi_x": 1}, "aps": {"twi_x": 1}}),
        ("Gcm", {"condition": "x"}),
        ("Fcm", {"data": "twi_x"}),
        ("Sms", {"to": "x", "twi_x": 1, "body": None, "max_price": 0.5}),
        ("FacebookMessenger", {"twi_x": 1}),
    ],
)
def test_what_it_may(name: str, document: dict[str, Any]) -> None:
    """The rules are for each channel's own keys and not for others."""
    assert read(*BOB, (name, json.dumps(document))) != read(*BOB)


def test_the_first_that_is_wrong_is_named() -> None:
    """In the order of the form; then what is amiss between parameters."""
    assert refusal(("Ttl", "x"), ("Priority", "x"))[2] == CONVERT.format("Ttl")
    assert refusal(("Priority", "x"), DIRECT, ("Tag", "a"))[2] == CONVERT.format("Priority")
