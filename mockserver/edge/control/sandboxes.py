"""`/health`, `/sandboxes`, `/reset`, `/seed`: the server and its sandboxes."""

from typing import Any, Final

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.matching import near
from mockserver.domain.version import __version__
from mockserver.edge.control import rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.audiences import ready
from mockserver.edge.control.freeing import free
from mockserver.edge.control.refusals import Refusal
from mockserver.world import copying
from mockserver.world.clock import Mode, parse_instant
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import DEFAULT, Order, Sandboxes
from mockserver.world.scenarios import parse_given
from mockserver.world.seed import furnish
from mockserver.world.tables import Unit


async def health(ask: Ask) -> Answer:
    """The server lives."""
    return Answer(
        200,
        {
            "status": "ok",
            "version": __version__,
            "uptime_s": round(ask.uptime, 3),
            "sandboxes": len(ask.sandboxes),
        },
    )


async def list_(ask: Ask) -> Answer:
    """All that live, oldest first."""
    return Answer(200, {"sandboxes": [rendering.sandbox(each) for each in ask.sandboxes]})


async def dropped(ask: Ask) -> Answer:
    """What those saw that are gone, where that is kept."""
    partings = ask.sandboxes.house.partings
    if partings is None:
        return Answer(200, {"kept": False, "lives": 0, "totals": {}, "statuses": {}, **_NOTHING})
    return Answer(
        200,
        {
            "kept": True,
            "lives": partings.lives,
            "totals": partings.totals,
            "statuses": partings.statuses,
            "messages": [_of_life(*each) for each in partings.messages],
            "requests": [
                _of_life(each.life, each.sandbox, rendering.request(each.entry))
                for each in partings.calls
            ],
            "callbacks": [
                _of_life(each.life, each.sandbox, rendering.callback(each.entry))
                for each in partings.attempts
            ],
        },
    )


def _of_life(life: int, sandbox: str, entry: rendering.Document) -> rendering.Document:
    return {"sandbox": sandbox, "life": life, "entry": entry}


_NOTHING: Final = {"messages": (), "requests": (), "callbacks": ()}


async def make(ask: Ask) -> Answer:
    """A new sandbox, empty or forked from another."""
    order, origin = await _order(ask), ask.body.get("from")
    if origin is None:
        made = ask.sandboxes.make(order)
    else:
        if {"type", "mode"} & ask.body.get("account", {}).keys():
            raise _bad("account", "a fork's account is of the type and mode of the one forked from")
        made = await copying.forked(ask.sandboxes, living(ask.sandboxes, origin), order)
    return Answer(201, rendering.sandbox(made))


async def _order(ask: Ask) -> Order:
    body: dict[str, Any] = ask.body
    seed = body.get("seed")
    chosen = body.get("parameters", {})
    said = named(ask, body["scenario"], chosen) if "scenario" in body else None
    if chosen and said is None:
        raise _bad("parameters", "belong to a scenario: say which `scenario`")
    return Order(
        scenario=None if said is None else await ready(said, None),
        clock=mode("clock", body["clock"]).name if "clock" in body else "",
        start=instant("start", body["start"]) if "start" in body else None,
        seed=None if seed is None else int(seed),
        ttl=float(body.get("ttl_s", 0)),
        account=Account(**{"sid": "", **body["account"]}) if "account" in body else None,
    )


def named(ask: Ask, scenario: str | dict[str, Any], chosen: dict[str, Any]) -> Scenario:
    """A scenario by its name or as a document; raise `ScenarioError`.

    `chosen` are values for its parameters.
    """
    if isinstance(scenario, str):
        return ask.library.get(scenario, chosen)
    return ask.library.read(scenario, chosen)


def mode(name: str, text: str) -> Mode:
    """A clock's mode out of a body."""
    try:
        return Mode.parse(text)
    except ValueError as wrong:
        raise _bad(name, str(wrong)) from None


def instant(name: str, text: str) -> int:
    """A time out of a body."""
    try:
        return parse_instant(text)
    except (ValueError, OverflowError) as wrong:
        raise _bad(name, str(wrong)) from None


def _bad(name: str, message: str) -> Refusal:
    fault = {"path": name, "message": message, "hint": ""}
    return Refusal("bad_body", f"{name}: {message}", {"faults": [fault]})


def living(sandboxes: Sandboxes, sandbox_id: str) -> Sandbox:
    """A sandbox by its id."""
    sandbox = sandboxes.get(sandbox_id)
    if sandbox is None:
        hint = near(sandbox_id, [each.id for each in sandboxes])
        meant = f"; did you mean {hint!r}?" if hint else ""
        raise Refusal("unknown_sandbox", f"there is no sandbox {sandbox_id!r}{meant}")
    return sandbox


async def fetch(ask: Ask) -> Answer:
    """One of them."""
    return Answer(200, rendering.sandbox(ask.sandbox))


async def drop(ask: Ask) -> Answer:
    """End a sandbox; its accounts are nobody's again."""
    if ask.sandbox.id == DEFAULT:
        raise Refusal("default_sandbox", "the sandbox `default` is always there; reset it instead")
    tables = ask.sandbox.tables
    ask.sandboxes.drop(ask.sandbox)
    ask.later(free(tables))
    return Answer(204)


async def reset(ask: Ask) -> Answer:
    """The sandbox as it was made."""
    ask.later(free(await copying.renewed(ask.sandboxes, ask.sandbox)))
    return Answer(204)


async def seed(ask: Ask) -> Answer:
    """Set up accounts, numbers, verified callers, services, opt-outs, cohorts."""
    sandbox = ask.sandbox
    scenario = await ready(Scenario("seed", given=parse_given(ask.body)), sandbox)
    ask.sandboxes.holders.claim_given(scenario, sandbox)
    unit, given = Unit(), scenario.given
    furnish(given, sandbox.tables, sandbox.accounts, sandbox.dice, unit)
    await sandbox.engine.commit(unit)
    return Answer(200, {"given": given.document()})


ROUTES: Final = (
    Route("GET", "/health", health, "The server lives.", answer="Health", shared=True),
    Route("GET", "/sandboxes", list_, "All that live.", answer="Sandboxes", shared=True),
    Route(
        "POST",
        "/sandboxes",
        make,
        "Make a sandbox, empty or forked from another.",
        body="control/MakeSandbox",
        answer="Sandbox",
        status=201,
        shared=True,
    ),
    Route(
        "GET",
        "/dropped",
        dropped,
        "What sandboxes saw that were dropped or reset, on a server with --keep-dropped.",
        answer="Dropped",
        shared=True,
    ),
    Route("GET", "/sandboxes/{sandbox}", fetch, "One sandbox.", answer="Sandbox", shared=True),
    Route("DELETE", "/sandboxes/{sandbox}", drop, "End a sandbox.", status=204, shared=True),
    Route("POST", "/reset", reset, "The sandbox as it was made.", status=204),
    Route(
        "POST",
        "/seed",
        seed,
        "Set up accounts, numbers, verified callers, services, opt-outs: a scenario's `given`.",
        body="given",
    ),
)
