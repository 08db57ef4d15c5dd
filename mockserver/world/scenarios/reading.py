"""Scenarios, seeds and single rules out of YAML text and JSON documents.

What checks and builds them is loaded with the first one: most servers start without any.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mockserver.domain.faults import DeliveryRule, FaultRule, Given, Scenario
from mockserver.world.scenarios.faults import NOWHERE, Complaint, Misfit, Places, error

if TYPE_CHECKING:  # few scenarios have any
    from mockserver.domain.audiences.given import GivenCohort, GivenStore

T = TypeVar("T")

UNNAMED: Final = "unnamed"


def parse(text: str, source: str) -> Scenario:
    """Read a scenario's YAML (or JSON); raise `ScenarioError`, which begins each line by `source`.

    One without a name is called after the file that `source` names, beside which the files are
    that it names.
    """
    from mockserver.world.scenarios import yaml_text
    from mockserver.world.scenarios.checking import schema

    draft = yaml_text.read(text, source, schema())
    return _scenario(draft.document, source, Path(source).stem, draft.places, Path(source).parent)


def from_document(document: object) -> Scenario:
    """Read a scenario that came as JSON; raise `ScenarioError`."""
    return _scenario(document, "scenario", UNNAMED, NOWHERE)


def parse_given(document: object) -> Given:
    """Read the body of POST /_mock/seed; raise `ScenarioError`."""
    from mockserver.world.scenarios import building

    def build(checked: Any, found: list[Complaint]) -> Given:
        return building.given(checked, (), found)

    return _built(document, "given", "seed", NOWHERE, build)


def parse_store(document: object) -> "GivenStore":
    """Read a single store; raise `ScenarioError`."""
    from mockserver.world.scenarios import audiences

    def build(checked: Any, _: list[Complaint]) -> "GivenStore":
        return audiences.store(checked, None)

    return _built(document, "store", "store", NOWHERE, build)


def parse_cohort(document: object) -> "GivenCohort":
    """Read a single cohort; raise `ScenarioError`."""
    from mockserver.world.scenarios import audiences

    def build(checked: Any, _: list[Complaint]) -> "GivenCohort":
        return audiences.cohort(checked, None)

    return _built(document, "cohort", "cohort", NOWHERE, build)


def parse_delivery_rule(document: object, taken: Iterable[str] = ()) -> DeliveryRule:
    """Read a single delivery rule; one without an id gets one not in `taken`.

    Raises `ScenarioError`, also for an id that is in `taken`.
    """
    from mockserver.world.scenarios.building import delivery_rule

    return _rule(document, "delivery", delivery_rule, taken)


def parse_fault_rule(document: object, taken: Iterable[str] = ()) -> FaultRule:
    """Read a single fault rule, as `parse_delivery_rule` does."""
    from mockserver.world.scenarios.building import fault_rule

    return _rule(document, "faults", fault_rule, taken)


def _scenario(
    document: object, source: str, name: str, places: Places, files: Path | None = None
) -> Scenario:
    from mockserver.world.scenarios import building

    def build(checked: Any, found: list[Complaint]) -> Scenario:
        return building.scenario(checked, name, found, files)

    return _built(document, "scenario", source, places, build)


def _rule(document: object, section: str, make: Callable[[Any, str], T], taken: Iterable[str]) -> T:
    from mockserver.world.scenarios.building import free_id

    known = frozenset(taken)

    def build(checked: Any, found: list[Complaint]) -> T:
        if checked.get("id") in known:
            raise Misfit(("id",), f"there is a rule {checked['id']!r} already")
        return make(checked, checked.get("id") or free_id(section, 1, known))

    return _built(document, section, section, NOWHERE, build)


def _built(
    document: object,
    part: str,
    source: str,
    places: Places,
    build: Callable[[Any, list[Complaint]], T],
) -> T:
    """Check a document by its schema, then by what no schema can state."""
    from mockserver.world.scenarios.checking import complaints

    if found := complaints(document, part):
        raise error(source, found, places)
    try:
        result = build(document, found)
    except Misfit as misfit:
        raise error(source, [misfit.under(())], places) from None
    if found:
        raise error(source, found, places)
    return result
