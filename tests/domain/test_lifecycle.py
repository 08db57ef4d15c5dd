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
    UNSENDABLE,
    Fate,
    Profile,
    bridge,
    departure,
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
        ("queued", Fate("delivered", 30018), "sms", "sending 100 sent 200 delivered 500 30018"),
        ("queued", Fate("sent", 30007), "sms", "sending 100 sent 200 30007"),
        ("scheduled", Fate("failed", 30020), "sms", "failed 200 30020"),
        ("accepted", Fate("failed", 21703), "sms", "failed 200 21703"),
        ("accepted", Fate("undelivered", 21703), "rcs", "queued 0 sent 200 undelivered 500 21703"),
        ("queued", Fate("failed", 21610), "sms", "failed 200 21610"),
        (
            "accepted",
            Fate("read", 30018),
            "rcs",
            "queued 0 sent 200 delivered 500 30018 read 900 30018",
        ),
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
FIRSTS = st.sampled_from(["queued", "accepted", "scheduled"])
CHANNELS = st.sampled_from(["sms", "mms", "whatsapp", "rcs", "messenger"])
FATES = st.builds(
    Fate,
    st.sampled_from(OUTCOMES),
    st.sampled_from([0, 21610, 30003, 30018]),
    st.builds(Profile, st.just(0), TIMES, TIMES, TIMES, TIMES),
)


@given(FIRSTS, CHANNELS, FATES)
def test_every_plan_is_legal(first: str, channel: str, fate: Fate) -> None:
    """Each step may follow the one before, in status and in time; it ends as the fate says."""
    steps = plan(first, START, channel, fate)
    statuses = [first, *steps[0::3]]
    assert all(after in NEXT[before] for before, after in pairwise(statuses))
    assert all(before <= after for before, after in pairwise((START, *steps[1::3])))
    assert (statuses[-1], steps[-1]) == (fate.outcome, fate.error_code)


@given(FIRSTS, CHANNELS, FATES)
def test_every_plan_is_one_of_the_documented_paths(first: str, channel: str, fate: Fate) -> None:
    """A service queues first, but for what it gives up, texts alone pass `sending`, and what fails
    was never sent.
    """
    steps = plan(first, START, channel, fate)
    given_up = fate.outcome == "failed" and fate.error_code in UNSENDABLE
    expected = ["queued"] if first != "queued" and not given_up else []
    expected += ["sending"] if channel in ("sms", "mms") and fate.outcome != "failed" else []
    expected += {
        "sent": ["sent"],
        "failed": ["failed"],
        "read": ["sent", "delivered", "read"],
    }.get(fate.outcome, ["sent", fate.outcome])
    assert list(steps[0::3]) == expected


@given(FIRSTS, CHANNELS, FATES)
def test_an_error_shows_when_it_is_known(first: str, channel: str, fate: Fate) -> None:
    """With the outcome, not before; who reads a message does not make a warning disappear."""
    steps = plan(first, START, channel, fate)
    known = 2 if fate.outcome == "read" else 1
    codes = list(steps[2::3])
    assert codes[:-known] == [0] * (len(codes) - known)
    assert set(codes[-known:]) == {fate.error_code}


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


PLAN = ("queued", 1, 0, "sending", 2, 0, "sent", 3, 0, "delivered", 4, 0)


@pytest.mark.parametrize(
    ("status", "steps", "place"),
    [
        ("queued", PLAN[3:], 0),
        ("accepted", PLAN, 3),
        ("accepted", PLAN[:3], 3),
        ("queued", ("failed", 1, 30001), 3),
        ("queued", ("sent", 1, 0), 0),
        ("sending", PLAN[6:], 6),
        ("sent", PLAN[9:], 3),
    ],
)
def test_where_a_message_goes_out(status: str, steps: tuple[object, ...], place: int) -> None:
    """At `sending`, or at `sent` on channels without; never where it is out or will not go."""
    assert departure(status, steps) == place
