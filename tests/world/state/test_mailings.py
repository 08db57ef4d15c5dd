"""Operations, stores of profiles and cohorts: in the file, and back."""

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.message import Delivery
from mockserver.world import copying
from mockserver.world.audiences.commands import Audiences
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.ordering import send
from mockserver.world.scenarios import from_document, parse_given
from mockserver.world.seed import furnish
from mockserver.world.state import columns, operations
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.state.conftest import Life, Start

STORE, OTHER = (f"mem_store_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
COHORT, SOME = (f"cmp_cohort_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
ADA, BOB = (f"mem_profile_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
PROFILES = [
    {"id": ADA, "contact": {"phone": "+14155550123"}, "firstName": "Ada"},
    {"id": BOB, "contact": {"phone": "+14155550124"}, "firstName": "Bob"},
]
LATER = {"sendAt": ["2026-12-02T00:00:00Z"]}
DAY = 86_400


def give(life: "Life", **given: Any) -> None:
    """Furnish the sandbox, in a scenario's words."""
    sandbox = life.sandbox
    furnish(parse_given(given), sandbox.tables, sandbox.accounts, sandbox.dice, Unit())


def people(life: "Life") -> None:
    give(
        life,
        stores=[{"id": STORE, "profiles": PROFILES}],
        cohorts=[{"id": COHORT, "store": STORE}, {"id": SOME, "store": STORE, "profiles": [BOB]}],
    )


async def order(life: "Life", *to: Any, **fields: Any) -> Operation:
    """An operation to so many recipients, or to these."""
    some = range(to[0]) if isinstance(to[0], int) else ()
    listed = [{"address": f"+1415{2_000_000 + n}", "channel": "PHONE"} for n in some]
    document = {
        "from": {"address": "+15005550006", "channel": "SMS"},
        "to": listed or list(to),
        "content": {"text": "Ahoy"},
        **fields,
    }
    sandbox = life.sandbox
    return await send(sandbox, sandbox.accounts.first, document, [])


def lives(life: "Life") -> list[tuple[str, str, Delivery]]:
    """Recipient, SID and what became of each message."""
    table = life.sandbox.tables.messages
    return [(each.to, each.sid, table.delivery(each.sid)) for each in table.places.oldest_first()]


def only(life: "Life") -> Operation:
    [operation] = life.sandbox.tables.operations.values()
    return operation


@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 60])
@pytest.mark.parametrize("ordered", [0, 1_000])
@pytest.mark.parametrize("part", [16, 16_384])
async def test_an_operation_goes_on_where_it_was(
    start: "Start", monkeypatch: pytest.MonkeyPatch, seconds: float, ordered: int, part: int
) -> None:
    """Whatever it has come to, however large it is; with the same ids, and the same fates."""
    monkeypatch.setattr(columns, "PART", part)
    monkeypatch.setattr(operations, "ORDERED", ordered)
    life = start()
    await life.create()
    await order(life, 30)
    await life.create(1)
    await life.advance(seconds)
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    for each in (life, again):
        await each.advance(60)
    assert lives(again) == lives(life)
    assert only(again).status == "COMPLETED"


async def test_a_message_that_something_happened_to_alone(start: "Start") -> None:
    """It is an ordinary one, which the operation hears of."""
    life = start()
    await order(life, 5)
    await life.advance(0.3)
    sid = lives(life)[2][1]
    message = life.sandbox.tables.messages.get(sid)
    assert message is not None
    await life.sandbox.messages.force(message, "undelivered", 30003)
    await life.sandbox.messages.delete(message)
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    await again.advance(60)
    assert again.sandbox.engine.idle
    assert only(again).tally.stats()["undelivered"] == 1


async def test_a_scheduled_one(start: "Start") -> None:
    """It begins at its time, or does not, if it was cancelled."""
    life = start()
    await order(life, 2, schedule=LATER)
    cancelled = await order(life, 2, schedule=LATER)
    await life.sandbox.bulk.cancel(cancelled)
    again = start(after=life)
    await again.advance(2 * DAY)
    told = [each.status for each in again.sandbox.tables.operations.values()]
    assert told == ["COMPLETED", "CANCELED"]
    assert len(again.sandbox.tables.messages) == 2


async def test_recipients_have_their_own_times(start: "Start") -> None:
    """With whom to begin when, of those with whom nobody has yet."""
    life = start()
    people = [{"address": to, "channel": "PHONE"} for to in ("+442079460958", "+14155552671")]
    await order(life, *people, schedule={"sendAt": ["2026-12-02T09:00:00"]})
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    assert len(only(again).runs) == 2
    await again.advance(1.5 * DAY)
    third = start(after=again)
    assert third.sandbox.snapshot() == again.sandbox.snapshot()
    for each in (life, third):
        await each.advance(4 * DAY)
    assert [each[0] for each in lives(third)] == ["+442079460958", "+14155552671"]
    assert only(third).runs == {}


async def test_an_account_that_is_suspended_meanwhile(
    start: "Start", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was planned for attempts changes in the middle of their columns."""
    monkeypatch.setattr(columns, "PART", 16)
    life = start()
    operation = await order(life, 30)
    await life.advance(0)
    accounts = life.sandbox.accounts
    accounts.change(replace(accounts.first, status="suspended"), Unit())
    await life.kept()
    again = start(after=life)
    for each in (life, again):
        await each.advance(60)
    assert start(after=again).sandbox.snapshot() == life.sandbox.snapshot()
    assert operation.tally.stats()["failed"] == 30


async def test_people_come_back(start: "Start") -> None:
    """Stores and cohorts, in their order, with their members; they grow on."""
    life = start()
    people(life)
    await life.kept()
    give(life, stores=[{"id": OTHER, "profiles": [{"contact": {"phone": "+14155550125"}}]}])
    batch = Batch(life.sandbox.tables.profile_stores[OTHER].blocks)
    for _ in range(2):
        audiences = Audiences(life.sandbox)
        await audiences.add(audiences.store(STORE), batch)
    await Audiences(life.sandbox).join(life.sandbox.tables.cohorts[SOME], [ADA])
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    assert again.sandbox.tables.profile_stores[STORE].find(BOB) == 1
    for each in (life, again):
        audiences = Audiences(each.sandbox)
        await audiences.add(audiences.store(STORE), batch)
    assert start(after=again).sandbox.snapshot() == life.sandbox.snapshot()


async def test_people_who_are_gone(start: "Start") -> None:
    """A store that operations write to stays for them; others leave nothing behind."""
    life = start()
    people(life)
    give(life, stores=[{"id": OTHER, "profiles": PROFILES[:1]}])
    await order(life, {"cohortId": COHORT}, schedule=LATER)
    audiences = Audiences(life.sandbox)
    for store in (STORE, OTHER):
        await audiences.drop(audiences.store(store))
    again = start(after=life)
    tables = again.sandbox.tables
    assert (list(tables.profile_stores), list(tables.cohorts)) == ([], [])
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    await again.advance(2 * DAY)
    assert [each[0] for each in lives(again)] == ["+14155550123", "+14155550124"]
    assert start(after=again).sandbox.snapshot() == again.sandbox.snapshot()


async def test_a_store_of_the_same_name(start: "Start") -> None:
    """Another one has taken the place of the one that is gone, and so with cohorts."""
    life = start()
    people(life)
    await order(life, {"cohortId": SOME}, schedule=LATER)
    audiences = Audiences(life.sandbox)
    await audiences.drop(audiences.store(STORE))
    give(
        life,
        stores=[{"id": STORE, "profiles": PROFILES[:1]}],
        cohorts=[{"id": SOME, "store": STORE, "profiles": [ADA]}],
    )
    await life.kept()
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    assert list(again.sandbox.tables.cohorts[SOME].places or ()) == [0]
    await again.advance(2 * DAY)
    assert [each[0] for each in lives(again)] == ["+14155550124"]


def stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an operation not written any more once it was accepted, as if it were large."""
    monkeypatch.setattr(operations, "SMALL", 0)
    monkeypatch.setattr(operations, "LAG", 1e9)


async def test_a_large_one_is_not_written_with_every_slice(
    start: "Start", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had done since it was written it does again: the same."""
    life = start()
    stay_behind(monkeypatch)
    await order(life, 300)
    await life.advance(0.1)
    assert {each[2].status for each in lives(life)} == {"sending"}
    again = start(after=life)
    assert len(again.sandbox.tables.messages) == 0
    for each in (life, again):
        await each.advance(60)
    assert sorted(lives(again)) == sorted(lives(life))
    assert only(again).tally.stats() == only(life).tally.stats()


async def test_attempts_that_are_done_again_leave_their_places(
    start: "Start", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made after them stays where it was, since page tokens name places."""
    life = start()
    stay_behind(monkeypatch)
    await order(life, 10)
    await life.advance(0.3)
    after = await life.create()
    again = start(after=life)
    table = again.sandbox.tables.messages
    assert table.place(after.sid) == after.ordinal == 10
    await again.advance(60)
    assert len(table) == 11


async def test_what_is_left_is_written_soon(
    start: "Start", monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server ends, whatever was not yet."""
    life = start()
    stay_behind(monkeypatch)
    await order(life, 20)
    await life.advance(60)
    await life.close()
    again = start(after=life)
    assert only(again).status == "COMPLETED"
    assert lives(again) == lives(life)


async def test_a_scenario_with_people(start: "Start") -> None:
    """They are kept as they were read, for a reset."""
    cohorts = [{"id": SOME, "store": STORE, "profiles": [BOB]}]
    given = {"stores": [{"id": STORE, "profiles": PROFILES}], "cohorts": cohorts}
    life = start(scenario=from_document({"name": "full", "given": given}))
    await life.kept()
    again = start(after=life)
    assert again.sandbox.plan == life.sandbox.plan
    assert again.sandbox.plan.scenario.given.cohorts[0].store == STORE
    audiences = Audiences(again.sandbox)
    await audiences.drop(audiences.store(STORE))
    copying.reset(again.boxes, again.sandbox)
    assert again.sandbox.tables.profile_stores[STORE].count == 2
