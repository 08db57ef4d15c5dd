"""`/scenario`, `/scenarios`, and each section's rules: what decides what becomes of things."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.domain.faults import SECTIONS, Scenario
from mockserver.domain.matching import near
from mockserver.edge.control import rendering
from mockserver.edge.control.ask import Answer, Ask, Handler, Route
from mockserver.edge.control.audiences import ready
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.control.sandboxes import named
from mockserver.world.clock import iso
from mockserver.world.rulebook import Rulebook
from mockserver.world.sandbox import Sandbox
from mockserver.world.scenarios import parse_rule
from mockserver.world.tables import Unit


async def fetch(ask: Ask) -> Answer:
    """The scenario in force, the rules that were added, and what became of each."""
    rules = ask.sandbox.rules
    scenario = rules.scenario
    added = {name: [rule.document() for rule in rules.added(name)] for name in SECTIONS}
    every = list(_rules(ask.sandbox.rules))
    return Answer(
        200,
        {
            "name": scenario.name or None,
            "summary": scenario.summary,
            "scenario": scenario.document(),
            "added": added,
            "counts": rendering.counts(rules.counters, sorted(rules.ids)),
            "rules": every,
            "unmatched": [each["id"] for each in every if not each["matched"]],
            "elapsed_s": rules.elapsed / 1_000_000,
            "next_step": _next_step(ask.sandbox),
        },
    )


def _rules(rules: Rulebook) -> Iterator[dict[str, Any]]:
    """Each rule, in the order in which they are asked, and how often it matched and fired."""
    for name in SECTIONS:
        found = rules.every(name)
        counts = rendering.counts(rules.counters, [rule.id for rule in found])
        for rule in found:
            enabled = rules.enabled(rule)
            yield {"id": rule.id, "section": name, "enabled": enabled, **counts[rule.id]}


def _next_step(sandbox: Sandbox) -> dict[str, Any] | None:
    """The step that the scenario takes next, and when, if there is one."""
    step = sandbox.rules.next_step
    if step is None:
        return None
    return {**step.document(), "due": iso(sandbox.tables.course.since + step.at)}


async def put(ask: Ask) -> Answer:
    """Put a scenario in force, by name or as a document."""
    if ("name" in ask.body) == ("scenario" in ask.body):
        raise Refusal("bad_body", "say either `name` or `scenario`")
    chosen = ask.body.get("parameters", {})
    scenario = named(ask, ask.body.get("name") or ask.body["scenario"], chosen)
    return await _put(ask, await ready(scenario, ask.sandbox))


async def remove(ask: Ask) -> Answer:
    """Put the scenario in force that the sandbox was made with; added rules go."""
    return await _put(ask, ask.sandbox.plan.scenario)


async def _put(ask: Ask, scenario: Scenario) -> Answer:
    ask.sandboxes.holders.claim_given(scenario, ask.sandbox)
    unit = Unit()
    ask.sandbox.regime.put(scenario, unit)
    await ask.sandbox.engine.commit(unit)
    return await fetch(ask)


async def switch(ask: Ask) -> Answer:
    """Put rules in force, or out of it, until the scenario's steps say otherwise."""
    rules = ask.sandbox.rules
    on, off = ask.body.get("on", []), ask.body.get("off", [])
    for rule_id in (*on, *off):
        if rule_id not in rules.ids:
            hint = near(rule_id, rules.ids)
            meant = f"; did you mean {hint!r}?" if hint else ""
            raise Refusal("not_found", f"there is no rule {rule_id!r}{meant}")
    if both := sorted({*on} & {*off}):
        raise Refusal("bad_body", f"{both[0]!r} cannot be switched on and off at once")
    rules.switch(on, off)
    return await fetch(ask)


async def library(ask: Ask) -> Answer:
    """The scenarios there are."""
    listed = [{"name": name, "summary": text} for name, text in ask.library.summaries()]
    return Answer(200, {"scenarios": listed})


# Single rules


def _each(name: str) -> tuple[Handler, Handler, Handler]:
    """What lists the rules of a section, adds one, and takes one or all out."""

    async def listed(ask: Ask) -> Answer:
        rules = ask.sandbox.rules
        found = rules.every(name)
        counts = rendering.counts(rules.counters, [rule.id for rule in found])
        return Answer(200, {name: [rule.document() for rule in found], "counts": counts})

    async def add(ask: Ask) -> Answer:
        rule = parse_rule(name, ask.body, ask.sandbox.rules.ids)
        ask.sandbox.rules.add(rule)
        return Answer(201, {"id": rule.id})

    async def drop(ask: Ask) -> Answer:
        rule_id = ask.params.get("id")
        if not ask.sandbox.rules.drop(name, rule_id) and rule_id is not None:
            raise Refusal("not_found", f"there is no rule {rule_id!r} in {name}")
        return Answer(204)

    return listed, add, drop


ABOUT: Final[Mapping[str, tuple[str, str]]] = {
    "delivery": ("The rules that decide how messages end.", "it goes before the others"),
    "faults": ("The rules by which the API misbehaves.", "it waits behind those added before"),
    "weather": ("The rules by which webhooks misbehave.", "it goes before the others"),
    "handsets": ("The rules by which handsets write back.", "it goes before the others"),
}
"""Each section's rules, and where one that is added stands."""


def _rule_routes(name: str) -> tuple[Route, ...]:
    listed, add, drop = _each(name)
    about, place = ABOUT[name]
    return (
        Route("GET", f"/{name}", listed, about),
        Route("POST", f"/{name}", add, f"Add a rule; {place}.", body=name, status=201),
        Route("DELETE", f"/{name}", drop, f"Take all rules of {name} out.", status=204),
        Route("DELETE", f"/{name}/{{id}}", drop, "Take one out.", status=204),
    )


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
    Route(
        "POST",
        "/scenario/switch",
        switch,
        "Put rules in force, or out of it, by id.",
        body="control/SwitchRules",
    ),
    Route("GET", "/scenarios", library, "The scenarios there are.", shared=True),
    *(route for name in SECTIONS for route in _rule_routes(name)),
    _not_yet("GET", "/ca.pem", "The CA of the mock's certificates."),
    _not_yet("GET", "/ca-bundle.pem", "The same with the system's roots."),
)
