"""Messages out of their parts."""

import pytest

from mockserver.domain.addresses import parse_to
from mockserver.domain.message import Delivery, Message
from mockserver.world.composing import Composer
from mockserver.world.dice import Dice
from mockserver.world.tables import MessageTable, Unit

TO, FROM = "+14155552671", "+15017122661"


class Table:
    """A composer and the table that it composes for."""

    def __init__(self, seed: int = 7) -> None:
        self.messages = MessageTable()
        self.composer = Composer(self.messages, Dice(seed))

    def make(
        self, origin: str = "messages", body: str = "Hi", *media: str, to: str = TO
    ) -> Message:
        message = self.composer.compose("AC1", origin, parse_to(to), FROM, body, media, 5)
        self.messages.add(message, Delivery("queued", 5, ("queued", 5, 0)), Unit())
        return message


@pytest.mark.parametrize(
    ("origin", "direction"),
    [("messages", "outbound-api"), ("inbound", "inbound"), ("reply", "outbound-reply")],
)
def test_the_door_decides_the_direction(origin: str, direction: str) -> None:
    """Which of Twilio's three directions it is."""
    message = Table().make(origin)
    assert (message.origin, message.direction, message.created_at) == (origin, direction, 5)


def test_places_are_in_order() -> None:
    """Each gets the place after those that are there."""
    table = Table()
    assert [table.make(body=body).ordinal for body in "abc"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("to", "asked", "channel", "prefix"),
    [
        (TO, "as_mms", "mms", "MM"),
        (f"whatsapp:{TO}", "as_mms", "whatsapp", "SM"),
        (f"rcs:{TO}", "as_mms", "rcs", "SM"),
        (TO, "template", "sms", "SM"),
        (f"whatsapp:{TO}", "template", "whatsapp", "MM"),
        (f"rcs:{TO}", "template", "rcs", "SM"),
    ],
)
def test_what_else_has_the_sid_of_an_mms(to: str, asked: str, channel: str, prefix: str) -> None:
    """A text that is to go as one, and a template on WhatsApp; neither counts as media."""
    message = Table().composer.compose(
        *("AC1", "messages", parse_to(to), FROM, "x" * 9, (), 5),
        as_mms=asked == "as_mms",
        template=asked == "template",
    )
    assert (message.channel, message.sid[:2]) == (channel, prefix)
    assert (message.num_media, message.num_segments) == (0, 1)


def test_a_long_text_as_mms_is_one_piece() -> None:
    """That is what it is sent so for."""
    compose = Table().composer.compose
    pieces = [
        compose("AC1", "messages", parse_to(TO), FROM, "x" * 1_600, (), 5, as_mms=as_mms)
        for as_mms in (False, True)
    ]
    assert [message.num_segments for message in pieces] == [11, 1]


@pytest.mark.parametrize(
    ("to", "media", "channel", "segments", "prefix"),
    [
        (TO, (), "sms", 2, "SM"),
        (TO, ("http://a/",), "mms", 1, "MM"),
        (f"whatsapp:{TO}", (), "whatsapp", 1, "SM"),
        (f"whatsapp:{TO}", ("http://a/",), "whatsapp", 1, "MM"),
    ],
)
def test_only_sms_has_segments(
    to: str, media: tuple[str, ...], channel: str, segments: int, prefix: str
) -> None:
    """An MMS and a message of another channel are one piece."""
    message = Table().make("messages", "x" * 161, *media, to=to)
    assert (message.channel, message.num_segments) == (channel, segments)
    assert (message.sid[:2], message.num_media) == (prefix, len(media))


def test_sids_come_from_the_message_and_its_repeats() -> None:
    """Equal runs have equal SIDs whatever comes between; no two messages share one."""
    one, two = Table(), Table()
    first = [one.make(body=body).sid for body in ("a", "b", "a")]
    second = [two.make(body=body).sid for body in ("a", "a", "b")]
    assert [first[0], first[2], first[1]] == second
    assert len(set(first)) == 3
    assert Table(8).make(body="a").sid != first[0]
