"""A scenario's steps on the sandbox's clock."""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import Scenario
from mockserver.world import copying
from mockserver.world.sandboxes import Order
from mockserver.world.scenarios import from_document
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from mockserver.world.sandbox import Sandbox
    from tests.world.conftest import InWorld, MakeWorld, World

OUTAGE = {
    "name": "outage",
    "delivery": [{"id": "lost", "enabled": False, "outcome": "undelivered"}],
    "steps": [{"at": "1m", "on": ["lost"]}, {"at": "3m", "off": ["lost"]}],
}


def put(world: "World", document: dict[str, Any]) -> None:
    """Put a scenario in force."""
    world.sandbox.regime.put(from_document(document), Unit())


def on(sandbox: "Sandbox") -> list[str]:
    """Ids of the delivery rules in force."""
    return [rule.id for rule in sandbox.rules.delivery]


def senders(sandbox: "Sandbox") -> str:
    """How strict it is."""
    return sandbox.rules.options.senders


async def outcomes(world: "World", minutes: int) -> list[str]:
    """How messages end that are sent now and after each of so many minutes."""
    found = []
    for _ in range(minutes + 1):
        message = await world.create()
        await world.advance(30)
        found.append(world.status(message))
        await world.advance(30)
    return found


@pytest.mark.parametrize("clock", ["manual", "instant"])
async def test_an_outage_begins_and_ends(make_world: "MakeWorld", clock: str) -> None:
    """At its times, under both clocks that are advanced."""
    world = make_world(clock)
    put(world, OUTAGE)
    assert await outcomes(world, 4) == [
        *("delivered", "undelivered", "undelivered"),
        *("delivered", "delivered"),
    ]


async def test_steps_are_appointments(make_world: "MakeWorld") -> None:
    """The instant clock does not jump to them: nothing is due, and nothing happens."""
    world = make_world("instant")
    put(world, OUTAGE)
    message = await world.create()
    await world.settled()
    assert world.status(message) == "delivered"
    assert world.idle()
    assert await world.sandbox.engine.advance(None) == 0
    assert world.sandbox.tables.course.taken == 0


async def test_steps_under_a_running_clock(make_world: "MakeWorld") -> None:
    """They happen by themselves, and at once when the clock is moved."""
    world = make_world("scaled:1000")
    put(world, OUTAGE)
    await world.advance(60)
    assert on(world.sandbox) == ["lost"]


async def test_what_is_due_at_once_is_taken_at_once(make_world: "MakeWorld") -> None:
    """Before anything else happens, also under a clock that stands still."""
    world = make_world("manual")
    put(world, {**OUTAGE, "steps": [{"at": 0, "on": ["lost"], "senders": "strict"}]})
    assert senders(world.sandbox) == "strict"
    assert on(world.sandbox) == ["lost"]
    assert world.sandbox.clock.pending == 0


async def test_a_step_sets_switches(make_world: "MakeWorld") -> None:
    """They stay until a later one sets them again; rates and callbacks follow."""
    world = make_world("manual")
    steps = [
        {"at": "1m", "rates": {"enabled": True}, "options": {"sending_callbacks": True}},
        {"at": "2m", "senders": "strict"},
        {"at": "3m", "rates": {"enabled": False}, "options": {"sending_callbacks": False}},
    ]
    put(world, {"options": {"landline_code": 21635}, "steps": steps})
    engine, rules = world.sandbox.engine, world.sandbox.rules
    seen = []
    for _ in range(4):
        held = (engine.held_back, "sending" in engine.announced, rules.options.senders)
        seen.append(held)
        assert rules.options.landline_code == 21635
        await world.advance(60)
    assert seen == [
        (False, False, "any"),
        (True, True, "any"),
        (True, True, "strict"),
        (False, False, "strict"),
    ]


async def test_another_scenario_voids_what_was_booked(make_world: "MakeWorld") -> None:
    """Its own steps count from when it came into force."""
    world = make_world("manual")
    put(world, OUTAGE)
    await world.advance(30)
    put(world, OUTAGE)
    await world.advance(59)
    assert on(world.sandbox) == []
    await world.advance(1)
    assert on(world.sandbox) == ["lost"]
    put(world, {"name": "calm"})
    await world.advance(600)
    assert world.sandbox.tables.course.taken == 0


async def test_a_reset_begins_again(make_world: "MakeWorld") -> None:
    """With the first step still to come."""
    world = make_world("manual", order=Order(scenario=from_document(OUTAGE), clock="manual"))
    await world.advance(60)
    world.sandbox.reset()
    assert world.sandbox.tables.course.taken == 0
    assert on(world.sandbox) == []
    assert await outcomes(world, 1) == ["delivered", "undelivered"]


async def test_a_fork_goes_on_with_the_steps_to_come(make_world: "MakeWorld") -> None:
    """As far as it had come, switches included; the one forked from goes its own way."""
    world = make_world("manual")
    put(world, {**OUTAGE, "steps": [{"at": "1m", "on": ["lost"], "senders": "strict"}]})
    world.sandbox.rules.switch(["lost"], [])
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    assert on(fork) == ["lost"]
    assert senders(fork) == "any"
    await fork.engine.advance(fork.clock.now() + 60_000_000)
    assert senders(fork) == "strict"
    assert senders(world.sandbox) == "any"
    again = copying.fork(world.sandboxes, fork, Order())
    assert (again.tables.course.taken, senders(again)) == (1, "strict")
    assert again.clock.pending == 0


async def test_a_fork_with_another_scenario_begins_it(make_world: "MakeWorld") -> None:
    """Nothing of the course is the new one's."""
    world = make_world("manual")
    put(world, OUTAGE)
    await world.advance(60)
    fork = copying.fork(world.sandboxes, world.sandbox, Order(scenario=from_document(OUTAGE)))
    assert (fork.tables.course.taken, fork.tables.course.since) == (0, fork.clock.now())


async def test_a_snapshot_says_how_far_it_has_come(make_world: "MakeWorld") -> None:
    """Out and in; one that cannot be is refused."""
    world = make_world("manual")
    put(world, OUTAGE)
    await world.advance(60)
    told = msgspec.to_builtins(world.sandbox.snapshot())
    assert told["course"]["taken"] == 1
    assert told["course"]["switched"] == {"lost": True}
    assert parse(told) == world.sandbox.snapshot()
    for wrong in ({"taken": 3}, {"taken": -1}, {"since": told["at"] + 1}, {"since": -1}):
        with pytest.raises(BadSnapshot, match="course is further than the scenario"):
            parse({**told, "course": {**told["course"], **wrong}})


async def test_a_snapshot_without_a_course_begins_the_scenario(make_world: "MakeWorld") -> None:
    """As those of earlier versions do."""
    world = make_world("manual")
    put(world, OUTAGE)
    await world.advance(120)
    told = {**msgspec.to_builtins(world.sandbox.snapshot()), "course": None}
    copying.restore(world.sandboxes, world.sandbox, parse(told))
    assert world.sandbox.tables.course.taken == 0
    await world.advance(60)
    assert on(world.sandbox) == ["lost"]


async def test_a_rule_that_is_taken_out_leaves_its_steps(make_world: "MakeWorld") -> None:
    """They go on without it."""
    world = make_world("manual")
    put(world, OUTAGE)
    world.sandbox.rules.drop("delivery", "lost")
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    await fork.engine.advance(fork.clock.now() + 600_000_000)
    assert fork.tables.course.taken == 2
    assert on(fork) == []


@given(
    st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=6),
    st.lists(st.integers(1, 120), min_size=1, max_size=5),
)
def test_any_course_is_where_its_steps_say(
    in_world: "InWorld[None]", steps: list[tuple[int, bool]], waits: list[int]
) -> None:
    """However the clock is advanced, the rule is as the last step that was due has it."""
    document = {
        "delivery": [{"id": "rule", "outcome": "failed"}],
        "steps": [{"at": at, ("on" if on else "off"): ["rule"]} for at, on in steps],
    }
    ordered = sorted(steps, key=lambda step: step[0])

    async def act(world: "World") -> None:
        put(world, document)
        elapsed = 0
        for wait in (0, *waits):
            await world.advance(wait)
            elapsed += wait
            due = [on for at, on in ordered if at <= elapsed]
            assert world.sandbox.tables.course.taken == len(due)
            assert bool(world.sandbox.rules.delivery) is (due[-1] if due else True)

    in_world("manual", act)


async def test_windows_count_from_when_the_scenario_came_into_force(
    make_world: "MakeWorld",
) -> None:
    """On the sandbox's clock, from `after` on and before `before`."""
    world = make_world("manual")
    await world.advance(600)
    put(world, {"delivery": [{"when": {"after": "1m", "before": "2m"}, "outcome": "failed"}]})
    assert await outcomes(world, 2) == ["delivered", "failed", "delivered"]


def test_a_scenario_without_steps_has_none() -> None:
    """And its document does not speak of any."""
    assert (Scenario("x").steps, "steps" in Scenario("x").document()) == ((), False)
