"""Read, check and find scenarios."""

from mockserver.world.scenarios.faults import ScenarioError, ScenarioFault, UnknownScenario
from mockserver.world.scenarios.library import Library, read_file
from mockserver.world.scenarios.reading import (
    from_document,
    parse,
    parse_cohort,
    parse_given,
    parse_rule,
    parse_store,
)

__all__ = [
    "Library",
    "ScenarioError",
    "ScenarioFault",
    "UnknownScenario",
    "from_document",
    "parse",
    "parse_cohort",
    "parse_given",
    "parse_rule",
    "parse_store",
    "read_file",
]
