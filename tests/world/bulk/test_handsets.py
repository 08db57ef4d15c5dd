"""Handsets that answer what operations of the Communications API sent them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mockserver.world.bulk.happened import RECEIVED

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field


def written(here: "Field") -> list[tuple[str, str]]:
    """What handsets wrote: who, and what."""
    return [(each.from_, each.body) for each in here.world if each.direction == "inbound"]


async def test_what_was_delivered_is_answered(field: "Callable[..., Field]") -> None:
    """Each recipient's message on its own, with its text; what was not delivered is not."""
    here = field()
    here.scenario(
        delivery=[{"when": {"to": "+14152000001"}, "outcome": "undelivered"}],
        handsets=[{"when": {"body_regex": r"(\w+)!"}, "reply": r"\1 yourself", "delay": "1m"}],
    )
    operation = await here.send(3, text="Ahoy!")
    await here.over()
    answers = [("+14152000000", "Ahoy yourself"), ("+14152000002", "Ahoy yourself")]
    assert written(here) == answers
    assert operation.tally.stats()["delivered"] == 2


async def test_an_answer_is_a_message_received(field: "Callable[..., Field]") -> None:
    """The Communications API tells of it as of any that came in."""
    here = field()
    here.scenario(handsets=[{"reply": "Yes"}])
    await here.send(1)
    await here.over()
    assert [each.kind for each in here.world.sandbox.events].count(RECEIVED) == 1


async def test_who_answers_stop_is_left_out_of_the_next_one(field: "Callable[..., Field]") -> None:
    """Its attempt fails with 21610."""
    here = field()
    here.scenario(handsets=[{"when": {"to": "+14152000000"}, "reply": "STOP"}])
    await here.send(2)
    await here.over()
    second = await here.send(2)
    await here.over()
    assert [code for _, _, code in here.told(second)] == [21610, 0]


async def test_on_rcs_the_handset_writes_there(
    field: "Callable[..., Field]",
) -> None:
    """A classic message of an operation names the channel with its sender alone."""
    here = field()
    here.handset("+14152000000", rcs=True)
    here.scenario(handsets=[{"reply": "Yes"}])
    await here.send(1, from_={"address": "agent", "channel": "RCS"})
    await here.over()
    [answer] = [each for each in here.world if each.direction == "inbound"]
    assert (answer.from_, answer.to, answer.channel) == ("rcs:+14152000000", "rcs:agent", "rcs")
