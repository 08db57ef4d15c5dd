"""What an operation knows of its messages."""

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockserver.domain.message import SECOND
from mockserver.world.bulk.operation import NONE, Run
from mockserver.world.clock import iso

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field


async def test_a_new_one(field: "Callable[..., Field]") -> None:
    """Everybody is queued, nobody was tried."""
    here = field("manual")
    operation = await here.send(3)
    assert (operation.status, operation.number, operation.first) == ("PROCESSING", 0, 0)
    assert operation.created_at == operation.updated_at == here.world.now
    assert [operation.state(place) for place in range(3)] == ["QUEUED"] * 3
    assert [operation.tries(place) for place in range(3)] == [()] * 3
    assert [*operation.latest] == [NONE] * 3
    assert [operation.scheduled_for(place) for place in range(3)] == [0] * 3


async def test_they_are_numbered(field: "Callable[..., Field]") -> None:
    """And so are the messages of all of them, one after another."""
    here = field("manual")
    made = [await here.send(count) for count in (3, 1, 2)]
    assert [each.number for each in made] == [0, 1, 2]
    assert [each.first for each in made] == [0, 3, 4]
    assert [each.id for each in made] == sorted(each.id for each in made)
    ids = [each.ids.message(place) for each in made for place in range(each.count)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 6


async def test_tries_are_told_oldest_first(field: "Callable[..., Field]") -> None:
    """Of who was reached at the second attempt, both."""
    here = field("manual")
    here.pool("SMS", "RCS")
    operation = await here.send(2, from_=None)
    await here.over()
    assert [operation.tries(place) for place in range(2)] == [(0, 2), (1, 3)]
    channels = [operation.ways.senders[way].channel for way in operation.attempts.way]
    assert channels == ["RCS", "RCS", "SMS", "SMS"]
    assert operation.earlier == {0: (0,), 1: (1,)}


async def test_sids_are_those_of_the_channel(field: "Callable[..., Field]") -> None:
    """`MM` where there is media, `SM` where there is none."""
    here = field("manual")
    media = {"media": [{"url": "http://media.example/a.png"}]}
    plain, rich = await here.send(1), await here.send(1, content=media)
    await here.world.advance(0.1)
    assert (plain.sid(0)[:2], rich.sid(0)[:2]) == ("SM", "MM")


async def test_when_each_is_to_go_out(field: "Callable[..., Field]") -> None:
    """At one moment for all, or at each one's own."""
    here = field("manual")
    at = here.world.now + 86_400 * SECOND
    people = ["+14155552671", "+442079460958"]
    same = await here.send(*people, schedule={"sendAt": [iso(at)]})
    own = await here.send(*people, schedule={"sendAt": [iso(at)[:-1]]})
    assert [same.scheduled_for(place) for place in range(2)] == [at, at]
    hours = [(own.scheduled_for(place) - at) / 3_600 / SECOND for place in range(2)]
    assert hours == [5, 0]
    assert same.status == own.status == "SCHEDULED"
    assert same.tally.stats()["scheduled"] == 2


async def test_what_is_left_of_a_run(field: "Callable[..., Field]") -> None:
    """Those with whom nobody has begun, ascending."""
    here = field("manual")
    operation = await here.send(5)
    everybody, some = Run(begun=2), Run(array("I", [1, 3, 4]), begun=1)
    assert [*everybody.left(operation)] == [2, 3, 4]
    assert [*some.left(operation)] == [3, 4]
    assert (everybody.size(operation), some.size(operation)) == (5, 3)


async def test_it_can_be_taken_apart(field: "Callable[..., Field]") -> None:
    """Into pieces of a block each, for who frees it without stopping the world."""
    here = field("manual")
    operation = await here.send(2_500)
    pieces = operation.taken_apart()
    assert sum(type(piece).__name__ == "RecipientBlock" for piece in pieces) == 3
    assert not hasattr(operation, "order")
    assert not operation.runs
