"""Statuses, transitions, and a message's plan."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.lifecycle import (
    ANNOUNCED,
    DELIVERED,
    FINAL,
    NEXT,
    OUTCOMES,
    STATUSES,
    Fate,
    Profile,
    bridge,
    plan,
)

START = 1_000_000


def test_every_status_is_there() -> None:
    """As the published description lists them."""
    assert set(STATUSES) == {
        "accepted",
        "scheduled",
        "canceled",
        "queued",
        "sending",
        "sent",
        "delivered",
        "undelivered",
        "failed",
        "receiving",
        "received",
        "read",
        "partially_delivered",
    }
    assert set().union(*NEXT.values()) <= set(STATUSES)


def test_what_is_final() -> None:
    """Nothing follows, but that a delivered message may be read."""
    assert {status for status in STATUSES if not NEXT[status]} | {"delivered"} == FINAL
    assert NEXT["delivered"] == {"read"}


def test_what_is_announced() -> None:
    """Not `sending`, not what the create answers with, not what comes in."""
    assert set(STATUSES) - ANNOUNCED == {
        "accepted",
        "scheduled",
        "sending",
        "receiving",
        "received",
        "partially_delivered",
    }


@pytest.mark.parametrize(
    ("first", "fate", "channel", "expected"),
    [
        ("queued", DELIVERED, "sms", "sending 100 sent 200 delivered 500"),
        ("accepted", DELIVERED, "sms", "queued 0 sending 100 sent 200 delivered 500"),
        ("scheduled", DELIVERED, "mms", "queued 0 sending 100 sent 200 delivered 500"),
        ("queued", DELIVERED, "whatsapp", "sent 200 delivered 500"),
        ("accepted", Fate("failed", 30001), "sms", "queued 0 failed 200 30001"),
        ("queued", Fate("failed", 30001), "sms", "failed 200 30001"),
        ("queued", Fate("undelivered", 30003), "rcs", "sent 200 undelivered 500 30003"),
        ("queued", Fate("sent"), "sms", "sending 100 sent 200"),
        ("queued", Fate("read"), "whatsapp", "sent 200 delivered 500 read 900"),
    ],
)
def test_plans(first: str, fate: Fate, channel: str, expected: str) -> None:
    """Status and milliseconds after the create, and the error's code at the end."""
    steps = plan(first, START, channel, fate)
    told = [
        f"{steps[n]} {(steps[n + 1] - START) // 1000}"
        + (f" {steps[n + 2]}" if steps[n + 2] else "")
        for n in range(0, len(steps), 3)
    ]
    assert " ".join(told) == expected


TIMES = st.integers(0, 10**9)


@given(
    st.sampled_from(["queued", "accepted", "scheduled"]),
    st.sampled_from(["sms", "mms", "whatsapp", "rcs", "messenger"]),
    st.builds(
        Fate,
        st.sampled_from(OUTCOMES),
        st.just(0),
        st.builds(Profile, st.just(0), TIMES, TIMES, TIMES, TIMES),
    ),
)
def test_every_plan_is_legal(first: str, channel: str, fate: Fate) -> None:
    """Each step may follow the one before, in status and in time; it ends as the fate says."""
    steps = plan(first, START, channel, fate)
    statuses = [first, *steps[0::3]]
    assert all(after in NEXT[before] for before, after in pairwise(statuses))
    assert statuses[-1] == fate.outcome
    assert steps[-2] == max(steps[1::3])


@pytest.mark.parametrize(
    ("present", "wanted", "way"),
    [
        ("queued", "sent", ("sent",)),
        ("queued", "sending", ("sending",)),
        ("queued", "delivered", ("sent", "delivered")),
        ("queued", "read", ("sent", "read")),
        ("accepted", "undelivered", ("queued", "sent", "undelivered")),
        ("scheduled", "canceled", ("canceled",)),
        ("accepted", "canceled", ()),
        ("delivered", "sent", ()),
        ("sent", "failed", ()),
        ("failed", "failed", ()),
        ("queued", "nonsense", ()),
    ],
)
def test_the_way_to_a_forced_status(present: str, wanted: str, way: tuple[str, ...]) -> None:
    """The shortest legal one, or none."""
    assert bridge(present, wanted) == way


@given(st.sampled_from(STATUSES), st.sampled_from(STATUSES))
def test_every_way_is_legal(present: str, wanted: str) -> None:
    """Step by step."""
    way = bridge(present, wanted)
    assert all(after in NEXT[before] for before, after in pairwise((present, *way)))
    assert not way or way[-1] == wanted
