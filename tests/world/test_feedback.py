"""What is kept of Message Feedback, and that it goes along with snapshots and forks."""

from typing import Any, Final

import msgspec
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.feedback import Feedback
from mockserver.domain.message import SECOND, Message
from mockserver.world.clock import SEEDED_START, Mode
from mockserver.world.feedback import report
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.schemas import Reading
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

OWN: Final = "AC" + "1" * 32


class Nobody:
    """A courier for messages without callbacks."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        raise NotImplementedError(parcel.url)

    async def close(self) -> None:
        """Nothing is open."""


class Kept(MemoryStore):
    """Counts units."""

    def __init__(self) -> None:
        self.units: list[Unit] = []

    async def commit(self, unit: Unit) -> None:
        self.units.append(unit)


def sandbox(store: MemoryStore | None = None) -> Sandbox:
    plan = Plan("sb", Account(OWN, "token"), seed=1, seed_given=True, mode=Mode.parse("manual"))
    return Sandbox(plan, House(Nobody(), store or MemoryStore()))


async def send(box: Sandbox) -> Message:
    values = {"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy"}
    message, _ = await box.messages.create(box.accounts.first, Reading(values))
    box.outbox.release(message.sid)
    return message


def document(box: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(box.snapshot()))
    return found


async def test_one_report_is_one_unit() -> None:
    """Of one row."""
    store = Kept()
    box = sandbox(store)
    message = await send(box)
    before = len(store.units)
    feedback = await report(box.tables, box.engine, message, "confirmed")
    assert [unit.rows for unit in store.units[before:]] == [
        [("feedback", message.sid, feedback)],
    ]
    assert feedback == Feedback(message.sid, "confirmed", SEEDED_START, SEEDED_START)


async def test_the_last_report_counts() -> None:
    """Since when there is one does not change."""
    box = sandbox()
    message = await send(box)
    await report(box.tables, box.engine, message, "unconfirmed")
    await box.engine.advance(SEEDED_START + SECOND)
    feedback = await report(box.tables, box.engine, message, "confirmed")
    assert feedback == Feedback(message.sid, "confirmed", SEEDED_START, SEEDED_START + SECOND)
    assert box.tables.feedback == {message.sid: feedback}


async def test_snapshots_carry_it() -> None:
    """Out and in."""
    source, target = sandbox(), sandbox()
    await report(source.tables, source.engine, await send(source), "unconfirmed")
    target.restore(parse(document(source)), Scenario(""))
    assert target.tables.feedback == source.tables.feedback


@pytest.mark.parametrize(
    "change", [{"outcome": "maybe"}, {"created_at": -1}, {"message_sid": "SM" + "0" * 32}]
)
async def test_what_is_no_feedback(change: dict[str, Any]) -> None:
    """A snapshot with an outcome, a time or a message that there is not is refused."""
    box = sandbox()
    await report(box.tables, box.engine, await send(box), "unconfirmed")
    kept = document(box)
    kept["feedback"][0] |= change
    with pytest.raises(BadSnapshot, match=r"feedback\[0\] is not feedback"):
        parse(kept)
