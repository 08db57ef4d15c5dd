"""Messages by place: those that are gone keep theirs."""

from msgspec.structs import replace

from mockserver.domain.message import Message
from mockserver.world.places import Places
from mockserver.world.unit import Unit

BLANK = Message(
    sid="",
    ordinal=0,
    account_sid="AC" + "1" * 32,
    direction="outbound-api",
    channel="sms",
    origin="messages",
    to="+14155550001",
    from_="+15017122661",
    body="Ahoy",
    encoding="GSM-7",
    num_segments=1,
    num_media=0,
    created_at=0,
)


def test_places_are_given_in_order() -> None:
    """To messages, to those that were deleted elsewhere, and to what is not known any more."""
    places, unit = Places(), Unit()
    places.append(first := replace(BLANK, sid="SM0"))
    places.add_gone("SM1", unit)
    places.skip_to(4)
    places.append(last := replace(BLANK, sid="SM4", ordinal=4))
    assert [places.at(place) for place in range(6)] == [first, None, None, None, last, None]
    assert [*places.oldest_first()] == [first, last]
    assert (len(places), places.gone, unit.rows) == (5, {"SM1": 1}, [("gone", "SM1", 1)])


def test_skipping_back_is_nothing() -> None:
    """What is there stays."""
    places = Places()
    places.append(BLANK)
    places.skip_to(0)
    assert [*places] == [BLANK]


def test_what_is_behind_the_last() -> None:
    """Nothing, and to ask is no mistake."""
    assert (Places().at(0), Places().row(0)) == (None, None)
