"""The scenario's steps after a start."""

from typing import TYPE_CHECKING

from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.state.conftest import Start

OUTAGE = {
    "name": "outage",
    "delivery": [{"id": "lost", "enabled": False, "outcome": "undelivered"}],
    "steps": [{"at": "1m", "on": ["lost"], "senders": "strict"}, {"at": "3m", "off": ["lost"]}],
}


async def test_steps_go_on_after_a_start(start: "Start") -> None:
    """Those that were taken hold, and those to come happen at their times."""
    first = start()
    unit = Unit()
    first.sandbox.regime.put(from_document(OUTAGE), unit)
    await first.sandbox.engine.commit(unit)
    await first.advance(90)
    await first.kept()
    second = start(after=first)
    rules = second.sandbox.rules
    assert [rule.id for rule in rules.delivery] == ["lost"]
    assert rules.options.senders == "strict"
    await second.advance(89)
    assert [rule.id for rule in rules.delivery] == ["lost"]
    await second.advance(1)
    assert not rules.delivery
