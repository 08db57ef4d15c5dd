"""Messages of operations, judged by their columns."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.world.verifying.reading import judge
from mockserver.world.verifying.sight import Finding

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

InField = Callable[..., "Field"]
RCS_THEN_SMS = {"address": "+14155550101", "channel": "PHONE"}


async def found(here: "Field", check: Mapping[str, Any]) -> Finding:
    [finding] = (await judge(here.world.sandbox, check)).findings
    return finding


class Silent:
    """A script that is not to be written."""

    def write(self, channel: str, variables: Any) -> Any:
        raise AssertionError(f"a text was written for {channel} and {variables}")

    def prefix(self, channel: str) -> str:
        return f"{channel[0]}M"


@pytest.mark.parametrize(
    "check",
    [
        {"count": {"exactly": 10}, "within": {"from": "0s"}},
        {"count": {"at_most": 1, "per": "60s"}},
        {"final": True},
        {"acknowledged": True},
        {"no_duplicates": True},
        {"opt_outs_heeded": True},
        {"cost": {"segments": 10, "price": "0.079", "segments_each": 1}},
        {"never_after": "1h"},
    ],
)
async def test_no_text_is_written(field: InField, check: Mapping[str, Any]) -> None:
    """For what the columns know, of messages that are as they should be."""
    here = field()
    operation = await here.send(10)
    await here.over()
    await here.world.receive(body="STOP")
    script, operation.script = operation.script, Silent()  # type: ignore[assignment]
    finding = await found(here, {**check, "where": {"origin": "comms"}})
    operation.script = script
    assert finding.ok, finding.explanation


async def test_ordinary_ones_beside_them(field: InField) -> None:
    """Order, costs and repetitions know both."""
    here = field()
    await here.send("+14155550007", text="Ahoy")
    await here.over()
    message = await here.world.create(To="+14155550007")
    await here.over()
    order = [{"origin": "comms"}, {"origin": "messages"}]
    assert (await found(here, {"order": order})).ok
    assert not (await found(here, {"order": order[::-1]})).ok
    repeated = await found(here, {"no_duplicates": True})
    assert list(repeated.matches) == [message.sid]
    cost = await found(here, {"cost": {"segments": 1, "price": "0.01"}})
    assert "2 messages have 2 segments" in cost.explanation
    assert "2 messages cost $0.01580" in cost.explanation


async def test_another_try_is_twilios(field: InField) -> None:
    """The same text by SMS after it was lost by RCS is no repetition."""
    here = field()
    here.pool("SMS", "RCS")
    here.handset("+14155550101", rcs=True)
    lost = {"when": {"channel": "rcs"}, "outcome": "undelivered", "error_code": 30003}
    here.scenario(delivery=[lost])
    operation = await here.send(RCS_THEN_SMS, from_=None)
    await here.over()
    assert [each.channel for each in here.twins(operation)] == ["rcs", "sms"]
    assert (await found(here, {"no_duplicates": True})).ok
    await here.send(RCS_THEN_SMS, from_=None)
    await here.over()
    assert not (await found(here, {"no_duplicates": True})).ok


async def test_those_that_have_not_ended(field: InField) -> None:
    """An attempt under way, and recipients with whom nobody has begun."""
    here = field("manual")
    operation = await here.send(3)
    waiting = await found(here, {"final": True})
    assert not waiting.ok
    begun = len(here.twins(operation))
    left = f"operation {operation.id} has not begun with {3 - begun} recipients"
    assert (left in waiting.explanation) == (begun < 3)
    await here.world.advance(0.2)
    finding = await found(here, {"final": True, "where": {"operation_id": operation.id}})
    assert (finding.ok, finding.matched) == (False, 3)
    assert "is sent and goes on at " in finding.explanation
    await here.world.advance(1)
    assert (await found(here, {"final": True})).ok


async def test_scheduled_operations_may_wait(field: InField) -> None:
    """They are named apart; filters that say more than the operation knows leave them out."""
    here = field("manual")
    when = {"sendAt": "2026-12-02T00:00:00Z"}
    operation = await here.send(5, schedule=when)
    fine = await found(here, {"final": True})
    assert fine.explanation == (
        "0 messages reached a final status. 5 messages are scheduled, as allowed."
    )
    strict: dict[str, Any] = {"final": True, "scheduled": True}
    finding = await found(here, strict)
    assert f"operation {operation.id} has not begun with 5 recipients" in finding.explanation
    assert not (await found(here, {**strict, "where": {"operation_id": operation.id}})).ok
    assert (await found(here, {**strict, "where": {"to": "+1*"}})).ok
    assert (await found(here, {**strict, "within": {"from": "1s"}})).ok
    assert (await found(here, {**strict, "within": {"from": {"body": "x"}}})).ok


async def test_others_have_their_turn(field: InField) -> None:
    """Between some thousand of them, in every kind of check."""
    here = field()
    await here.send(5_000)
    await here.over()
    for check in ({"final": True}, {"no_duplicates": True}, {"cost": {"price": "0.0001"}}):
        turns = 0
        task = asyncio.ensure_future(found(here, check))
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 2
