"""Which rules are in force, in which order, and how often they fired."""

import msgspec
import pytest

from mockserver.domain.faults import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    DeliveryRule,
    ErrorFault,
    FaultRule,
    Scenario,
    StatusFault,
    When,
)
from mockserver.domain.lifecycle import DELIVERED, Fate
from mockserver.domain.matching import Matcher
from mockserver.domain.message import Message
from mockserver.domain.options import USUAL, Options
from mockserver.world.dice import Dice
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

MESSAGE = Message(
    sid="SM" + "0" * 32,
    ordinal=0,
    account_sid="AC" + "1" * 32,
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
)
CALL = {"operation": "api.v2010.CreateMessage"}
CREATES = Matcher.compile(CALL, fields=FAULT_FIELDS)


def rulebook(seed: int = 7, usual: Options = USUAL) -> Rulebook:
    return Rulebook(Tables(), Dice(seed), usual)


def ends(name: str, outcome: str = "failed", when: When | None = None) -> DeliveryRule:
    return DeliveryRule(name, when or When(), outcome, 30001)


def fails(name: str, times: int | None = None, when: When | None = None) -> FaultRule:
    return FaultRule(name, when or When(), StatusFault(503), times)


def outcome(rules: Rulebook, number: int = 0) -> str:
    sid = f"SM{number:032x}"
    return rules.fate(msgspec.structs.replace(MESSAGE, sid=sid)).outcome


def faults(rules: Rulebook, count: int) -> list[str | None]:
    found = [rules.fault(CALL) for _ in range(count)]
    return [mishap.rule.id if mishap is not None else None for mishap in found]


def test_without_rules_all_is_well() -> None:
    """Messages are delivered, calls are answered, nothing is counted."""
    rules = rulebook()
    assert rules.fate(MESSAGE) is DELIVERED
    assert rules.fault(CALL) is None
    assert rules.counters == {}


def test_a_recipient_with_an_end_of_its_own() -> None:
    """Decides where no rule does, or none that wants the message; nothing is counted for it."""
    rules = rulebook()
    message = msgspec.structs.replace(MESSAGE, to="+15005560007")
    assert rules.fate(message) == Fate("undelivered", 30007)
    rules.add(ends("second", when=When(nth=2)))
    assert [rules.fate(message).error_code for _ in range(3)] == [30007, 30001, 30007]


def test_what_a_rule_says_alone() -> None:
    """A recipient with an end of its own is no rule."""
    rules = rulebook()
    message = msgspec.structs.replace(MESSAGE, to="+15005560007")
    assert rules.ruled(message) is None
    rules.add(ends("second", when=When(nth=2)))
    assert rules.ruled(message) is None
    found = rules.ruled(message)
    assert found is not None
    assert found.error_code == 30001


def test_switches_are_a_scenarios_over_the_usual_ones() -> None:
    """Those of which it says nothing stay as the server has them; the next one begins anew."""
    rules = rulebook(usual=Options(senders="strict", trial_unverified_code=21608))
    assert rules.options.senders == "strict"
    rules.put(Scenario("s", senders="any", options={"landline_code": 21635}))
    assert rules.options == Options(trial_unverified_code=21608, landline_code=21635)
    rules.put(Scenario("t"))
    assert rules.options == Options(senders="strict", trial_unverified_code=21608)


def test_a_delivery_rule_added_later_goes_first() -> None:
    """It is what the test means now; the scenario's come last."""
    rules = rulebook()
    rules.put(Scenario("s", delivery=(ends("scenario", "undelivered"),)))
    assert outcome(rules) == "undelivered"
    rules.add(ends("first", "failed"))
    rules.add(ends("second", "sent"))
    assert [rule.id for rule in rules.delivery] == ["second", "first", "scenario"]
    assert outcome(rules) == "sent"


def test_faults_added_later_wait_behind() -> None:
    """So that two `fail_next` are two failures in a row; both go before the scenario's."""
    rules = rulebook()
    rules.put(Scenario("s", faults=(fails("scenario", 1),)))
    rules.add(fails("first", 2))
    rules.add(fails("second", 1))
    assert faults(rules, 5) == ["first", "first", "second", "scenario", None]
    assert rules.counters == {
        "first.matched": 5,
        "first.fired": 2,
        "second.matched": 3,
        "second.fired": 1,
        "scenario.matched": 2,
        "scenario.fired": 1,
    }


def test_a_fault_is_for_what_it_matches() -> None:
    """Other calls are answered, and do not use it up."""
    rules = rulebook()
    rules.add(FaultRule("creates", When(CREATES), ErrorFault(20429), 1))
    assert rules.fault({"operation": "api.v2010.FetchMessage"}) is None
    assert faults(rules, 2) == ["creates", None]


def test_the_nth_is_counted() -> None:
    """From one, whatever becomes of the others."""
    rules = rulebook()
    rules.add(ends("third", when=When(nth=3)))
    assert [outcome(rules) for _ in range(4)] == ["delivered", "delivered", "failed", "delivered"]
    assert rules.counters == {"third.matched": 4, "third.fired": 1}


def test_a_share_of_messages_whatever_their_order() -> None:
    """Which ones is decided by seed and message alone."""
    rules, again, other = rulebook(), rulebook(), rulebook(8)
    for each in (rules, again, other):
        each.add(ends("tenth", when=When(share=0.1)))
    numbers = range(2_000)
    failed = {n for n in numbers if outcome(rules, n) == "failed"}
    assert 140 < len(failed) < 260
    assert {n for n in reversed(numbers) if outcome(again, n) == "failed"} == failed
    assert {n for n in numbers if outcome(other, n) == "failed"} != failed


def test_a_share_of_calls() -> None:
    """The same ones for the same calls in sequence."""
    fired = []
    for _ in range(2):
        rules = rulebook()
        rules.add(fails("half", when=When(share=0.5)))
        fired.append(faults(rules, 200))
    assert fired[0] == fired[1]
    assert 70 < fired[0].count("half") < 130


def test_a_share_of_calls_goes_on_from_the_tables() -> None:
    """Whoever has another's tables goes on with the calls of which the same came before."""
    tables = Tables()
    rules = Rulebook(tables, Dice(7))
    rules.add(fails("half", when=When(share=0.5)))
    before = faults(rules, 40)
    other = Rulebook(Tables(counters=dict(tables.counters), calls=dict(tables.calls)), Dice(7))
    other.add(fails("half", when=When(share=0.5)))
    went_on = faults(rules, 40)
    assert faults(other, 40) == went_on != before
    assert list(tables.calls.values()) == [80]
    rules.put(Scenario("another"))
    assert tables.calls == {}


def test_a_scenario_replaces_everything() -> None:
    """Rules, also those that were added, counters, and switches."""
    rules = rulebook()
    first = Scenario("first", senders="strict", trial_unverified_code=21608)
    rules.put(msgspec.structs.replace(first, delivery=(ends("one"),)))
    rules.add(fails("added"))
    faults(rules, 1)
    assert (rules.options.senders, rules.options.trial_unverified_code) == ("strict", 21608)
    rules.put(Scenario("second"))
    assert (rules.delivery, rules.faults, rules.counters) == ((), (), {})
    assert (rules.options.senders, rules.options.trial_unverified_code) == ("any", 21219)


def test_a_scenario_that_says_nothing_leaves_the_servers_switches() -> None:
    """One that says `any` overrules `--strict-senders`."""
    rules = rulebook(usual=Options(senders="strict", trial_unverified_code=21608))
    rules.put(Scenario("silent"))
    assert (rules.options.senders, rules.options.trial_unverified_code) == ("strict", 21608)
    rules.put(Scenario("lenient", senders="any", trial_unverified_code=21219))
    assert (rules.options.senders, rules.options.trial_unverified_code) == ("any", 21219)


@pytest.mark.parametrize("name", ["scenario", "added"])
def test_one_rule_is_dropped(name: str) -> None:
    """For good: it does not come back with the next one that is added."""
    rules = rulebook()
    rules.put(Scenario("s", delivery=(ends("scenario"),), faults=(fails("fault"),)))
    rules.add(ends("added"))
    assert rules.drop("delivery", name)
    assert not rules.drop("delivery", name)
    rules.add(ends("new"))
    left = {"scenario", "added"} - {name}
    assert [rule.id for rule in rules.delivery] == ["new", *left]
    assert [rule.id for rule in rules.faults] == ["fault"]


def test_all_rules_of_a_kind_are_dropped() -> None:
    """Without those of the other kind; there may have been none."""
    rules = rulebook()
    rules.put(Scenario("s", delivery=(ends("one"),), faults=(fails("two"),)))
    rules.add(fails("three"))
    assert rules.drop("faults", None)
    assert not rules.drop("faults", None)
    assert ([rule.id for rule in rules.delivery], rules.faults) == (["one"], ())


def test_a_dropped_rules_counters_go_with_it() -> None:
    """Another one under its name begins at zero."""
    rules = rulebook()
    for _ in range(2):
        rules.add(fails("again", 1))
        assert faults(rules, 2) == ["again", None]
        rules.drop("faults", "again")
    assert rules.counters == {}


def test_what_is_in_force_is_a_scenario() -> None:
    """With the rules that were added: it can be written down and put elsewhere."""
    rules, other = rulebook(), rulebook()
    rules.put(Scenario("s", delivery=(ends("one"),)))
    rules.add(ends("two"))
    rules.add(fails("three"))
    other.put(rules.in_force())
    assert (other.delivery, other.faults) == (rules.delivery, rules.faults)
    assert rules.ids == {"one", "two", "three"}


def test_an_expression_that_is_given_up_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """In the log; the message ends as if the rule were not there."""
    rules = rulebook()
    slow = Matcher.compile({"body_regex": "(x+x+)+y"}, fields=DELIVERY_FIELDS)
    rules.put(Scenario("s", delivery=(DeliveryRule("slow", When(slow), "failed"),)))
    for _ in range(2):
        assert rules.fate(msgspec.structs.replace(MESSAGE, body="x" * 2_000)) == DELIVERED
    [told] = caplog.messages
    assert told.startswith("the body_regex of the rule slow took too long")
