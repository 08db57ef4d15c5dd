"""Read, check and find scenarios."""

from mockserver.world.scenarios.faults import ScenarioError, ScenarioFault, UnknownScenario
from mockserver.world.scenarios.library import Library, read_file
from mockserver.world.scenarios.reading import (
    from_document,
    parse,
    parse_delivery_rule,
    parse_fault_rule,
    parse_given,
)

__all__ = [
    "Library",
    "ScenarioError",
    "ScenarioFault",
    "UnknownScenario",
    "from_document",
    "parse",
    "parse_delivery_rule",
    "parse_fault_rule",
    "parse_given",
    "read_file",
]
