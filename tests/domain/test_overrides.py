"""The `#rc=2&rp=ct` part of a callback URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.overrides import DEFAULTS, EDGES, POLICIES, Overrides, parse, retryable

URL = "https://app.example/status"


def test_without_a_fragment_twilios_defaults_hold() -> None:
    """One retry, after a connection failure only; 5 s to connect, 15 s to read and in all."""
    overrides = parse(URL)
    assert overrides is DEFAULTS
    assert (overrides.retries, overrides.policy) == (1, frozenset({"ct"}))
    assert (overrides.connect, overrides.read, overrides.total) == (5, 15, 15)


def test_every_override_is_read() -> None:
    """Milliseconds become seconds, lists become collections."""
    assert parse(f"{URL}#rc=3&rp=ct,5xx&ct=250&rt=1000&tt=2000&e=dublin,tokyo&sni=n") == Overrides(
        retries=3,
        policy=frozenset({"ct", "5xx"}),
        connect=0.25,
        read=1.0,
        total=2.0,
        edges=("dublin", "tokyo"),
        sni=False,
    )


@pytest.mark.parametrize("fragment", ["", "top", "section=4", "&&=&", "RC=3"])
def test_another_fragment_overrides_nothing(fragment: str) -> None:
    """A name that is no override is passed over without an alert."""
    assert parse(f"{URL}#{fragment}") == DEFAULTS


def test_of_a_name_given_twice_the_first_counts() -> None:
    """The second value is not even looked at."""
    assert parse(f"{URL}#rc=2&rc=nonsense") == Overrides(retries=2)


def test_percent_encoding_is_undone() -> None:
    """`%2C` is a comma, as some programs write it."""
    assert parse(f"{URL}#rp=rt%2C4xx").policy == {"rt", "4xx"}


def test_all_is_every_policy() -> None:
    """`rp=all` retries whatever can be retried."""
    assert parse(f"{URL}#rp=all").policy == POLICIES


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("rc=6", 11243),
        ("rc=-1", 11243),
        ("rc=", 11243),
        ("rc=٣", 11243),
        ("rc=" + "9" * 5000, 11243),
        ("rp=", 11243),
        ("rp=ct,6xx", 11243),
        ("ct=99", 11243),
        ("ct=10001", 11243),
        ("rt=15001", 11243),
        ("tt=1.5", 11243),
        ("sni=yes", 11243),
        ("e=", 11240),
        ("e=Dublin!", 11240),
        ("e=dublin,atlantis", 11241),
        ("e=ashburn-ix", 11242),
    ],
)
def test_a_bad_value_is_an_alert_and_the_default_holds(fragment: str, code: int) -> None:
    """The alert's sentence holds what was written; nothing else changes."""
    overrides = parse(f"{URL}#{fragment}")
    [(found, sentence)] = overrides.problems
    assert found == code
    assert f"`{fragment}`" in sentence
    assert overrides == Overrides(problems=overrides.problems)


def test_a_bad_value_leaves_the_good_ones_in_force() -> None:
    """Each override stands for itself."""
    overrides = parse(f"{URL}#rc=9&ct=100&rp=none")
    assert (overrides.retries, overrides.connect, overrides.policy) == (1, 0.1, frozenset({"ct"}))
    assert len(overrides.problems) == 2


NAMES = st.sampled_from(["rc", "rp", "ct", "rt", "tt", "e", "sni", ""])
PAIRS = st.lists(st.tuples(NAMES, st.text()).map("=".join)).map("&".join)


@given(st.text() | PAIRS)
def test_no_fragment_breaks_it(fragment: str) -> None:
    """Any text gives overrides within Twilio's bounds."""
    overrides = parse(f"{URL}#{fragment}")
    assert 0 <= overrides.retries <= 5
    assert overrides.policy <= POLICIES
    assert 0.1 <= overrides.connect <= 10
    assert 0.1 <= overrides.read <= 15
    assert 0.1 <= overrides.total <= 15
    assert EDGES.issuperset(overrides.edges)


@pytest.mark.parametrize(
    ("policy", "retried"),
    [
        ("ct", ["connect"]),
        ("rt", ["read"]),
        ("4xx", [400, 429, 499]),
        ("5xx", [500, 503]),
        ("all", ["connect", "read", 400, 429, 499, 500, 503]),
    ],
)
def test_what_is_retried(policy: str, retried: list[str | int]) -> None:
    """Each policy stands for one kind of failure; a refused call and a success never come again."""
    overrides = parse(f"{URL}#rp={policy}")
    events: list[str | int] = ["connect", "read", "refused", 200, 204, 302, 400, 429, 499, 500, 503]
    assert [event for event in events if retryable(overrides, event)] == retried
