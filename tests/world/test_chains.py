"""The order in which a message's callbacks wait."""

from msgspec.structs import replace

from mockserver.domain.message import Message
from mockserver.world.chains import Chains, url_of
from mockserver.world.ports import Notice, Parcel, Posting

MESSAGE = Message(
    sid="SM1",
    ordinal=0,
    account_sid="AC1",
    direction="outbound-api",
    channel="sms",
    origin="messages",
    to="+14155552671",
    from_="+15017122661",
    body="Ahoy",
    encoding="GSM-7",
    num_segments=1,
    num_media=0,
    created_at=0,
    status_callback="http://localhost/status",
)
SENT, DELIVERED = Notice(MESSAGE, "sent", 1, 0), Notice(MESSAGE, "delivered", 2, 0)
PARCEL = Parcel("status", "http://localhost/again", "POST", (), "s", "token", "AC1", "SM1")
AGAIN = Posting(PARCEL, due=3, attempt=2)


def test_a_message_has_one_chain() -> None:
    """Its key is told when it begins, and not when something is put behind."""
    chains = Chains()
    assert [chains.add(each) for each in (SENT, DELIVERED, AGAIN)] == ["SM1", "", ""]
    other = Notice(replace(MESSAGE, sid="SM2"), "sent", 1, 0)
    assert chains.add(other) == "SM2"
    assert chains.active == {"SM1": [SENT, DELIVERED, AGAIN], "SM2": [other]}


def test_those_that_wait_for_the_clock() -> None:
    """Are told by key, with what joined them meanwhile."""
    chains = Chains()
    chains.add(AGAIN)
    assert list(chains.parked()) == []
    chains.park("SM1")
    chains.add(DELIVERED)
    assert list(chains.parked()) == [("SM1", [AGAIN, DELIVERED])]
    chains.unpark("SM1")
    assert list(chains.parked()) == []


def test_what_belongs_to_no_message_has_a_chain_of_its_own() -> None:
    """By its token."""
    chains = Chains()
    alone = Posting(replace(PARCEL, message_sid=""), due=0)
    assert chains.add(alone) == "token"


def test_what_goes_one_after_the_other_may_be_said() -> None:
    """Then it is no matter what messages it is about, and what waits of these holds up nothing."""
    chains = Chains()
    chained = [Posting(PARCEL, due=0, chain="DG1"), Posting(PARCEL, due=1, chain="DG1")]
    assert [chains.add(each) for each in (AGAIN, *chained)] == ["SM1", "DG1", ""]
    chains.park("SM1")
    assert chains.active == {"DG1": chained}


def test_a_chain_that_is_being_posted_may_be_empty() -> None:
    """What comes then is put into it, and begins no other."""
    chains = Chains()
    chains.add(SENT)
    chains.active["SM1"].clear()
    assert chains.add(DELIVERED) == ""
    assert chains.active == {"SM1": [DELIVERED]}


def test_a_parked_chain_is_not_active_and_keeps_its_order() -> None:
    """What the message comes to meanwhile waits with it."""
    chains = Chains()
    chains.add(AGAIN)
    chains.park("SM1")
    assert (chains.active, chains.add(SENT), chains.add(DELIVERED)) == ({}, "", "")
    chains.unpark("SM1")
    assert chains.active == {"SM1": [AGAIN, SENT, DELIVERED]}


def test_what_was_asked_for_by_itself_does_not_wait_for_the_clock() -> None:
    """A callback that somebody has sent again goes past a parked chain of its message."""
    chains = Chains()
    chains.add(SENT)
    chains.park("SM1")
    assert chains.add(AGAIN) == "token/2"
    assert chains.active == {"token/2": [AGAIN]}


def test_cleared() -> None:
    """Nothing waits, parked or not."""
    chains = Chains()
    chains.add(SENT)
    chains.park("SM1")
    chains.clear()
    assert (chains.add(DELIVERED), chains.active) == ("SM1", {"SM1": [DELIVERED]})


def test_where_things_go() -> None:
    """A notice to the callback URL of its message, a posting to its own."""
    assert [url_of(SENT), url_of(AGAIN)] == ["http://localhost/status", "http://localhost/again"]
