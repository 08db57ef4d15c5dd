"""What a rule is about: whom, where, how often, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import FAULT_FIELDS, Step, WeatherRule, When, decide, read_weather
from mockserver.domain.matching import WILDCARD, Matcher


def never() -> float:
    """Chance that nobody asks."""
    pytest.fail("nobody rolls without a share")


def fired(when: When, count: int) -> list[int]:
    """Which of so many subjects it fires for, from 1."""
    rule = WeatherRule("rule", when, read_weather({"drop": True}))
    counts: dict[str, int] = {}
    found = []
    for number in range(1, count + 1):
        chosen, changes = decide((rule,), {}, never, counts)
        counts.update(changes)
        found += [number] if chosen else []
    assert counts["rule.matched"] == count
    return found


@given(st.integers(1, 9), st.integers(1, 40))
def test_nth_is_one_and_every_is_each(number: int, count: int) -> None:
    """Counted from 1."""
    assert fired(When(nth=number), count) == ([number] if number <= count else [])
    assert fired(When(every=number), count) == list(range(number, count + 1, number))


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 120))
def test_a_window(after: int, length: int, elapsed: int) -> None:
    """Holds from its beginning on, and no more at its end; either side may be open."""
    before = after + length
    assert When(after=after, before=before).matches({}, elapsed) is (after <= elapsed < before)
    assert When(after=after).matches({}, elapsed) is (after <= elapsed)
    assert When(before=before).matches({}, elapsed) is (elapsed < before)


def test_what_is_outside_its_window_is_not_counted() -> None:
    """So `nth` counts within it."""
    rule = WeatherRule("rule", When(nth=1, after=10), read_weather({"drop": True}))
    assert decide((rule,), {}, never, {}, 9) == (None, {})
    assert decide((rule,), {}, never, {}, 10)[0] == rule


def test_parameters_are_all_needed() -> None:
    """Each under its own name, and none where the subject has none."""
    value = Matcher.compile({"value": ["a*", "b"]}, fields={"value": WILDCARD})
    when = When(parameters={"Tag": value, "Other": value})
    assert when.matches({"parameters": {"Tag": "abc", "Other": "b", "Third": "c"}})
    assert not when.matches({"parameters": {"Tag": "abc", "Other": "c"}})
    assert not when.matches({"parameters": {"Tag": "abc"}})
    assert not when.matches({"parameters": "Tag"})
    assert not when.matches({})
    assert when.document() == {"parameters": {"Tag": ["a*", "b"], "Other": ["a*", "b"]}}


def test_it_is_shown_as_it_is_written() -> None:
    """With its durations in the largest unit, and nothing that was not said."""
    matcher = Matcher.compile({"operation": "x"}, fields=FAULT_FIELDS)
    when = When(matcher, ("US",), 0.5, None, 3, 60_000_000, 7_200_000_000)
    assert when.document() == {
        "operation": "x",
        "country": ["US"],
        "share": 0.5,
        "every": 3,
        "after": "1m",
        "before": "2h",
    }
    assert When().document() == {}
    assert When(after=0, share=0).document() == {"after": "0s", "share": 0}


def test_a_step_forgets_rules_that_are_gone() -> None:
    """And keeps the rest; it is shown as it is written."""
    step = Step(60_000_000, ("a", "b"), ("c",), {"senders": "strict"}, {"senders": "strict"})
    assert step.document() == {"at": "1m", "on": ["a", "b"], "off": ["c"], "senders": "strict"}
    assert step.without(["b", "c"]).document() == {"at": "1m", "on": ["a"], "senders": "strict"}
