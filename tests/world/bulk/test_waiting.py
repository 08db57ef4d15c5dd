"""Waiting for an operation, on every clock."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.waiting import Late, Never, Unknown, counted, passed, wait_for
from mockserver.world.queries import SandboxGone

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

PATIENCE = 20.0
COHORT = "cmp_cohort_" + "0" * 26
TOMORROW = {"sendAt": ["2026-12-02T00:00:00Z"]}


async def awaited(
    here: "Field", operation: Operation, status: str = "COMPLETED", timeout: float = PATIENCE
) -> Operation:
    return await wait_for(here.world.sandbox, operation.id, status, timeout)


@pytest.mark.parametrize("count", [1, 100, 1_500])
async def test_receipts_are_in_on_the_instant_clock(
    count: int, field: "Callable[..., Field]"
) -> None:
    """Whoever waits finds every message where it stays; also of one worked off between commands."""
    here = field()
    operation = await here.send(count)
    found = await awaited(here, operation)
    assert found is operation
    assert found.tally.stats()["delivered"] == count


async def test_ordinary_messages_are_waited_for(field: "Callable[..., Field]") -> None:
    """Those with media go their own way, and are part of it all the same."""
    here = field()
    media = {"media": [{"url": "https://example.com/a.png"}]}
    operation = await here.send(20, content={"text": "Look", **media})
    found = await awaited(here, operation)
    assert found.tally.stats()["delivered"] == 20


async def test_the_manual_clock_is_the_users(field: "Callable[..., Field]") -> None:
    """A status counts as soon as it is there, receipts or not: they come when it is advanced."""
    here = field("manual")
    operation = await here.send(5)
    assert (await awaited(here, operation, "PROCESSING")).tally.stats()["queued"] == 5
    with pytest.raises(Late) as late:
        await awaited(here, operation, timeout=0)
    assert str(late.value) == "it is PROCESSING: 5 recipients: 5 queued"
    assert "the next event is due at 2026-12-01T00:00:00" in late.value.hint
    await here.world.advance(0.3)
    assert (await awaited(here, operation)).tally.stats()["sent"] == 5
    await here.world.advance(0.3)
    assert (await awaited(here, operation, "PROCESSING")).tally.stats()["delivered"] == 5


async def test_a_waiter_is_told_when_it_comes(field: "Callable[..., Field]") -> None:
    """By whoever advances the clock."""
    here = field("manual")
    operation = await here.send(5)
    waiting = asyncio.ensure_future(awaited(here, operation))
    await here.world.turns(5)
    assert not waiting.done()
    await here.world.advance(0.3)
    assert (await asyncio.wait_for(waiting, PATIENCE)).status == "COMPLETED"


async def test_a_running_clock_answers_at_once(field: "Callable[..., Field]") -> None:
    """As soon as the status is there; until then the hint says when something is due."""
    here = field("scaled:10")
    operation = await here.send(2)
    with pytest.raises(Late) as late:
        await awaited(here, operation, timeout=0)
    assert "The clock is scaled:10 and it is " in late.value.hint
    assert "seconds of wall time from now" in late.value.hint
    assert (await awaited(here, operation)).status == "COMPLETED"


async def test_a_schedule_waits_for_its_time(field: "Callable[..., Field]") -> None:
    """Also on the instant clock, which the hint says."""
    here = field()
    operation = await here.send(2, schedule=TOMORROW)
    assert (await awaited(here, operation, "SCHEDULED")).status == "SCHEDULED"
    with pytest.raises(Late) as late:
        await awaited(here, operation, timeout=0.01)
    assert "advance it by 86400 seconds" in late.value.hint
    await here.world.advance(86_400)
    assert list(passed(await awaited(here, operation))) == ["SCHEDULED", "PROCESSING", "COMPLETED"]


async def test_what_will_never_be(field: "Callable[..., Field]") -> None:
    """A cancelled one does not become completed, nor was one scheduled that began at once."""
    here = field()
    cancelled = await here.send(2, schedule=TOMORROW)
    await here.world.sandbox.bulk.cancel(cancelled)
    for status in ("PROCESSING", "COMPLETED"):
        with pytest.raises(Never, match="it is CANCELED: 2 recipients: 2 canceled"):
            await awaited(here, cancelled, status)
    assert (await awaited(here, cancelled, "SCHEDULED")).status == "CANCELED"
    done = await here.send(1)
    await here.over()
    for status in ("SCHEDULED", "CANCELED"):
        with pytest.raises(Never):
            await awaited(here, done, status)


async def test_cancelling_ends_a_wait(field: "Callable[..., Field]") -> None:
    """At once."""
    here = field()
    operation = await here.send(2, schedule=TOMORROW)
    waiting = asyncio.ensure_future(awaited(here, operation))
    await here.world.turns(5)
    await here.world.sandbox.bulk.cancel(operation)
    with pytest.raises(Never):
        await asyncio.wait_for(waiting, PATIENCE)


async def test_a_reset_or_the_end_ends_a_wait(field: "Callable[..., Field]") -> None:
    """After a reset there is no such operation; nor was there ever one of another id."""
    here = field("manual")
    ends = ((here.world.sandbox.reset, Unknown), (here.world.sandbox.close, SandboxGone))
    for end, raised in ends:
        operation = await here.send(2)
        waiting = asyncio.ensure_future(awaited(here, operation))
        await here.world.turns(5)
        end()
        with pytest.raises(raised):
            await asyncio.wait_for(waiting, PATIENCE)


async def test_counts_in_words(field: "Callable[..., Field]") -> None:
    """Statuses that somebody hopes for first, those of nobody left out."""
    here = field()
    here.scenario(delivery=[{"when": {"to": "+14152000001"}, "outcome": "failed"}])
    nobody = {"address": "+14155550101", "channel": "WHATSAPP"}
    operation = await here.send("+14152000000", "+14152000001", "+14152000002", nobody)
    await here.over()
    assert counted(operation) == "4 recipients: 2 delivered, 1 failed, 1 unaddressable"


async def test_counts_of_nobody(field: "Callable[..., Field]") -> None:
    """A cohort may be empty."""
    here = field()
    here.give(cohorts=[{"id": COHORT, "members": []}])
    operation = await here.send({"cohortId": COHORT})
    await here.over()
    assert counted(operation) == "0 recipients"


# -- what is said when it is over --


@pytest.fixture
def ended() -> list[Any]:
    """Operations that were reported, with their counts."""
    return []


async def test_each_is_reported_once(field: "Callable[..., Field]", ended: list[Any]) -> None:
    """When nothing more becomes of it by itself, receipts included, or when it is cancelled."""
    here = field(report_operation=lambda each: ended.append((each.id, counted(each))))
    media = {"media": [{"url": "https://example.com/a.png"}]}
    plain = await here.send(3)
    pictured = await here.send(2, content={"text": "Look", **media})
    unreachable = await here.send({"address": "+14155550101", "channel": "WHATSAPP"})
    await here.world.settled()
    await here.over()
    later = await here.send(1, schedule=TOMORROW)
    await here.world.sandbox.bulk.cancel(later)
    await here.world.sandbox.messages.force(here.twins(plain)[0], "read", 0)
    assert sorted(ended) == sorted(
        [
            (plain.id, "3 recipients: 3 delivered"),
            (pictured.id, "2 recipients: 2 delivered"),
            (unreachable.id, "1 recipient: 1 unaddressable"),
            (later.id, "1 recipient: 1 canceled"),
        ]
    )


async def test_it_is_not_over_while_receipts_are_out(
    field: "Callable[..., Field]", ended: list[Any]
) -> None:
    """Completed is not over."""
    here = field("manual", report_operation=ended.append)
    operation = await here.send(3)
    await here.world.advance(0.3)
    assert (operation.status, ended) == ("COMPLETED", [])
    await here.world.advance(0.3)
    assert ended == [operation]


async def test_of_its_messages_those_that_fail_are_reported(
    field: "Callable[..., Field]",
) -> None:
    """Also while somebody watches all of them: the operation has a line of its own."""
    told: list[str] = []
    here = field(report=lambda message, delivery: told.append(delivery.status))
    here.world.sandbox.journal.subscribe()
    here.scenario(delivery=[{"when": {"to": "+14152000001"}, "error_code": 30003}])
    await here.send(3)
    await here.over()
    await here.world.create()
    await here.over()
    assert told == ["undelivered", "delivered"]
