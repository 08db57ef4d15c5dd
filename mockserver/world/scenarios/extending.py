"""A scenario upon others: own rules first, then each base's; of a switch, the nearest word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from mockserver.domain.faults import SECTIONS, SWITCHES, Given, GivenAccount, Rule, Scenario, Step
from mockserver.world.scenarios.faults import Complaint, Path, ScenarioError, error
from mockserver.world.scenarios.parameters import Values
from mockserver.world.scenarios.rules import free_id

T = TypeVar("T")


class Bases(Protocol):
    """Where scenarios are found that others build upon."""

    def find(self, name: str, chosen: Values) -> Scenario:
        """The scenario; raise `ScenarioError` for one that is not there, or cannot be used."""


class Nowhere:
    """There are none: a document that came alone."""

    def find(self, name: str, chosen: Values) -> Scenario:
        """Refused."""
        raise error("", [Complaint((), f"there is no scenario {name!r} here")])


def found(document: Mapping[str, Any], bases: Bases, complaints: list[Complaint]) -> list[Scenario]:
    """The scenarios that a document extends, in its order."""
    result: list[Scenario] = []
    seen: list[tuple[str, Values]] = []
    for path, name, chosen in _named(document.get("extends", ())):
        if (name, chosen) in seen:
            complaints.append(Complaint(path, f"{name!r} is here twice; its rules count once"))
            continue
        seen.append((name, chosen))
        try:
            result.append(bases.find(name, chosen))
        except ScenarioError as wrong:
            complaints.append(_complaint(path, name, wrong))
    return result


def _named(said: Any) -> Iterator[tuple[Path, str, Values]]:
    items: Sequence[Any] = said if isinstance(said, (list, tuple)) else (said,)
    for place, item in enumerate(items):
        path: Path = ("extends", place) if items is said else ("extends",)
        if isinstance(item, str):
            yield path, item, {}
        else:
            yield path, item["name"], item.get("with", {})


def _complaint(path: Path, name: str, wrong: ScenarioError) -> Complaint:
    first = wrong.faults[0]
    if not wrong.source or not (first.line or first.path):
        return Complaint(path, first.message, first.hint)
    return Complaint(path, f"{name!r} cannot be used: {first.rendered(wrong.source)}")


def upon(own: Scenario, bases: Sequence[Scenario], complaints: list[Complaint]) -> Scenario:
    """The scenario with what its bases bring; what cannot be together goes into `complaints`."""
    merged = own
    for base in bases:
        merged = _joined(merged, _renumbered(base, merged), complaints)
    return merged


def _joined(near: Scenario, far: Scenario, complaints: list[Complaint]) -> Scenario:
    """`near` has the last word; of both, what is a list is joined."""
    plain = ("summary", "clock", *SWITCHES)
    sections: dict[str, Any] = {name: (*near.rules(name), *far.rules(name)) for name in SECTIONS}
    return replace(
        near,
        **{name: getattr(near, name) or getattr(far, name) for name in plain if name != _BOOL},
        magic_numbers=far.magic_numbers if near.magic_numbers is None else near.magic_numbers,
        given=_given(near.given, far, complaints),
        options={**far.options, **near.options},
        steps=in_order((*far.steps, *near.steps)),
        **sections,
    )


_BOOL: Final = "magic_numbers"
"""The switch that may be false and yet be said."""


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """By time; of those at one time the last one has the last word."""
    return tuple(sorted(steps, key=lambda step: step.at))


# Given.

_KEYS: Final[Mapping[str, str]] = {
    "accounts": "sid",
    "numbers": "phone_number",
    "services": "sid",
    "handsets": "phone_number",
    "content": "sid",
    "stores": "id",
    "cohorts": "id",
}
"""What names each thing of a list; others may be there twice."""


def _given(near: Given, far: Scenario, complaints: list[Complaint]) -> Given:
    ours, theirs = _lists(near), _lists(far.given)
    for name, key in _KEYS.items():
        taken = {_name(each, key) for each in ours[name]}
        for each in theirs[name]:
            if (called := _name(each, key)) in taken:
                told = f"{called} is in {far.name!r} too: leave it out of one"
                complaints.append(Complaint(("given", name), told))
    joined = {name: (*ours[name], *theirs[name]) for name in ours}
    own = _account(near.accounts[0], far.given.accounts[0])
    return Given(**{**joined, "accounts": (own, *joined["accounts"])})


def _lists(given: Given) -> dict[str, tuple[Any, ...]]:
    lists = {name: getattr(given, name) for name in Given.__struct_fields__}
    return {**lists, "accounts": given.accounts[1:]}


def _name(each: Any, key: str) -> str:
    return str(getattr(each, key) or getattr(each, "name", ""))


def _account(near: GivenAccount, far: GivenAccount) -> GivenAccount:
    """What `near` says nothing of is as in `far`."""
    return GivenAccount(
        **{
            name: getattr(near, name) or getattr(far, name)
            for name in GivenAccount.__struct_fields__
        }
    )


# Ids.

_NUMBERED: Final = re.compile(rf"(?:{'|'.join(SECTIONS)})-[0-9]+").fullmatch


def _renumbered(base: Scenario, near: Scenario) -> Scenario:
    """The base with other numbers for rules that have only one, where `near` has them too."""
    taken = {rule.id for name in SECTIONS for rule in near.rules(name)}
    own = {rule.id for name in SECTIONS for rule in base.rules(name)}
    names: dict[str, str] = {}
    for rule_id in sorted(taken & own):
        if _NUMBERED(rule_id):
            section = rule_id.rpartition("-")[0]
            names[rule_id] = free_id(section, 1, taken | own | set(names.values()))
    if not names:
        return base
    return replace(
        base,
        **{name: tuple(_called(rule, names) for rule in base.rules(name)) for name in SECTIONS},
        steps=tuple(
            replace(
                step,
                on=tuple(names.get(each, each) for each in step.on),
                off=tuple(names.get(each, each) for each in step.off),
            )
            for step in base.steps
        ),
    )


def _called(rule: Rule, names: Mapping[str, str]) -> Rule:
    return msgspec.structs.replace(rule, id=names.get(rule.id, rule.id))


def clashes(own: Scenario, bases: Sequence[Scenario]) -> list[Complaint]:
    """A complaint for each spelt id that a base has too."""
    seen = {rule.id: own.name for name in SECTIONS for rule in own.rules(name)}
    found = []
    for base in bases:
        for rule_id in [rule.id for name in SECTIONS for rule in base.rules(name)]:
            if rule_id in seen and not _NUMBERED(rule_id):
                told = f"{base.name!r} has a rule {rule_id!r} too, as has {seen[rule_id]!r}"
                found.append(Complaint(("extends",), f"{told}: give one of them another id"))
            seen.setdefault(rule_id, base.name)
    return found
