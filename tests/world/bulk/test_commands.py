"""Accepting, cancelling and finding operations."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.message import SECOND
from mockserver.world import copying
from mockserver.world.bulk.commands import NotCancelable
from mockserver.world.clock import iso
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

OTHER = Account("AC" + "9" * 32)
DAY = 86_400


def in_an_hour(field: "Field") -> dict[str, list[str]]:
    return {"sendAt": [iso(field.world.now + 3_600 * SECOND)]}


async def test_one_seed_one_story(field: "Callable[..., Field]") -> None:
    """Two runs alike: ids, SIDs, times, fates."""
    told = []
    for _ in range(2):
        here = field("instant")
        here.pool("SMS", "RCS")
        here.scenario(delivery=[{"when": {"share": 0.5}, "outcome": "undelivered"}])
        operations = [await here.send(10, from_=None), await here.send(5)]
        await here.over()
        told.append([here.facts(each) for each in operations])
    assert told[0] == told[1]


async def test_it_is_there_at_once(field: "Callable[..., Field]") -> None:
    """Found by its id, and by the id of any of its messages."""
    here = field("manual")
    operation = await here.send(3)
    bulk, account = here.world.sandbox.bulk, here.world.sandbox.accounts.first
    assert bulk.find(account, operation.id) is operation
    assert [*bulk.of(account)] == [operation]
    for place in range(3):
        assert bulk.find_message(account, operation.ids.message(place)) == (operation, place)


async def test_what_is_not_there(field: "Callable[..., Field]") -> None:
    """Another account's, an id that none has, one of a recipient without a message."""
    here = field("manual")
    here.pool("SMS")
    nobody = {"address": "+14155550100", "channel": "WHATSAPP"}
    operation = await here.send(1, from_=None)
    empty = await here.send(nobody, from_=None)
    await here.over()
    bulk, account = here.world.sandbox.bulk, here.world.sandbox.accounts.first
    assert bulk.find(OTHER, operation.id) is None
    assert bulk.find_message(OTHER, operation.ids.message(0)) is None
    assert [*bulk.of(OTHER)] == []
    for id_ in ("", "x", operation.ids.message(1_000), operation.id, empty.ids.message(0)):
        assert bulk.find_message(account, id_) is None


async def test_a_classic_message_leads_back(field: "Callable[..., Field]") -> None:
    """Of whichever attempt."""
    here = field("manual")
    here.pool("SMS", "RCS")
    operation = await here.send(2, from_=None)
    await here.over()
    bulk = here.world.sandbox.bulk
    assert [bulk.behind(each) for each in here.twins(operation)] == [
        (operation, place) for place in (0, 1, 0, 1)
    ]


@pytest.mark.parametrize(("retention", "days"), [(7 * DAY, 7), (DAY, 1), (0, None)])
async def test_it_is_shown_for_a_while(
    field: "Callable[..., Field]", retention: int, days: int | None
) -> None:
    """On the sandbox's clock; then neither it nor its messages are found, unless for ever."""
    here = field("manual")
    here.scenario(options={"comms_retention": retention})
    operation = await here.send(1)
    bulk, account = here.world.sandbox.bulk, here.world.sandbox.accounts.first
    await here.world.advance((days or 0) * DAY - 1 if days else 400 * DAY)
    assert bulk.find(account, operation.id) is operation
    if days:
        await here.world.advance(1)
        assert bulk.find(account, operation.id) is None
        assert bulk.find_message(account, operation.ids.message(0)) is None
        assert [*bulk.of(account)] == []


async def test_cancelling(field: "Callable[..., Field]") -> None:
    """One that is scheduled: nothing of it ever begins."""
    here = field("manual")
    operation = await here.send(3, schedule=in_an_hour(here))
    await here.world.advance(60)
    await here.world.sandbox.bulk.cancel(operation)
    assert operation.status == "CANCELED"
    assert operation.tally.stats()["canceled"] == 3
    assert operation.updated_at == here.world.now
    await here.world.advance(7_200)
    assert operation.tally.stats()["canceled"] == 3
    assert here.twins(operation) == []
    assert here.world.sandbox.clock.pending == 0


@pytest.mark.parametrize("schedule", [True, False])
async def test_what_cannot_be_cancelled(field: "Callable[..., Field]", schedule: bool) -> None:
    """What has begun, what is over, what is canceled."""
    here = field("manual")
    fields = {"schedule": in_an_hour(here)} if schedule else {}
    operation = await here.send(1, text="Ahoy", **fields)
    bulk = here.world.sandbox.bulk
    if schedule:
        await bulk.cancel(operation)
    with pytest.raises(NotCancelable, match=operation.status):
        await bulk.cancel(operation)
    await here.world.advance(7_200)
    with pytest.raises(NotCancelable, match="CANCELED" if schedule else "COMPLETED"):
        await bulk.cancel(operation)


async def test_cancelling_some_by_their_own_clocks(field: "Callable[..., Field]") -> None:
    """Once the first of them has begun it is too late for all."""
    here = field("manual")
    at = iso(here.world.now + DAY * SECOND)[:-1]
    operation = await here.send("+442079460958", "+14155552671", schedule={"sendAt": [at]})
    await here.world.advance(DAY)
    with pytest.raises(NotCancelable, match="PROCESSING"):
        await here.world.sandbox.bulk.cancel(operation)


async def test_dropped_tables_are_freed_in_parts(field: "Callable[..., Field]") -> None:
    """So many records at a time, until nothing of operations and messages is left."""
    here = field("instant")
    here.pool("SMS", "RCS")
    await here.send(2_500, from_=None)
    await here.over()
    await here.world.create()
    old = copying.reset(here.world.sandboxes, here.world.sandbox)
    parts = 0
    while old.shed(1_000):
        parts += 1
        await asyncio.sleep(0)
    assert parts > 10
    assert not old.operations
    assert not old.crumbs
    assert len(old.messages) == 0


async def test_accounts_come_into_being(field: "Callable[..., Field]") -> None:
    """With their first operation, as with their first message."""
    here = field("manual")
    sandbox = here.world.sandbox
    operation = await here.send(1)
    order = operation.order
    made = await sandbox.bulk.accept(OTHER, order, Unit())
    assert made.account_sid == OTHER.sid
    assert sandbox.accounts.find(OTHER.sid) is not None
    await here.over()
    assert [each.account_sid for each in here.twins(made)] == [OTHER.sid]
    listed = here.tables.messages.lists.newest_first(OTHER.sid, None, None, None)
    assert [each.sid for each in listed] == [made.sid(0)]
