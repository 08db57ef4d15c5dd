"""`/scenario`, `/scenarios`, `/delivery`, `/faults`, `/weather`: what decides fates and faults."""

from typing import Any, Final

from mockserver.domain.faults import Scenario
from mockserver.edge.control import rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.audiences import ready
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.control.sandboxes import named
from mockserver.world.scenarios import parse_delivery_rule, parse_fault_rule
from mockserver.world.tables import Unit


async def fetch(ask: Ask) -> Answer:
    """The scenario in force, the rules that were added, and how often each fired."""
    rules = ask.sandbox.rules
    scenario = rules.scenario
    added = {
        "delivery": [rule.document() for rule in rules.delivery if rule not in scenario.delivery],
        "faults": [rule.document() for rule in rules.faults if rule not in scenario.faults],
    }
    return Answer(
        200,
        {
            "name": scenario.name or None,
            "summary": scenario.summary,
            "scenario": scenario.document(),
            "added": added,
            "counts": rendering.counts(rules.counters, sorted(rules.ids)),
        },
    )


async def put(ask: Ask) -> Answer:
    """Put a scenario in force, by name or as a document."""
    if ("name" in ask.body) == ("scenario" in ask.body):
        raise Refusal("bad_body", "say either `name` or `scenario`")
    scenario = named(ask, ask.body.get("name") or ask.body["scenario"])
    return await _put(ask, await ready(scenario, ask.sandbox))


async def remove(ask: Ask) -> Answer:
    """Put the scenario in force that the sandbox was made with; added rules go."""
    return await _put(ask, ask.sandbox.plan.scenario)


async def _put(ask: Ask, scenario: Scenario) -> Answer:
    ask.sandboxes.claim_given(scenario, ask.sandbox)
    unit = Unit()
    ask.sandbox.put_scenario(scenario, unit)
    await ask.sandbox.engine.commit(unit)
    return await fetch(ask)


async def library(ask: Ask) -> Answer:
    """The scenarios there are."""
    listed = [{"name": name, "summary": text} for name, text in ask.library.summaries()]
    return Answer(200, {"scenarios": listed})


# Single rules


async def list_delivery(ask: Ask) -> Answer:
    """The rules that decide how messages end, the first that matches decides."""
    return _listed(ask, "delivery", ask.sandbox.rules.delivery)


async def list_faults(ask: Ask) -> Answer:
    """The rules by which the API misbehaves."""
    return _listed(ask, "faults", ask.sandbox.rules.faults)


def _listed(ask: Ask, key: str, rules: tuple[Any, ...]) -> Answer:
    counts = rendering.counts(ask.sandbox.rules.counters, [rule.id for rule in rules])
    return Answer(200, {key: [rule.document() for rule in rules], "counts": counts})


async def add_delivery(ask: Ask) -> Answer:
    """A rule that goes before those that are there."""
    rule = parse_delivery_rule(ask.body, ask.sandbox.rules.ids)
    ask.sandbox.rules.add_delivery(rule)
    return Answer(201, {"id": rule.id})


async def add_fault(ask: Ask) -> Answer:
    """A rule that goes behind those that were added, and before the scenario's."""
    rule = parse_fault_rule(ask.body, ask.sandbox.rules.ids)
    ask.sandbox.rules.add_fault(rule)
    return Answer(201, {"id": rule.id})


async def clear_delivery(ask: Ask) -> Answer:
    """Take all of them out."""
    return _dropped(ask, "delivery")


async def clear_faults(ask: Ask) -> Answer:
    """Take all of them out."""
    return _dropped(ask, "faults")


def _dropped(ask: Ask, kind: str) -> Answer:
    rule_id = ask.params.get("id")
    if not ask.sandbox.rules.drop(kind, rule_id) and rule_id is not None:
        raise Refusal("not_found", f"there is no rule {rule_id!r} in {kind}")
    return Answer(204)


async def list_weather(ask: Ask) -> Answer:
    """None yet."""
    return Answer(200, {"weather": [], "counts": {}})


async def not_served(ask: Ask) -> Answer:
    """What the papers name and this version lacks."""
    what = f"{ask.request.method} {ask.request.raw_path.partition('?')[0]}"
    raise Refusal("not_served", f"this version does not serve {what} yet")


def _not_yet(method: str, path: str, what: str) -> Route:
    return Route(method, path, not_served, f"{what} Not served by this version.", status=404)


ROUTES: Final = (
    Route("GET", "/scenario", fetch, "The scenario in force, with how often each rule fired."),
    Route(
        "PUT",
        "/scenario",
        put,
        "Put a scenario in force; rules, counters and switches are replaced, `given` is added.",
        body="control/PutScenario",
    ),
    Route("DELETE", "/scenario", remove, "Back to the scenario that the sandbox was made with."),
    Route("GET", "/scenarios", library, "The scenarios there are.", shared=True),
    Route("GET", "/delivery", list_delivery, "The rules that decide how messages end."),
    Route(
        "POST",
        "/delivery",
        add_delivery,
        "Add a rule; it goes before the others.",
        body="delivery",
        status=201,
    ),
    Route("DELETE", "/delivery", clear_delivery, "Take all delivery rules out.", status=204),
    Route("DELETE", "/delivery/{id}", clear_delivery, "Take one out.", status=204),
    Route("GET", "/faults", list_faults, "The rules by which the API misbehaves."),
    Route(
        "POST",
        "/faults",
        add_fault,
        "Add a rule; it waits behind those added before.",
        body="faults",
        status=201,
    ),
    Route("DELETE", "/faults", clear_faults, "Take all fault rules out.", status=204),
    Route("DELETE", "/faults/{id}", clear_faults, "Take one out.", status=204),
    Route("GET", "/weather", list_weather, "The rules by which webhooks misbehave: none yet."),
    _not_yet("POST", "/weather", "Make webhooks misbehave."),
    _not_yet("DELETE", "/weather", "Take all weather rules out."),
    _not_yet("DELETE", "/weather/{id}", "Take one out."),
    _not_yet("GET", "/ca.pem", "The CA of the mock's certificates."),
    _not_yet("GET", "/ca-bundle.pem", "The same with the system's roots."),
)
