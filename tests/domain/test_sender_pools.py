"""Tags, addresses, and who can reach whom."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.numbers import Number
from mockserver.domain.sender_pools import (
    PAIRINGS,
    RESOLVED_MAX,
    Sender,
    classic,
    is_reachable,
    place_of,
    resolve,
    tags_fit,
)

PHONE = {"address": "+14155552671", "channel": "PHONE"}
WHATSAPP = {"address": "+14155552671", "channel": "WHATSAPP"}


@pytest.mark.parametrize(
    ("tags", "fit"),
    [
        ({}, True),
        ({"a.b_c~d-1": "v"}, True),
        ({"a" * 128: "v" * 256}, True),
        ({str(n): "v" for n in range(10)}, True),
        ({str(n): "v" for n in range(11)}, False),
        ({"a" * 129: "v"}, False),
        ({"a": "v" * 257}, False),
        ({"": "v"}, False),
        ({"a": ""}, False),
        ({"a": "b c"}, False),
        ({"ä": "v"}, False),
        ({"a": "v\n"}, False),
    ],
)
def test_tags(tags: dict[str, str], fit: bool) -> None:
    """Up to ten pairs of few characters, in few letters."""
    assert tags_fit(tags) is fit


@pytest.mark.parametrize(
    ("channel", "address", "expected"),
    [
        ("SMS", "+14155552671", "+14155552671"),
        ("SMS", "12345", "12345"),
        ("SMS", "ACME", "ACME"),
        ("RCS", "brand_agent", "rcs:brand_agent"),
        ("WHATSAPP", "+14155552671", "whatsapp:+14155552671"),
        ("SMS", "(415) 555-2671", None),
        ("SMS", "rcs:agent", None),
        ("SMS", "whatsapp:+14155552671", None),
        ("SMS", "MG" + "a" * 32, None),
        ("SMS", "", None),
        ("WHATSAPP", "whatsapp:+14155552671", None),
        ("WHATSAPP", "agent", None),
        ("EMAIL", "a@b.c", None),
        ("PUSH", "x", None),
    ],
)
def test_addresses_of_senders(channel: str, address: str, expected: str | None) -> None:
    """As the classic API has them; nothing for what is none on that channel."""
    assert classic(channel, address) == expected


@given(st.sampled_from(["SMS", "RCS", "WHATSAPP"]), st.text(max_size=20))
def test_there_and_back(channel: str, address: str) -> None:
    """The address of a sender is that of the number that it was made of."""
    whole = classic(channel, address)
    if whole is not None and whole != "":
        assert place_of(Number(whole, "AC")) == (channel, address)


def test_channels_that_are_not_here() -> None:
    """A page on Messenger is no sender of this API."""
    assert place_of(Number("messenger:123", "AC")) is None


@pytest.mark.parametrize(
    ("channel", "address", "fit"),
    [
        ("PHONE", "+14155552671", True),
        ("WHATSAPP", "+14155552671", True),
        ("PHONE", "4155552671", False),
        ("PHONE", "12345", False),
        ("WHATSAPP", "whatsapp:+14155552671", False),
        ("PHONE", "", False),
        ("EMAIL", "a@b.c", True),
        ("EMAIL", "", False),
    ],
)
def test_addresses_of_recipients(channel: str, address: str, fit: bool) -> None:
    """E.164 as it is written, but for email."""
    assert is_reachable(channel, address) is fit


def sender(channel: str, ordinal: int = 0, status: str = "ACTIVATED") -> Sender:
    return Sender(f"{channel}{ordinal}", "AC", channel, str(ordinal), status=status)


def test_without_controls() -> None:
    """The order of the addresses, RCS before SMS; equals share a priority, from 0."""
    pairs = resolve(
        [sender("SMS"), sender("WHATSAPP"), sender("RCS"), sender("SMS", 1)], [WHATSAPP, PHONE], {}
    )
    assert [(pair.sender.id, pair.channel, pair.priority) for pair in pairs] == [
        ("WHATSAPP0", "WHATSAPP", 0),
        ("RCS0", "PHONE", 1),
        ("SMS0", "PHONE", 2),
        ("SMS1", "PHONE", 2),
    ]


SENDERS = st.lists(
    st.builds(
        sender,
        st.sampled_from(["SMS", "RCS", "WHATSAPP", "EMAIL", "PUSH"]),
        st.integers(0, 3),
        st.sampled_from(["ACTIVATED", "DEACTIVATED"]),
    ),
    max_size=15,
)
CONTROLS = st.fixed_dictionaries(
    {},
    optional={
        "filterIn": st.lists(st.sampled_from(["SMS", "RCS", "WHATSAPP"]), unique=True),
        "priority": st.lists(
            st.fixed_dictionaries(
                {
                    "channel": st.sampled_from(["SMS", "RCS", "WHATSAPP"]),
                    "priority": st.integers(0, 9),
                }
            ),
            unique_by=lambda each: each["channel"],
        ),
    },
)


@given(SENDERS, st.lists(st.sampled_from([PHONE, WHATSAPP]), max_size=3), CONTROLS)
def test_any_controls(
    senders: list[Sender], recipients: list[dict[str, str]], controls: Mapping[str, Any]
) -> None:
    """Ten pairs at most, of channels that fit and are allowed, in the order of priorities."""
    pairs = resolve(senders, recipients, controls)
    possible = [
        (each, to)
        for each in senders
        for to in recipients
        if each.status == "ACTIVATED"
        and PAIRINGS.get(each.channel) == to["channel"]
        and (not controls.get("filterIn") or each.channel in controls["filterIn"])
    ]
    assert len(pairs) == min(len(possible), RESOLVED_MAX)
    for pair in pairs:
        to = {"address": pair.address, "channel": pair.channel}
        assert (pair.sender, to) in possible
    priorities = [pair.priority for pair in pairs]
    assert priorities == sorted(priorities)
    told = {each["channel"]: each["priority"] for each in controls.get("priority", ())}
    for pair in pairs:
        assert pair.priority == told.get(pair.sender.channel, pair.priority)
        if told and pair.sender.channel not in told:
            assert pair.priority > max(told.values())
