"""A scenario comes into force: what it replaces, what it adds, and who heeds it."""

from typing import TYPE_CHECKING

from mockserver.domain.faults import DeliveryRule, Given, GivenAccount, GivenNumber, Scenario, When
from mockserver.domain.lifecycle import ANNOUNCED
from mockserver.world.clock import SEEDED_START
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

FIRST = Scenario(
    "first",
    given=Given(
        accounts=(GivenAccount(type="Trial"),),
        numbers=(GivenNumber("+14155550123"),),
        verified_callers=("+14155552671",),
    ),
    senders="strict",
    delivery=(DeliveryRule("ends", When(), "undelivered", 30003, times=1),),
)


async def test_a_scenario_replaces_the_one_before(make_world: "MakeWorld") -> None:
    """Rules, counters and switches; what is given is added, the account's kind is its own again."""
    world = make_world("manual")
    sandbox = world.sandbox
    sandbox.regime.put(FIRST, Unit())
    await world.advance(60)
    await world.create(From="+14155550123")
    counted = {"ends.matched": 1, "ends.fired": 1}
    assert (sandbox.accounts.first.type, sandbox.rules.counters) == ("Trial", counted)
    sandbox.regime.put(Scenario("second"), Unit())
    assert (sandbox.accounts.first.type, sandbox.rules.counters) == ("Full", {})
    assert sandbox.rules.delivery == ()
    assert sandbox.rules.options.senders == "any"
    assert "+14155550123" in sandbox.tables.numbers
    assert world.now == SEEDED_START + 60_000_000


async def test_what_a_scenario_gives_goes_to_the_store(make_world: "MakeWorld") -> None:
    """With the unit of whoever puts it."""
    world, unit = make_world(), Unit()
    world.sandbox.regime.put(FIRST, unit)
    tables = {table for table, _, _ in unit.rows}
    assert tables == {"accounts", "numbers", "verified_callers"}


async def test_the_engine_heeds_the_switches(make_world: "MakeWorld") -> None:
    """Which statuses are told to webhooks, and whether senders have rates; and back again."""
    sandbox = make_world("manual").sandbox
    document = {"options": {"sending_callbacks": True}, "rates": {"enabled": True}}
    sandbox.regime.put(from_document({"name": "x", **document}), Unit())
    assert (sandbox.engine.announced, sandbox.engine.held_back) == (ANNOUNCED | {"sending"}, True)
    sandbox.regime.put(Scenario("second"), Unit())
    assert (sandbox.engine.announced, sandbox.engine.held_back) == (ANNOUNCED, False)


async def test_nothing_is_made_for_rules_that_are_not_there(make_world: "MakeWorld") -> None:
    """Neither weather nor steps; once they were there, they are told of what comes after."""
    sandbox = make_world("manual").sandbox
    sandbox.regime.put(Scenario("second"), Unit())
    assert not {"storm", "steps"} & sandbox.__dict__.keys()
    weather, steps = [{"id": "w", "then": {"drop": True}}], [{"at": "1m", "off": ["w"]}]
    sandbox.regime.put(from_document({"name": "x", "weather": weather, "steps": steps}), Unit())
    assert {"storm", "steps"} <= sandbox.__dict__.keys()
    assert sandbox.messages.storm is sandbox.storm
    assert sandbox.clock.appointments.count == 1
