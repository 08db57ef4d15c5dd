"""From a document to an operation, or to everything that is wrong with it."""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.json_faults import Refused
from mockserver.domain.numbers import Number
from mockserver.world.bulk.ordering import STRETCH, in_turns, send
from mockserver.world.clock import stopwatch
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

SENDER = {"address": "+15017122661", "channel": "SMS"}
PHONE = {"address": "+14155552671", "channel": "PHONE"}


def document(**fields: Any) -> dict[str, Any]:
    return {"from": SENDER, "to": [PHONE], "content": {"text": "Ahoy"}, **fields}


MANY = document(to=[PHONE | {"variables": {"a": "b"}}] * 10_000)


async def refused(
    field: "Field", asked: Any, account: Account | None = None
) -> list[tuple[int, str]]:
    """Code and context of all that is wrong."""
    sandbox = field.world.sandbox
    with pytest.raises(Refused) as refusal:
        await send(sandbox, account or sandbox.accounts.first, asked, [])
    return [(each.code, each.context) for each in refusal.value.faults]


async def test_it_is_there_when_it_is_accepted(field: Any) -> None:
    """With all that it refers to, as it was then."""
    made = await field("manual").send(2, text="Hi {{ a | default: 'x' }}", tags={"b": "c"})
    assert (made.status, made.count, made.order.send.tags) == ("PROCESSING", 2, (("b", "c"),))
    assert [each.address for each in made.ways.senders] == ["+15005550006"]


async def test_what_is_refused_leaves_nothing(field: Any) -> None:
    """Neither an operation, nor the sender that would have been made for it, nor the account."""
    world = field("manual")
    before = world.document()
    for wrong in (
        {"to": [PHONE, {}]},
        {"content": {"text": "{{"}},
        {"content": {"contentId": "HX" + "a" * 32}},
    ):
        assert await refused(world, document(**wrong), Account("AC" + "b" * 32))
    assert world.document() == before


async def test_a_sender_is_kept_with_its_operation(field: Any) -> None:
    """In one unit of writes, so that no store ever has the one without the other."""

    class Noting(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.units: list[list[str]] = []

        async def commit(self, unit: Unit) -> None:
            self.units.append([table for table, _, _ in unit.rows])
            await super().commit(unit)

    store = Noting()
    world = field("manual", store=store)
    sandbox = world.world.sandbox
    await send(sandbox, Account("AC" + "b" * 32), document(), [])
    assert store.units == [["accounts", "senders", "operations"]]


async def test_a_sender_that_goes_meanwhile(field: Any) -> None:
    """It is looked up again at the end, when nobody can come between."""
    world = field("manual")
    sandbox = world.world.sandbox
    number = Number("+14155550101", sandbox.accounts.first_sid, sid="PN" + "a" * 32)
    sandbox.tables.numbers[number.phone_number] = number
    world.scenario(senders="strict")
    asked = MANY | {"from": {"address": number.phone_number, "channel": "SMS"}}
    task = asyncio.create_task(refused(world, asked))
    await asyncio.sleep(0)
    del sandbox.tables.numbers[number.phone_number]
    assert await task == [(21606, "$.from.address")]
    assert not sandbox.tables.operations


async def test_a_reset_meanwhile(field: Any) -> None:
    """Nothing of it comes into the new tables; who asked is told to ask again."""
    world = field("manual")
    sandbox = world.world.sandbox
    task = asyncio.create_task(send(sandbox, sandbox.accounts.first, MANY, []))
    await asyncio.sleep(0)
    assert not task.done()
    sandbox.reset()
    fresh = msgspec.json.encode(sandbox.snapshot())
    with pytest.raises(TwilioError) as refusal:
        await task
    assert (refusal.value.code, refusal.value.status) == (20503, 503)
    assert msgspec.json.encode(sandbox.snapshot()) == fresh


async def test_a_reset_just_before(field: Any) -> None:
    """An account that was there when it was let in, and is no more, gets nothing either."""
    sandbox = field("manual").world.sandbox
    account = sandbox.accounts.set_up(Account("AC" + "b" * 32), Unit())
    sandbox.reset()
    with pytest.raises(TwilioError, match="reset or dropped"):
        await send(sandbox, account, document(), [])
    assert not sandbox.tables.operations


async def test_the_end_meanwhile(field: Any) -> None:
    """The same, when the sandbox is dropped."""
    sandbox = field("manual").world.sandbox
    task = asyncio.create_task(send(sandbox, sandbox.accounts.first, MANY, []))
    await asyncio.sleep(0)
    sandbox.close()
    with pytest.raises(TwilioError, match="reset or dropped"):
        await task
    assert not sandbox.tables.operations


async def test_two_at_once(field: Any) -> None:
    """Both are accepted whole, and a small one overtakes a large one."""
    sandbox = field("manual").world.sandbox
    large = asyncio.create_task(send(sandbox, sandbox.accounts.first, MANY, []))
    await asyncio.sleep(0)
    small = await send(sandbox, sandbox.accounts.first, document(), [])
    assert not large.done()
    made = await large
    assert (small.number, small.first, made.number, made.first) == (0, 0, 1, 1)
    assert made.ways.senders == small.ways.senders


async def test_the_same_seed_gives_the_same_ids(field: Any) -> None:
    """Of operations, their messages, and senders that come into being."""
    seen = []
    for _ in range(2):
        world = field("manual", seed=5)
        sandbox = world.world.sandbox
        made = [await send(sandbox, sandbox.accounts.first, document(), []) for _ in range(2)]
        seen.append([(each.id, each.ids.message(0), each.ways.senders[0].id) for each in made])
    assert seen[0] == seen[1]


async def test_warnings_come_with_either_end(field: Any) -> None:
    """Of what is accepted, and of what is refused."""
    sandbox = field("manual").world.sandbox
    faulty: list[dict[str, Any]] = [{}, {"to": []}]
    for wrong in faulty:
        warnings: list[str] = []
        try:
            await send(sandbox, sandbox.accounts.first, document(zzz=1, **wrong), warnings)
        except Refused:
            assert wrong
        assert warnings == ["`$.zzz` is not a field of this call and was ignored"]


async def test_a_message_that_is_scheduled(field: Any) -> None:
    """By the recipients' own clocks: who is where begins when."""
    world = field("manual")
    made = await world.send(
        "+14155552671", "+4930901820", schedule={"sendAt": ["2026-12-02T09:00:00"]}
    )
    assert made.status == "SCHEDULED"
    assert {at: list(run.places) for at, run in made.runs.items()} == {
        made.scheduled_for(0): [0],
        made.scheduled_for(1): [1],
    }


async def test_steps_give_way() -> None:
    """After a millisecond of work, and not before."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def steps(count: int, seconds: float) -> Any:
        for _ in range(count):
            end = stopwatch() + seconds
            while stopwatch() < end:
                pass
            yield
        return "done"

    task = asyncio.create_task(others())
    assert await in_turns(steps(3, 0)) == "done"
    assert turns == 0
    assert await in_turns(steps(3, STRETCH * 1.1)) == "done"
    assert turns == 3
    task.cancel()
