"""What can become of a webhook, and what cannot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import WeatherRule, When, read_weather
from mockserver.domain.faults.weather import APPLIES, KINDS, ON_THE_WIRE
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import CALLBACK_FIELDS, Matcher

SAID: dict[str, Any] = {
    "drop": True,
    "duplicate": 1,
    "delay": "5s",
    "reorder": True,
    "burst": "10s",
    "early": True,
    "replay": "1h",
    "signature": "wrong",
    "trickle": "2s",
    "cut": True,
}


def about(kind: object) -> When:
    return When(Matcher.compile({"kind": kind}, fields=WEATHER_FIELDS))


def test_every_kind_of_webhook_has_its_weather() -> None:
    """The table knows the kinds that there are, and every kind of weather is somebody's."""
    assert set(APPLIES) == set(CALLBACK_FIELDS["kind"].choices)
    assert set(KINDS) == set(SAID) == frozenset.union(*APPLIES.values())
    assert all(applies >= ON_THE_WIRE for applies in APPLIES.values())


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("kind", APPLIES)
def test_a_rule_says_what_can_become_of_its_webhooks(kind: str, name: str) -> None:
    """Where it names their kind; if it names none, it is about those that it fits."""
    then = read_weather({name: SAID[name]})
    assert then.fits(kind) == (name in APPLIES[kind])
    if then.fits(kind):
        assert WeatherRule("w", about(kind), then).then == then
    else:
        with pytest.raises(ValueError, match=f"`{name}` cannot become of {kind} webhooks, only"):
            WeatherRule("w", about(kind), then)
        with pytest.raises(ValueError, match=f"of {kind} webhooks"):
            WeatherRule("w", about(["status", kind]), then)


@given(names=st.sets(st.sampled_from(KINDS), max_size=4))
def test_what_is_said_is_read_and_written(names: set[str]) -> None:
    """A document that can be read comes back as it was; else a sentence says why it cannot."""
    document: dict[str, Any] = {name: SAID[name] for name in KINDS if name in names}
    try:
        then = read_weather(document)
    except ValueError as wrong:
        said = str(wrong)
        assert not names or "contradict each other" in said
        return
    assert then.document() == document
    assert then.names == names


@pytest.mark.parametrize(
    ("one", "other"),
    [("drop", "duplicate"), ("early", "delay"), ("reorder", "burst"), ("cut", "trickle")],
)
def test_contradictions_are_refused(one: str, other: str) -> None:
    """By their names."""
    with pytest.raises(ValueError, match=f"`{one}` and `{other}` contradict each other"):
        read_weather({one: SAID[one], other: SAID[other]})
