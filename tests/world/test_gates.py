"""Faults that catch some of the calls that their rule is about."""

from typing import Any

import pytest

from mockserver.domain.faults import FaultRule, Scenario, When
from mockserver.domain.faults.kinds import read_fault
from mockserver.world import remembering
from mockserver.world.dice import Dice
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

SECOND = 1_000_000


class World:
    """A rulebook whose clock a test sets."""

    def __init__(self, *thens: dict[str, Any]) -> None:
        self.now = 0
        self.rules = Rulebook(Tables(), Dice(7), now=lambda: self.now)
        rules = (FaultRule(f"f{n}", When(), read_fault(then)) for n, then in enumerate(thens, 1))
        self.rules.put(Scenario("s", faults=tuple(rules)))

    def fired(self, **facts: object) -> str:
        """The rule that catches a call; "" where none does."""
        call = {"method": "GET", "account_sid": "AC1", "concurrent": 1, "path": "/x", **facts}
        mishap = self.rules.fault(call)
        return mishap.rule.id if mishap is not None else ""


def test_a_limit_fires_only_over_it() -> None:
    """What is within it counts as matched, and goes on to the rules behind."""
    world = World({"rate_limit": {"per_second": 1}}, {"error": 20503})
    assert [world.fired() for _ in range(3)] == ["f2", "f1", "f1"]
    assert world.rules.counters["f1.matched"] == 3
    assert world.rules.counters["f1.fired"] == 2
    world.now += SECOND
    assert world.fired() == "f2"


def test_the_wait_is_told() -> None:
    """Until there is a token, on the sandbox's clock; a second where it is for concurrency."""
    world = World({"rate_limit": {"per_second": 0.25, "concurrency": 3}})
    assert world.fired() == ""
    world.now += SECOND
    mishap = world.rules.fault({"account_sid": "AC1", "concurrent": 1})
    assert mishap is not None
    assert mishap.wait == 3 * SECOND
    crowded = world.rules.fault({"account_sid": "AC2", "concurrent": 4})
    assert crowded is not None
    assert crowded.wait == SECOND


@pytest.mark.parametrize(
    ("per", "fact"), [("account", "account_sid"), ("sender", "from"), ("key", "user")]
)
def test_everyone_has_a_bucket(per: str, fact: str) -> None:
    """By what the limit is per."""
    world = World({"rate_limit": {"per_second": 1, "per": per}})
    caught = [world.fired(**{fact: whose}) for whose in ("one", "one", "other")]
    assert caught == ["", "f1", ""]


def test_a_service_is_a_sender() -> None:
    """A create that names no `From` takes its token from its Messaging Service's bucket."""
    world = World({"rate_limit": {"per_second": 1, "per": "sender"}})
    calls = [{"parameters": {"MessagingServiceSid": f"MG{sid}"}} for sid in "112"]
    assert [world.fired(**call) for call in calls] == ["", "f1", ""]
    assert world.fired(**{"from": "+14155550123", **calls[0]}) == ""


def test_refused_by_concurrency_takes_no_token() -> None:
    """The next one still finds it."""
    world = World({"rate_limit": {"per_second": 1, "concurrency": 1}})
    assert world.fired(concurrent=2) == "f1"
    assert world.fired() == ""


def test_reads_of_a_path_fail_so_often() -> None:
    """Each path for itself; only a GET, and only of something with a name."""
    world = World({"stale": {"reads": 2}})
    named = {"named": ("SM1",)}
    assert [world.fired(**named) for _ in range(3)] == ["f1", "f1", ""]
    assert world.fired(path="/y", **named) == "f1"
    assert world.fired(path="/z", method="POST", **named) == ""
    assert world.fired(path="/z", named=()) == ""


def test_what_was_never_made_is_not_new() -> None:
    """It is missing anyway; and ids of Comms tell themselves when they were made."""
    world = World({"stale": {"for": "2s"}})
    assert world.fired(named=("SM" + "0" * 32,)) == ""
    from mockserver.domain.type_ids import mint

    world.now = 10 * SECOND
    assert world.fired(named=(mint("comms_message", 9 * SECOND, bytes(16)),)) == "f1"
    assert world.fired(named=(mint("comms_message", 8 * SECOND, bytes(16)),)) == ""
    assert world.fired(named=(mint("comms_sender", 9 * SECOND, bytes(16)),)) == ""


def test_a_certificate_is_nothing_to_a_request() -> None:
    """It was shown before; the rules behind it have their turn."""
    assert World({"certificate": "expired"}, {"error": 20503}).fired() == "f2"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten: it is as if it had never come."""
    monkeypatch.setattr(remembering, "REMEMBERED", 10)
    world = World({"rate_limit": {"per_second": 1}})
    for number in range(100):
        assert world.fired(account_sid=f"AC{number}") == ""
    assert len(world.rules.counters) <= 11
    assert world.fired(account_sid="AC99") == "f1"
    assert world.fired(account_sid="AC0") == ""


def test_counts_of_those_who_are_alike_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest begins anew."""
    monkeypatch.setattr(remembering, "REMEMBERED", 10)
    rules = Rulebook(Tables(), Dice(7))
    when = When(nth=1, per=("to",))
    rules.put(Scenario("s", faults=(FaultRule("f1", when, read_fault({"status": 503})),)))
    assert all(rules.fault({"to": f"+1415555{number:04}"}) for number in range(50))
    assert rules.fault({"to": "+14155550049"}) is None
    assert rules.fault({"to": "+14155550000"}) is not None
    assert len(rules.counters) <= 10


def test_a_rule_that_goes_leaves_nothing_behind() -> None:
    """Its buckets go with its counters; another rule's stay."""
    world = World({"rate_limit": {"per_second": 1}}, {"rate_limit": {"per_second": 2}})
    assert world.fired() == ""
    world.rules.drop("faults", "f1")
    assert world.rules.counters
    assert all(key.startswith("f2.") for key in world.rules.counters)


def test_another_scenario_begins_with_full_buckets() -> None:
    """As counters begin at zero."""
    world = World({"rate_limit": {"per_second": 1}})
    world.fired()
    world.rules.put(world.rules.in_force())
    assert world.fired() == ""
