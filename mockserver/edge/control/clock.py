"""`/clock`: how the sandbox's time passes, and moving it."""

from typing import Final

from mockserver.domain.message import SECOND
from mockserver.edge.control import rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.control.sandboxes import instant, mode
from mockserver.world.clock import iso

WAYS: Final = ("seconds", "to", "until")


async def fetch(ask: Ask) -> Answer:
    """The clock as it stands."""
    ask.sandbox.engine.catch_up()
    return Answer(200, rendering.clock(ask.sandbox))


async def put(ask: Ask) -> Answer:
    """Let time pass in another way, go on to a time, or both."""
    if not ask.body:
        raise Refusal("bad_body", "say `mode`, `now`, or both")
    ask.sandbox.engine.catch_up()
    target = _later(ask, instant("now", ask.body["now"])) if "now" in ask.body else None
    if "mode" in ask.body:
        ask.sandbox.engine.switch(mode("mode", ask.body["mode"]))
    if target is not None:
        await ask.sandbox.engine.advance(target)
    return Answer(200, rendering.clock(ask.sandbox))


async def advance(ask: Ask) -> Answer:
    """Go on, and answer after everything has happened that was due on the way."""
    if len(ask.body) != 1:
        raise Refusal("bad_body", f"say one of {', '.join(WAYS)}")
    ask.sandbox.engine.catch_up()
    ran = await ask.sandbox.engine.advance(_target(ask))
    return Answer(200, {**rendering.clock(ask.sandbox), "ran": ran})


def _target(ask: Ask) -> int | None:
    """Where to; nothing for until idle."""
    if "until" in ask.body:
        return None
    if "seconds" in ask.body:
        seconds: float = ask.body["seconds"]
        return ask.sandbox.clock.now() + round(seconds * SECOND)
    return _later(ask, instant("to", ask.body["to"]))


def _later(ask: Ask, at: int) -> int:
    now = ask.sandbox.clock.now()
    if at < now:
        raise Refusal("bad_body", f"{iso(at)} is past: it is {iso(now)}, and time only goes on")
    return at


ROUTES: Final = (
    Route("GET", "/clock", fetch, "The clock as it stands.", answer="Clock"),
    Route(
        "PUT",
        "/clock",
        put,
        "Let time pass in another way, or go on to a time.",
        body="control/PutClock",
        answer="Clock",
    ),
    Route(
        "POST",
        "/clock/advance",
        advance,
        "Go on, and answer after everything has happened that was due on the way.",
        body="control/Advance",
        answer="Clock",
    ),
)
