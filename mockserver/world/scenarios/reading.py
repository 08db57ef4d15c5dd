"""Scenarios, seeds and single rules out of YAML text and JSON documents.

What checks and builds them is loaded with the first one: most servers start without any.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mockserver.domain.faults import Given, Rule, Scenario
from mockserver.world.scenarios.faults import NOWHERE, Complaint, Misfit, Places, error

if TYPE_CHECKING:  # few scenarios have any
    from mockserver.domain.audiences.given import GivenCohort, GivenStore
    from mockserver.world.scenarios.extending import Bases
    from mockserver.world.scenarios.parameters import Values

T = TypeVar("T")

UNNAMED: Final = "unnamed"
NONE_CHOSEN: "Final[Values]" = MappingProxyType({})


def parse(
    text: str, source: str, chosen: "Values" = NONE_CHOSEN, bases: "Bases | None" = None
) -> Scenario:
    """Read a scenario's YAML (or JSON); raise `ScenarioError`, which begins each line by `source`.

    One without a name is called after the file that `source` names, beside which the files are
    that it names. `chosen` are values for its parameters.
    """
    from mockserver.world.scenarios import yaml_text
    from mockserver.world.scenarios.checking import schema

    path = Path(source)
    draft = yaml_text.read(text, source, schema(), chosen)
    named = (source, path.stem, draft.places)
    return _scenario(draft.document, *named, path.parent, bases, draft.unused)


def from_document(
    document: object, chosen: "Values" = NONE_CHOSEN, bases: "Bases | None" = None
) -> Scenario:
    """Read a scenario that came as JSON; raise `ScenarioError`."""
    from mockserver.world.scenarios.parameters import Parameters, filled

    parameters = Parameters.of(document, chosen)
    found = parameters.complaints()
    document = filled(document, parameters, (), found)
    if found:
        raise error("scenario", found)
    unused = parameters.unused()
    return _scenario(document, "scenario", UNNAMED, NOWHERE, None, bases, unused)


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


def parse_rule(section: str, document: object, taken: Iterable[str] = ()) -> Rule:
    """Read a single rule of a section; one without an id gets one not in `taken`.

    Raises `ScenarioError`, also for an id that is in `taken`.
    """
    from mockserver.world.scenarios import rules

    known = frozenset(taken)

    def build(checked: Any, found: list[Complaint]) -> Rule:
        if checked.get("id") in known:
            raise Misfit(("id",), f"there is a rule {checked['id']!r} already")
        return rules.BUILD[section](checked, checked.get("id") or rules.free_id(section, 1, known))

    return _built(document, section, section, NOWHERE, build)


def _scenario(
    document: object,
    source: str,
    name: str,
    places: Places,
    files: Path | None,
    bases: "Bases | None",
    unused: Iterable[Complaint],
) -> Scenario:
    from mockserver.world.scenarios import building, extending

    def build(checked: Any, found: list[Complaint]) -> Scenario:
        found += unused
        return building.scenario(checked, name, found, files, bases or extending.Nowhere())

    return _built(document, "scenario", source, places, build)


def _built(
    document: object,
    part: str,
    source: str,
    places: Places,
    build: Callable[[Any, list[Complaint]], T],
) -> T:
    """Check a document by its schema, then by what no schema can state."""
    from mockserver.world.scenarios.checking import complaints, whole

    if found := complaints(document, part):
        raise error(source, found, places)
    try:
        result = build(whole(document, part), found)
    except Misfit as misfit:
        raise error(source, [misfit.under(())], places) from None
    if found:
        raise error(source, found, places)
    return result
