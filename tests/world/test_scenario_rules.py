"""Rules of all sections, as they are read: who they are about, when, what they do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import HandsetRule, Weather, WeatherRule
from mockserver.domain.faults.spread import Lognormal, Percentiles, Uniform
from mockserver.world.scenarios import ScenarioError, from_document, parse, parse_rule

SECOND = 1_000_000


def weather(**then: Any) -> Weather:
    """What a rule with this `then` does."""
    [rule] = from_document({"weather": [{"then": then}]}).weather
    return rule.then


def refused(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Path, message and hint of each thing that is wrong."""
    with pytest.raises(ScenarioError) as caught:
        from_document(document)
    return [(fault.path, fault.message, fault.hint) for fault in caught.value.faults]


EVERY = """
delivery:
  - {id: outage, enabled: false, outcome: undelivered}
faults:
  - id: late
    when:
      operation: api.v2010.CreateMessage
      parameters: {MessagingServiceSid: MG*, SendAsMms: ["true", "TRUE"]}
      every: 3
      after: 1m
      before: 1h
    then: {status: 503}
weather:
  - when: {status: delivered, kind: status, url: "https://*/hook", country: US, share: 0.5}
    then: {duplicate: 2, delay: {uniform: [100ms, 2s]}}
    times: 3
  - {id: slow, then: {delay: {lognormal: {median: 90ms, p99: 2s}}, signature: stale}}
  - {id: slower, then: {delay: {percentiles: {50: 80ms, 99: 3s}}}}
handsets:
  - {when: {body_regex: 'reply with (\\w+)'}, reply: '\\1 please', delay: 2s}
"""


def test_every_section_is_read() -> None:
    """Each rule with an id, its matcher and what it does."""
    read = parse(EVERY, "every.yaml")
    assert [rule.enabled for rule in read.delivery] == [False]
    [late] = read.faults
    assert (late.when.every, late.when.after, late.when.before) == (3, 60 * SECOND, 3600 * SECOND)
    first, slow, slower = read.weather
    assert isinstance(first, WeatherRule)
    assert (first.id, first.times, first.then.duplicate) == ("weather-1", 3, 2)
    assert first.then.delay == Uniform(100_000, 2 * SECOND)
    assert (slow.then.delay, slow.then.signature) == (Lognormal(90_000, 2 * SECOND), "stale")
    assert slower.then.delay == Percentiles(((50.0, 80_000), (99.0, 3 * SECOND)))
    [answers] = read.handsets
    assert isinstance(answers, HandsetRule)
    assert (answers.reply, answers.delay) == (r"\1 please", 2 * SECOND)


def test_what_is_read_is_shown_as_it_was() -> None:
    """Reading the document of a scenario gives an equal one."""
    read = parse(EVERY, "every.yaml")
    assert from_document(read.document()) == read


def test_parameters_are_matched_by_name() -> None:
    """Each by a pattern, or any of several; one that is missing does not match."""
    [rule] = parse(EVERY, "every.yaml").faults
    call: dict[str, object] = {"operation": "api.v2010.CreateMessage"}
    fits = {"MessagingServiceSid": "MG1", "SendAsMms": "true"}
    elapsed = 60 * SECOND
    assert rule.when.matches({**call, "parameters": fits}, elapsed)
    assert not rule.when.matches({**call, "parameters": {**fits, "SendAsMms": "false"}}, elapsed)
    assert not rule.when.matches({**call, "parameters": {"SendAsMms": "true"}}, elapsed)
    assert not rule.when.matches(call, elapsed)


@given(st.integers(0, 2 * 3600))
def test_a_window_is_half_open(seconds: int) -> None:
    """From `after` on, and up to but without `before`."""
    document = {"weather": [{"when": {"after": 60, "before": "1h"}, "then": {"drop": True}}]}
    [rule] = from_document(document).weather
    assert rule.when.matches({}, seconds * SECOND) is (60 <= seconds < 3600)


def test_all_that_weather_can_be() -> None:
    """With times in microseconds."""
    assert weather(drop=True) == Weather(drop=True)
    assert weather(reorder=True, duplicate=1) == Weather(reorder=True, duplicate=1)
    assert weather(burst="1m", replay="10s") == Weather(burst=60 * SECOND, replay=10 * SECOND)
    assert weather(early=True) == Weather(early=True)
    assert weather(trickle=0.5) == Weather(trickle=SECOND // 2)
    assert weather(cut=True, signature="missing") == Weather(cut=True, signature="missing")


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ({"drop": True, "delay": 1}, "`drop` and `delay` contradict each other"),
        ({"early": True, "burst": "1s"}, "`early` and `burst` contradict each other"),
        ({"drop": False}, "says nothing to do"),
        ({"delay": {"uniform": ["2s", "1s"]}}, "`uniform` names the shortest first"),
        ({"delay": {"lognormal": {"median": 0, "p99": 1}}}, "`median` is above 0"),
        ({"delay": {"percentiles": {"50": "2s", "99": "1s"}}}, "cannot be shorter"),
        ({"delay": {"percentiles": {"half": "2s"}}}, "numbers as keys"),
        ({"delay": {"uniform": [1, 2], "percentiles": {"1": 1}}}, "say one of"),
        ({"burst": "soon"}, "not a duration"),
    ],
)
def test_weather_that_cannot_be(then: dict[str, Any], message: str) -> None:
    """Is refused with the fix, where the rule says it; a single value by its key."""
    [(path, said, _)] = refused({"weather": [{"then": then}]})
    assert path.startswith("weather[0].then")
    assert message in said


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        ({"when": {"nth": 1, "every": 2}}, "when.every", "does not go with `nth`"),
        ({"when": {"after": "2m", "before": "1m"}}, "when.before", "longer than `after`, 2m"),
        ({"when": {"after": 60, "before": "1m"}}, "when.before", "longer than `after`, 60"),
        ({"when": {"after": "later"}}, "when.after", "not a duration"),
        ({"when": {"body_regex": "("}}, "when.body_regex", "not a regular expression"),
        ({"when": {"share": 1.5}}, "when.share", "at most 1"),
        ({"enabled": "no"}, "enabled", "must be true or false"),
    ],
)
@pytest.mark.parametrize("section", ["delivery", "faults", "weather", "handsets"])
def test_rules_that_cannot_be(section: str, rule: dict[str, Any], path: str, message: str) -> None:
    """The same words in every section."""
    what: dict[str, Any] = {
        "delivery": {},
        "faults": {"then": {"status": 503}},
        "weather": {"then": {"drop": True}},
        "handsets": {"reply": "x"},
    }
    [(where, said, _)] = refused({section: [{**rule, **what[section]}]})
    assert where == f"{section}[0].{path}"
    assert message in said


def test_a_reply_has_only_groups_that_there_are() -> None:
    """By number or name; who has none is told where to add one."""
    rules = [
        {"when": {"body_regex": "(?P<word>a)"}, "reply": r"\g<wird>"},
        {"when": {"body_regex": "(?P<word>a)"}, "reply": r"\g<word> \1"},
        {"reply": r"\1"},
    ]
    found = refused({"handsets": rules})
    assert [path for path, _, _ in found] == ["handsets[0].reply", "handsets[2].reply"]
    assert "`body_regex`" in found[1][1]


def test_a_parameters_name_is_any_and_its_pattern_is_not() -> None:
    """Nothing, or something else than text, matches nothing."""
    rule = {"when": {"parameters": {"Body": []}}, "then": {"status": 503}}
    assert refused({"faults": [rule]}) == [
        ("faults[0].when.parameters.Body", "must not be empty", "")
    ]


@pytest.mark.parametrize("section", ["delivery", "faults", "weather", "handsets"])
def test_single_rules(section: str) -> None:
    """Are read like those of a scenario, and numbered where they have no name."""
    what: dict[str, Any] = {
        "delivery": {"outcome": "failed"},
        "faults": {"then": {"status": 503}},
        "weather": {"then": {"drop": True}},
        "handsets": {"reply": "x"},
    }
    rule = parse_rule(section, what[section], {f"{section}-1"})
    assert rule.id == f"{section}-2"
    assert from_document({section: [{"id": rule.id, **what[section]}]}).rules(section) == (rule,)
    with pytest.raises(ScenarioError, match="there is a rule 'x' already"):
        parse_rule(section, {"id": "x", **what[section]}, {"x"})


def test_ids_differ_across_sections() -> None:
    """All rules are counted in one table."""
    document = {
        "weather": [{"id": "x", "then": {"drop": True}}],
        "handsets": [{"id": "x", "reply": "x"}],
    }
    assert refused(document) == [
        ("handsets[0].id", "the rule at weather[0] has this id already", "")
    ]
