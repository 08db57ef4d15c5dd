"""Which senders are tried for whom: pairings, the order of the guide, controls, chance."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.records import SenderChannel, SenderChoice
from mockserver.domain.bulk.ways import End, Ways
from mockserver.domain.sender_pools import PAIRINGS, Sender

PHONE, WHATSAPP = ("PHONE", "+14155550100"), ("WHATSAPP", "+14155550100")


def sender(channel: str, number: int = 0, status: str = "ACTIVATED") -> Sender:
    return Sender(f"{channel}{number}", "AC", channel, f"{channel}-{number}", status=status)


EACH = tuple(map(sender, ("SMS", "WHATSAPP", "RCS")))


def first(who: str, count: int) -> int:
    return 0


def tried(ways: Ways, *ends: End) -> list[tuple[str, int]]:
    """Channels of the senders, and places of the ends, best first."""
    return [(ways.senders[place].channel, end) for place, end in ways.of(ends, first)]


def test_rcs_comes_before_sms() -> None:
    """For who has a phone; WhatsApp senders reach WhatsApp alone."""
    assert tried(Ways(EACH), PHONE) == [("RCS", 0), ("SMS", 0)]
    assert tried(Ways(EACH), WHATSAPP) == [("WHATSAPP", 0)]


def test_addresses_are_tried_in_the_order_given() -> None:
    """Each on all channels that reach it, before the next."""
    assert tried(Ways(EACH), WHATSAPP, PHONE) == [("WHATSAPP", 0), ("RCS", 1), ("SMS", 1)]
    assert tried(Ways(EACH), PHONE, WHATSAPP) == [("RCS", 0), ("SMS", 0), ("WHATSAPP", 1)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("SMS",), ["SMS", "WHATSAPP", "RCS"]),
        (("SMS", "RCS"), ["SMS", "RCS", "WHATSAPP"]),
        (("RCS", "WHATSAPP", "SMS"), ["RCS", "WHATSAPP", "SMS"]),
        ((), ["WHATSAPP", "RCS", "SMS"]),
    ],
)
def test_priorities_go_before_the_order_of_addresses(
    order: tuple[SenderChannel, ...], expected: list[str]
) -> None:
    """What they do not name comes after, as it would without them."""
    ways = Ways(EACH, SenderChoice(order=order))
    assert [channel for channel, _ in tried(ways, WHATSAPP, PHONE)] == expected


def test_a_filter_leaves_others_out() -> None:
    """And so does a content that says nothing on a channel."""
    only = Ways(EACH, SenderChoice(only=("SMS",)))
    assert tried(only, WHATSAPP, PHONE) == [("SMS", 1)]
    assert tried(Ways(EACH, None, frozenset({"RCS"})), PHONE) == [("RCS", 0)]
    assert tried(Ways(EACH, SenderChoice(only=("SMS",)), frozenset({"RCS"})), PHONE) == []


def test_no_way_for_whom_nothing_reaches() -> None:
    """Nobody's address, a channel without a sender, a sender that is switched off."""
    assert tried(Ways(EACH)) == []
    assert tried(Ways((sender("SMS"),)), WHATSAPP) == []
    assert tried(Ways((sender("SMS", 0, "DEACTIVATED"),)), PHONE) == []
    assert tried(Ways((sender("EMAIL"),)), PHONE) == []


def test_of_several_on_a_channel_chance_picks() -> None:
    """One for the address, asked by its text; where there is one, nothing is asked."""
    senders = (sender("SMS", 1), sender("RCS"), sender("SMS", 2), sender("SMS", 3))
    asked = []

    def last(who: str, count: int) -> int:
        asked.append((who, count))
        return count - 1

    assert Ways(senders).of((PHONE,), last) == [(1, 0), (3, 0)]
    assert asked == [(PHONE[1], 3)]


CHANNELS: Sequence[SenderChannel] = ("SMS", "RCS", "WHATSAPP")


@given(
    st.lists(st.sampled_from([PHONE, WHATSAPP]), max_size=5),
    st.lists(st.sampled_from(CHANNELS), max_size=5),
    st.lists(st.sampled_from(CHANNELS), unique=True),
    st.lists(st.sampled_from(CHANNELS), unique=True),
)
def test_every_pair_once(
    ends: list[End],
    channels: list[SenderChannel],
    only: list[SenderChannel],
    order: list[SenderChannel],
) -> None:
    """Each end with each channel that reaches it and is allowed, whatever the order."""
    senders = tuple(sender(channel, number) for number, channel in enumerate(channels))
    ways = Ways(senders, SenderChoice(only=tuple(only), order=tuple(order)))
    expected = {
        (channel, place)
        for channel in {*channels} & ({*only} or {*CHANNELS})
        for place, (kind, _) in enumerate(ends)
        if PAIRINGS[channel] == kind
    }
    found = tried(ways, *ends)
    assert set(found) == expected
    assert len(found) == len(expected)
    ranks = [order.index(channel) for channel, _ in found if channel in order]
    assert ranks == sorted(ranks)
