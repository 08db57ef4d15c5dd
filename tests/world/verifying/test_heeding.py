"""Whether somebody who wanted no more messages got one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.numbers import OptOut
from mockserver.world.ports import Answer
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import World

MakeWorld = Callable[..., "World"]
YOU, ME, OTHER = "+14155552671", "+15017122661", "+15017122662"
SHORT = "12345"
SERVICE = "MG" + "d" * 32


def stopped(world: "World", sender: str, at: int) -> None:
    """An opt-out, put there behind the back of those who would refuse the messages."""
    world.sandbox.tables.opt_outs.add(OptOut(sender, YOU, at), Unit())


async def test_nobody_has_opted_out(make_world: MakeWorld, judge: Any) -> None:
    """Then nothing is looked at."""
    world = make_world()
    await world.create()
    found = await judge(world, opt_outs_heeded=True)
    assert (found.ok, found.matched) == (True, 0)


async def test_twilios_opt_outs(make_world: MakeWorld, judge: Any) -> None:
    """What came before them may have been sent, what came after may not; nor to others."""
    world = make_world("manual")
    await world.create(Body="before")
    await world.advance(1)
    late = await world.create(Body="late")
    await world.create(To="+14155550002", Body="another")
    await world.create(From=OTHER, Body="from another")
    stopped(world, ME, late.created_at - 1)
    found = await judge(world, opt_outs_heeded=True)
    assert (found.matched, list(found.matches)) == (4, [late.sid])
    assert found.explanation == (
        "Expected nothing to go to anybody who had opted out, but "
        f"{late.sid} (to '{YOU}', 'late', at 2026-12-01T00:00:01.000000Z) went to one "
        "opted out since 2026-12-01T00:00:00.999999Z."
    )
    assert found.near[0].differences["to"].actual == YOU


async def test_from_the_start(make_world: MakeWorld, judge: Any) -> None:
    """An opt-out that a seed put there has no time."""
    world = make_world("manual")
    await world.create()
    stopped(world, ME, 0)
    found = await judge(world, opt_outs_heeded=True)
    assert found.explanation.endswith("went to one opted out from the start.")


async def test_what_twilio_refused_did_not_go(make_world: MakeWorld, judge: Any) -> None:
    """A service accepts it, and gives it up with 21610."""
    world = make_world()
    stopped(world, SERVICE, 0)
    refused = await world.create({"From": "-", "MessagingServiceSid": SERVICE})
    await world.settled()
    assert (world.status(refused), world.delivery(refused).error_code) == ("failed", 21610)
    found = await judge(world, opt_outs_heeded=True)
    assert (found.ok, found.matched) == (True, 0)


@pytest.mark.parametrize("word", ["STOP", "unsubscribe", " OptOut "])
async def test_what_is_left_to_the_program(make_world: MakeWorld, judge: Any, word: str) -> None:
    """To a short code without a service: Twilio does nothing, the program must."""
    world = make_world()
    await world.create(From=SHORT, Body="before")
    await world.settled()
    await world.receive(body=word, to=_short())
    late = await world.create(From=SHORT, Body="late")
    await world.create(Body="another sender")
    await world.settled()
    found = await judge(world, opt_outs_heeded=True)
    assert list(found.matches) == [late.sid]
    await world.receive(body="START", to=_short())
    await world.create(From=SHORT, Body="welcome")
    await world.settled()
    found = await judge(world, opt_outs_heeded=True)
    assert list(found.matches) == [late.sid]


async def test_words_that_may_mean_something_else(make_world: MakeWorld, judge: Any) -> None:
    """CANCEL to a short code cancels what the program says it does."""
    world = make_world()
    await world.receive(body="CANCEL", to=_short())
    await world.create(From=SHORT)
    assert (await judge(world, opt_outs_heeded=True)).ok


async def test_an_answer_may_go(make_world: MakeWorld, judge: Any) -> None:
    """The program confirms in its answer to the text itself."""
    world = make_world()
    world.give(_with_hook())
    kind = (("Content-Type", "text/xml"),)
    answer = Answer(200, kind, b"<Response><Message>Bye</Message></Response>")
    received = await world.receive(answer, body="STOP", to=_short())
    assert [each.body for each in received.replies] == ["Bye"]
    assert (await judge(world, opt_outs_heeded=True)).ok


def _short() -> Any:
    from mockserver.domain.addresses import parse_from

    return parse_from(SHORT)


def _with_hook() -> Any:
    from mockserver.world.scenarios import from_document

    number = {"phone_number": SHORT, "sms_url": "http://app.test/sms"}
    return from_document({"given": {"numbers": [number]}}).given
