"""Finding, waiting for and verifying messages, without HTTP."""

import asyncio
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import Account
from mockserver.domain.matching import MESSAGE_FIELDS, Matcher
from mockserver.domain.message import Message
from mockserver.world.clock import Mode
from mockserver.world.journal import CallbackEntry, Ring
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.queries import (
    Cut,
    SandboxGone,
    TimedOut,
    explain,
    find_entries,
    find_messages,
    hint,
    near_misses,
    still,
    verify,
    wait_for,
)
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.schemas import Reading
from mockserver.world.store import MemoryStore

ACCOUNT: Final = Account("AC" + "1" * 32, "token")


class Nobody:
    """A courier for messages that have no callbacks."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        raise AssertionError(f"{parcel} was not to be posted within {limits}")

    async def close(self) -> None:
        """Nothing is open."""


def sandbox(clock: str = "manual") -> Sandbox:
    plan = Plan("sb", ACCOUNT, seed=1, seed_given=True, mode=Mode.parse(clock))
    return Sandbox(plan, House(Nobody(), MemoryStore()))


async def send(box: Sandbox, to: str = "+14155552671", body: str = "Ahoy") -> Message:
    reading = Reading({"To": to, "From": "+15017122661", "Body": body})
    message, _ = await box.messages.create(box.accounts.first, reading)
    return message


def matcher(*, reached: bool = False, **filters: Any) -> Matcher:
    return Matcher.compile(filters, fields=MESSAGE_FIELDS, status_means_reached=reached)


@given(
    st.sets(st.integers(0, 50)).map(sorted),
    st.integers(1, 10),
    st.sampled_from(["asc", "desc"]),
)
def test_pages_are_the_whole_list(places: list[int], limit: int, order: Any) -> None:
    """Put together they are it, once each, in its order; none but the last says it is the last."""
    found: list[int] = []
    place: int | None = None
    while True:
        part, place = Cut(order, limit, place).page(places)
        assert len(part) == limit or place is None
        found += part
        if place is None:
            break
    assert found == (places if order == "asc" else places[::-1])


async def test_an_index_and_a_scan_find_the_same() -> None:
    """Exact addresses are looked up, patterns are scanned for."""
    box = sandbox()
    for number in range(30):
        await send(box, to=f"+1415555000{number % 3}", body=str(number))
    asked: tuple[dict[str, Any], ...] = (
        {"to": ["+14155550001"]},
        {"to": ["+14155550001", "+1 415 555 0002"]},
        {"from": ["+15017122661"], "to": ["+14155550001"]},
        {"from": ["+15017122661"]},
        {"to": ["+14155559999"]},
    )
    for filters in asked:
        pattern: dict[str, Any] = {name: [*texts, "x*x"] for name, texts in filters.items()}
        quick = await find_messages(box, matcher(**filters), Cut())
        scanned = await find_messages(box, matcher(**pattern), Cut())
        assert quick.items == scanned.items
        assert quick.total == len(quick.items)
    assert (await find_messages(box, matcher(to="+14155550001"), Cut())).total == 10


async def test_a_long_scan_gives_way() -> None:
    """Other work on the loop has its turn in between."""
    box, turns = sandbox(), 0
    for number in range(4_100):
        await send(box, body=str(number))

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(other())
    await find_messages(box, matcher(body="7"), Cut(limit=1))
    task.cancel()
    assert turns >= 2


async def test_entries_by_number() -> None:
    """A ring's pages, while it drops and is cleared."""
    ring: Ring[Any] = Ring(CallbackEntry)
    for number in range(10_005):
        ring.append(entry(number))
    page = await find_entries(ring, Cut(limit=2), None)
    assert [each.id for each in page.items] == ["cb-5", "cb-6"]
    assert (page.total, page.next, ring.dropped) == (10_000, 6, 5)
    found = await find_entries(ring, Cut("desc"), lambda each: each.id in ("cb-7", "cb-9"))
    assert ([each.id for each in found.items], found.total) == (["cb-9", "cb-7"], 2)
    assert ring.entry(4) is None
    ring.clear()
    ring.append(entry(10_005))
    assert [number for number, _ in ring.numbered()] == [10_005]
    page = await find_entries(ring, Cut(place=6), None)
    assert [each.id for each in page.items] == ["cb-10005"]


def entry(number: int) -> CallbackEntry:
    names = dict.fromkeys(CallbackEntry.__struct_fields__, "")
    numbers = {"at": 0, "due": 0, "response_status": 0, "error_code": 0, "attempt": 1}
    lists: dict[str, Any] = {"params": [], "headers": [], "duration": 0.0, "body": b""}
    return CallbackEntry(**{**names, **numbers, **lists, "id": f"cb-{number}"})


async def test_waiting_sees_what_changes() -> None:
    """New messages and their steps, among hundreds that do not match."""
    box = sandbox()
    for number in range(500):
        await send(box, body=str(number))
    wanted = matcher(to="+14155550001", status="sent", reached=True)
    waiting = asyncio.ensure_future(wait_for(box, wanted, 2, 20))
    await asyncio.sleep(0)
    first = await send(box, to="+14155550001", body="1")
    second = await send(box, to="+14155550001", body="2")
    assert not waiting.done()
    await box.engine.advance(box.clock.now() + 1_000_000)
    found = await asyncio.wait_for(waiting, 10)
    assert (found.items, found.total) == ([first, second], 2)
    assert box.changes.watches == []


class Counting(Matcher):
    """Counts how many messages it looks at."""

    looked = 0

    def matches(self, subject: Any) -> bool:
        Counting.looked += 1
        return super().matches(subject)


async def test_a_wait_does_not_look_at_everything_again() -> None:
    """Only at what changed: a hundred new messages among 500 are not 100 x 600 looks."""
    box = sandbox()
    for number in range(500):
        await send(box, body=str(number))
    Counting.looked = 0
    wanted = Counting.compile({"body": "nothing has this"}, fields=MESSAGE_FIELDS)
    waiting = asyncio.ensure_future(wait_for(box, wanted, 1, 1.0))
    await asyncio.sleep(0)
    for number in range(100):
        await send(box, body=f"new {number}")
        await asyncio.sleep(0)
    with pytest.raises(TimedOut):
        await asyncio.wait_for(waiting, 10)
    assert 600 <= Counting.looked <= 1_100


async def test_what_changes_during_a_long_look_is_not_missed() -> None:
    """A message that comes while thousands of changes are looked at ends the wait all the same."""
    box = sandbox()
    Counting.looked = 0
    asked = Counting.compile({"body": "wanted"}, fields=MESSAGE_FIELDS)
    waiting = asyncio.ensure_future(wait_for(box, asked, 1, 20))
    await asyncio.sleep(0)
    for number in range(4_001):
        await send(box, body=str(number))
    for _ in range(100):
        await asyncio.sleep(0)
        if Counting.looked:
            break
    assert 0 < Counting.looked < 4_001
    wanted = await send(box, body="wanted")
    found = await asyncio.wait_for(waiting, 10)
    assert found.items == [wanted]


async def test_a_message_may_stop_matching() -> None:
    """Redacted before enough of them were there."""
    box = sandbox("instant")
    first = await send(box, body="secret 1")
    waiting = asyncio.ensure_future(wait_for(box, matcher(body="secret"), 2, 0.2))
    await asyncio.sleep(0)
    await box.messages.delete(first)
    await send(box, body="secret 2")
    with pytest.raises(TimedOut) as late:
        await asyncio.wait_for(waiting, 10)
    assert late.value.matched == 1


async def test_a_dropped_sandbox_ends_a_wait() -> None:
    """At once."""
    box = sandbox()
    waiting = asyncio.ensure_future(wait_for(box, matcher(), 1, 60))
    await asyncio.sleep(0)
    box.close()
    with pytest.raises(SandboxGone):
        await asyncio.wait_for(waiting, 10)


async def test_a_sandbox_that_began_again() -> None:
    """Who looked at its old tables is refused to go on, as in one that was dropped."""
    box = sandbox()
    tables = box.tables
    still(box, tables)
    box.reset()
    with pytest.raises(SandboxGone, match="reset or dropped"):
        still(box, tables)
    still(box, box.tables)
    box.close()
    with pytest.raises(SandboxGone):
        still(box, box.tables)


async def test_the_hint_of_a_clock() -> None:
    """When the next event is due where time stands still; nothing where it runs."""
    box = sandbox()
    assert "nothing is booked" in hint(box)
    await send(box)
    assert "the next event is due at 2026-12-01T00:00:00.100000Z" in hint(box)
    assert hint(sandbox("real")) == ""


@pytest.mark.parametrize(
    ("count", "ok"),
    [
        ({"exactly": 2}, True),
        ({"exactly": 1}, False),
        ({"at_least": 2}, True),
        ({"at_least": 3}, False),
        ({"at_most": 2}, True),
        ({"at_most": 1}, False),
        ({"at_least": 1, "at_most": 3}, True),
    ],
)
async def test_counts(count: dict[str, int], ok: bool) -> None:
    """Each bound on its own, and together."""
    box = sandbox()
    await send(box, body="1")
    await send(box, body="2")
    verdict = await verify(box, matcher(), count)
    assert (verdict.ok, verdict.matched, len(verdict.first)) == (ok, 2, 2)
    assert ("and" in verdict.explanation.rpartition(",")[2]) is ok


async def test_near_misses_are_the_nearest() -> None:
    """Fewest differences first, also far back among the messages to the same number."""
    box = sandbox()
    alike = await send(box, to="+14155550001", body="hello")
    for number in range(2_100):
        await send(box, body=str(number))
    [(nearest, differences), *_] = await near_misses(box, matcher(to="+14155550001", body="bye"))
    assert nearest == alike
    assert list(differences) == ["body"]


async def test_of_near_misses_the_likest_are_told() -> None:
    """Of those that differ in as much, before later ones that look otherwise."""
    box = sandbox()
    alike = await send(box, body="Your code is 123456")
    for number in range(40):
        await send(box, body=f"Order {number} has shipped")
    [(nearest, _), (second, _), *_] = await near_misses(box, matcher(body="Your cod is"))
    assert nearest == alike
    assert second.body == "Order 39 has shipped"


def test_explanations_are_sentences() -> None:
    """Numbers agree with their noun."""
    assert explain({"to": "+1"}, {"exactly": 1}, 0) == (
        "Expected exactly 1 message with to '+1', but none matched."
    )
    assert explain({}, {"at_least": 1, "at_most": 3}, 2) == (
        "Expected at least 1 and at most 3 messages, and 2 matched."
    )
