"""Which rules and switches hold: put, added, switched, taken out, and by how far it has come."""

from typing import Any

import pytest

from mockserver.domain.faults import SECTIONS
from mockserver.domain.options import USUAL
from mockserver.world.dice import Dice
from mockserver.world.rulebook import Rulebook
from mockserver.world.scenarios import from_document, parse_rule
from mockserver.world.tables import Tables

WHAT: dict[str, Any] = {
    "delivery": {"outcome": "failed"},
    "faults": {"then": {"status": 503}},
    "weather": {"then": {"drop": True}},
    "handsets": {"reply": "x"},
}

ALL = {
    **{name: [{"id": name, **WHAT[name]}] for name in SECTIONS},
    "senders": "strict",
    "steps": [
        {"at": "1m", "off": ["weather"], "senders": "any", "options": {"landline_code": 21635}},
        {"at": "2m", "on": ["weather"], "senders": "strict"},
    ],
}


class Book:
    """A rulebook over tables of its own, and a clock that is set."""

    def __init__(self) -> None:
        self.at = 0
        self.told = 0
        self.tables = Tables()
        self.rules = Rulebook(self.tables, Dice(7), USUAL, lambda: self.at)
        self.rules.on_changed = self._tell
        self.rules.put(from_document(ALL))

    def _tell(self) -> None:
        self.told += 1

    @property
    def ids(self) -> list[str]:
        """Of the rules in force."""
        return [rule.id for name in SECTIONS for rule in getattr(self.rules, name)]


@pytest.fixture
def book() -> Book:
    """With a rule in each section."""
    return Book()


def test_all_sections_are_in_force(book: Book) -> None:
    """And whoever goes by them is told."""
    assert book.ids == list(SECTIONS)
    assert book.told == 1


@pytest.mark.parametrize("section", SECTIONS)
def test_rules_are_switched(book: Book, section: str) -> None:
    """Off and on again; they stay among all, and keep their counts."""
    book.tables.counters[f"{section}.matched"] = 3
    book.rules.switch([], [section])
    assert section not in book.ids
    assert section in book.rules.ids
    [rule] = book.rules.every(section)
    assert not book.rules.enabled(rule)
    book.rules.switch([section], [])
    assert book.ids == list(SECTIONS)
    assert book.rules.counters == {f"{section}.matched": 3}


@pytest.mark.parametrize("section", SECTIONS)
def test_rules_are_added(book: Book, section: str) -> None:
    """Before the scenario's: of faults the first first, of others the latest."""
    for name in ("one", "two"):
        book.rules.add(parse_rule(section, {"id": name, **WHAT[section]}))
    ordered = ["one", "two"] if section == "faults" else ["two", "one"]
    assert [rule.id for rule in book.rules.added(section)] == ordered
    assert [rule.id for rule in getattr(book.rules, section)] == [*ordered, section]
    assert book.rules.in_force().rules(section) == book.rules.every(section)


@pytest.mark.parametrize("section", SECTIONS)
def test_rules_are_taken_out(book: Book, section: str) -> None:
    """With their counts and switches, and from the steps that speak of them."""
    book.tables.counters.update({f"{section}.matched": 3, "other.matched": 1})
    book.rules.switch([], [section])
    assert book.rules.drop(section, section)
    assert not book.rules.drop(section, section)
    assert book.rules.counters == {"other.matched": 1}
    assert book.tables.course.switched == {}
    left = from_document({"name": "x", **book.rules.in_force().document()})
    assert section not in {rule.id for name in SECTIONS for rule in left.rules(name)}


def test_a_section_is_emptied(book: Book) -> None:
    """With what was added to it; others stay."""
    book.rules.add(parse_rule("faults", {"then": {"status": 500}}))
    assert book.rules.drop("faults", None)
    assert book.ids == ["delivery", "weather", "handsets"]


def test_the_switches_are_those_of_the_steps_that_were_taken(book: Book) -> None:
    """The latest word holds; what the scenario says otherwise stays."""
    seen = []
    for taken in (0, 1, 2):
        book.tables.course.taken = taken
        book.rules.refresh()
        seen.append((book.rules.options.senders, book.rules.options.landline_code))
    usual = USUAL.landline_code
    assert seen == [("strict", usual), ("any", 21635), ("strict", 21635)]


def test_it_knows_what_comes_next(book: Book) -> None:
    """As long as there is something."""
    steps = book.rules.scenario.steps
    assert book.rules.next_step == steps[0]
    book.tables.course.taken = 2
    assert book.rules.next_step is None


def test_another_scenario_begins_when_it_is_put(book: Book) -> None:
    """Nothing is switched, nothing counted, no step taken; time counts from then."""
    book.rules.switch([], ["faults"])
    book.tables.counters["faults.matched"] = 1
    book.tables.course.taken, book.at = 2, 1_000
    book.rules.put(from_document(ALL))
    assert book.ids == list(SECTIONS)
    assert (book.rules.counters, book.tables.course.taken) == ({}, 0)
    book.at = 1_500
    assert book.rules.elapsed == 500


def test_a_rule_may_wait_from_the_start(book: Book) -> None:
    """Until it is switched on, also one that was added."""
    book.rules.add(parse_rule("weather", {"id": "late", "enabled": False, **WHAT["weather"]}))
    assert "late" not in book.ids
    book.rules.switch(["late"], [])
    assert "late" in book.ids
