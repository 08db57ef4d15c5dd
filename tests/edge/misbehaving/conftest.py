"""Rules for a server, written as in a scenario."""

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from mockserver.world.scenarios import parse_rule

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

CREATE = {"operation": "api.v2010.CreateMessage"}


@pytest.fixture
async def api(serve: "Serve") -> "Caller":
    """A server whose clock stands still."""
    return await serve(clock="manual", seed=7)


class Rule(Protocol):
    def __call__(self, then: dict[str, Any], when: Any = None, **more: Any) -> None: ...


@pytest.fixture
def rule(api: "Caller") -> Rule:
    """`rule({"error": 20429}, when)`: another fault, called fault-1, fault-2 and so on."""

    def rule(then: dict[str, Any], when: Any = None, **more: Any) -> None:
        rules = api.sandbox.rules
        name = f"fault-{len(rules.faults) + 1}"
        document = {"id": name, "then": then, "when": CREATE if when is None else when, **more}
        rules.add(parse_rule("faults", document, rules.ids))

    return rule
