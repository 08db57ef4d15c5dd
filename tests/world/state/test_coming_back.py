"""What was kept goes on where it was."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import Account, ApiKey
from mockserver.domain.faults import DeliveryRule, Given, GivenService, Scenario, When
from mockserver.world import copying
from mockserver.world.clock import Mode, iso
from mockserver.world.house import BadState
from mockserver.world.sandboxes import Order
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.state.conftest import Life, Start

SERVICE = "MG" + "a" * 32
SERVED = Scenario(
    "served", given=Given(services=(GivenService(SERVICE, senders=("+15017122661",)),))
)
SECOND = 1_000_000
CLOCKS = pytest.mark.parametrize("clock", ["manual", "instant", "real", "scaled:60"])


def statuses(life: "Life") -> list[str]:
    table = life.sandbox.tables.messages
    return [table.delivery(message.sid).status for message in table.places.oldest_first()]


@CLOCKS
async def test_all_of_it_is_there_again(start: "Start", clock: str) -> None:
    """A snapshot of what came back is the one that was made before."""
    life = start(clock)
    for number in range(3):
        await life.create(number)
    await life.kept()
    life.sandbox.engine.switch(Mode("manual", 0.0))
    await life.sandbox.engine.kept()
    await life.kept()
    before = life.sandbox.snapshot()
    again = start(clock, after=life)
    assert again.sandbox.snapshot() == before


async def test_a_message_goes_on_where_it_was(start: "Start") -> None:
    """With the steps that it had before it, at their times."""
    life = start()
    await life.create()
    await life.advance(0.3)
    assert statuses(life) == ["sent"]
    again = start(after=life)
    assert statuses(again) == ["sent"]
    assert again.sandbox.clock.now() == life.sandbox.clock.now()
    for each in (life, again):
        await each.advance(60)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    assert again.app.told == life.app.told[1:]


async def test_what_no_answer_has_shown_may_be_lost(start: "Start") -> None:
    """A command that was under way when the process ended; nothing of it is there."""
    life = start()
    await life.create()
    asking = asyncio.ensure_future(life.create(1))
    await asyncio.sleep(0)
    again = start(after=life)
    assert len(again.sandbox.tables.messages) == 1
    await asking
    assert len(start(after=life).sandbox.tables.messages) == 2


async def test_deleted_messages_leave_their_places(start: "Start") -> None:
    """Page tokens may name them."""
    life = start()
    messages = [await life.create(number) for number in range(3)]
    await life.advance(60)
    await life.sandbox.messages.delete(messages[1])
    again = start(after=life).sandbox.tables.messages
    assert (again.place(messages[1].sid), again.get(messages[1].sid)) == (1, None)
    assert [each.sid for each in again.places.oldest_first()] == [messages[0].sid, messages[2].sid]
    assert len(again.places) == 3


async def test_equal_messages_do_not_meet(start: "Start") -> None:
    """The count of those that came before is kept, so no SID is given twice."""
    life = start()
    sids = {(await life.create()).sid for _ in range(3)}
    again = start(after=life)
    sids |= {(await again.create()).sid for _ in range(3)}
    assert len(sids) == 6


async def test_a_scheduled_message(start: "Start") -> None:
    """It is an appointment again; canceled, it stays so."""
    life = start(scenario=SERVED)
    at = iso(life.sandbox.clock.now() + 3_600 * SECOND)
    late = {"MessagingServiceSid": SERVICE, "ScheduleType": "fixed", "SendAt": at}
    one, other = [await life.create(number, From="", **late) for number in range(2)]
    await life.sandbox.messages.force(other, "canceled", 0)
    again = start(after=life)
    assert statuses(again) == ["scheduled", "canceled"]
    await again.advance(3_601)
    assert again.sandbox.tables.messages.delivery(one.sid).status == "delivered"


# Time


async def test_real_time_goes_on_without_it(start: "Start") -> None:
    """What is overdue happens at once, in order."""
    life = start("real")
    await life.create()
    life.sandbox.engine.switch(Mode("real", 1.0))
    life.sandbox.clock.move(life.sandbox.clock.now() + 60 * SECOND)
    await life.kept()
    again = start("real", after=life)
    assert 59 * SECOND < again.sandbox.clock.ahead < 61 * SECOND
    again.sandbox.engine.catch_up()
    [message] = again.sandbox.tables.messages.places.oldest_first()
    delivery = again.sandbox.tables.messages.delivery(message.sid)
    assert delivery.timeline[::3] == ("queued", "sending", "sent", "delivered")


@pytest.mark.parametrize("clock", ["manual", "instant", "scaled:60"])
async def test_other_time_goes_on_from_where_it_was(start: "Start", clock: str) -> None:
    """However long nobody was there."""
    life = start(clock)
    await life.advance(1_000)
    again = start(clock, after=life)
    apart = again.sandbox.clock.now() - life.sandbox.clock.now()
    assert abs(apart) < 600 * SECOND
    assert again.sandbox.clock.mode == life.sandbox.clock.mode


@pytest.mark.parametrize("rate", [1, 2, 60])
async def test_a_scaled_clock_never_goes_back(start: "Start", rate: int) -> None:
    """It is kept once a second; what happened within that second is in the past afterwards too."""
    life = start(f"scaled:{rate}")
    for number in range(20):
        message = await life.create(number)
        again = start(after=life).sandbox
        assert message.created_at <= again.clock.now()


async def test_another_mode_is_kept(start: "Start") -> None:
    """Of which the plan, to which a reset goes back, says nothing."""
    life = start()
    life.sandbox.engine.switch(Mode.parse("scaled:60"))
    await life.kept()
    again = start(after=life)
    assert again.sandbox.clock.mode.name == "scaled:60"
    copying.reset(again.boxes, again.sandbox)
    assert again.sandbox.clock.mode.name == "manual"


# Callbacks


async def test_a_callback_that_nobody_answered_goes_out_again(start: "Start") -> None:
    """With the same idempotency token; those that were answered do not."""
    life = start("scaled:60")
    life.app.up = False
    message = await life.create(StatusCallback="http://127.0.0.1:9/status#rc=5")
    await life.advance(0.6)
    await life.kept()
    again = start("scaled:60", after=life)
    await again.advance(60)
    before = {told[1]: told for told in life.app.told}
    told = [each for each in again.app.told if each[0] == message.sid]
    assert [each[1] for each in told] == ["sent", "delivered"]
    assert all(before.get(each[1], each) == each for each in told)
    await again.kept()
    assert start("scaled:60", after=again).sandbox.outbox.idle


async def test_a_callback_is_remembered_until_its_last_attempt(start: "Start") -> None:
    """Then it is given up, and not posted after the next start."""
    life = start()
    life.app.up = False
    await life.create(StatusCallback="http://127.0.0.1:9/status#rc=1")
    await life.advance(60)
    assert len(life.app.told) == 4
    await life.kept()
    again = start(after=life)
    await again.advance(60)
    assert again.app.told == []


async def test_a_second_attempt_waits_for_its_time_again(start: "Start") -> None:
    """What comes after it of the same message waits with it."""
    life = start()
    life.app.up = False
    await life.create(StatusCallback="http://127.0.0.1:9/status#rc=1")
    await life.advance(0.2)
    assert [told[1] for told in life.app.told] == ["sent"]
    again = start(after=life)
    await again.advance(0.5)
    assert again.app.told == []
    await again.advance(0.5)
    assert [told[1] for told in again.app.told] == ["sent", "delivered"]
    assert again.app.told[0] == life.app.told[0]


# Who is who


async def test_a_token_that_was_learned(start: "Start") -> None:
    """Also where nothing else was written: the gate before the answer has it kept."""
    life = start()
    sid, key = "AC" + "b" * 32, ApiKey("SK" + "c" * 32, "AC" + "b" * 32, "secret")
    life.sandbox.accounts.learn_token(sid, "token")
    life.sandbox.accounts.learn_key(key)
    await life.kept()
    again = start(after=life)
    account = again.sandbox.accounts.find(sid)
    assert account is not None
    assert account.auth_token == "token"
    assert again.sandbox.accounts.key(key.sid) == key
    for each in (sid, key.sid):
        assert again.boxes.of_account(each) is again.sandbox


async def test_a_suspended_account_stays_barred(start: "Start") -> None:
    """And so do its subaccounts."""
    life = start()
    accounts = life.sandbox.accounts
    accounts.set_up(Account("AC" + "b" * 32, "t", status="suspended"), Unit())
    accounts.set_up(Account("AC" + "c" * 32, "t", owner_account_sid="AC" + "b" * 32), Unit())
    await life.kept()
    assert start(after=life).sandbox.accounts.barred == accounts.barred
    assert len(accounts.barred) == 2


async def test_rules_and_their_counts(start: "Start") -> None:
    """Those of the scenario, and those that were added; and what they already did."""
    life = start(scenario=SERVED)
    rules = (DeliveryRule(name, When(), "failed", 30003, times=2) for name in ("one", "two"))
    for rule in rules:
        life.sandbox.rules.add(rule)
    await life.create()
    again = start(after=life)
    assert again.sandbox.rules.scenario == life.sandbox.rules.scenario
    assert again.sandbox.rules.every("delivery") == life.sandbox.rules.every("delivery")
    assert again.sandbox.rules.counters == life.sandbox.rules.counters != {}
    assert again.sandbox.tables.course == life.sandbox.tables.course
    again.sandbox.rules.drop("delivery", None)
    await again.kept()
    assert start(after=again).sandbox.rules.every("delivery") == ()


async def test_a_webhook_map(start: "Start") -> None:
    """It outlives a reset, and the process."""
    life = start()
    life.sandbox.routes["map-1"] = ("http://a", "http://b")
    await life.kept()
    again = start(after=life)
    assert again.sandbox.routes == life.sandbox.routes
    copying.reset(again.boxes, again.sandbox)
    await again.kept()
    assert start(after=again).sandbox.routes == life.sandbox.routes


# Sandboxes


async def test_every_sandbox_comes_back(start: "Start") -> None:
    """In their order, each with its plan; those that were dropped do not."""
    life = start()
    made = [life.boxes.make(Order(seed=n, clock="instant", ttl=1e6)) for n in range(3)]
    life.boxes.drop(made[1])
    copying.reset(life.boxes, life.sandbox)
    await life.kept()
    again = start(after=life)
    assert [each.id for each in again.boxes] == ["default", made[0].id, made[2].id]
    for before, after in zip(life.boxes, again.boxes, strict=True):
        assert after.plan == before.plan
        assert again.boxes.of_account(after.accounts.first_sid) is after


async def test_a_reset_begins_anew_in_the_file_too(start: "Start") -> None:
    """Nothing of before comes back; what comes after does."""
    life = start(scenario=SERVED)
    for number in range(3):
        await life.create(number)
    copying.reset(life.boxes, life.sandbox)
    await life.create(9)
    again = start(after=life)
    assert [each.to for each in again.sandbox.tables.messages.places.oldest_first()] == [
        "+14155550009"
    ]
    assert SERVICE in again.sandbox.tables.services


async def test_a_fork_goes_back_to_what_it_was_forked_from(start: "Start") -> None:
    """Also after the process has ended."""
    life = start()
    await life.create()
    await life.advance(60)
    fork = copying.fork(life.boxes, life.sandbox, Order())
    await life.kept()
    again = start(after=life)
    kept = again.boxes.get(fork.id)
    assert kept is not None
    assert kept.snapshot() == fork.snapshot()
    kept.tables.messages.delete(next(kept.tables.messages.places.oldest_first()).sid, Unit())
    copying.reset(again.boxes, kept)
    assert len(kept.tables.messages) == 1


@pytest.mark.parametrize("beside", [False, True])
async def test_a_snapshot_that_was_put_in(start: "Start", beside: bool) -> None:
    """It is what comes back; a reset still goes back to how the sandbox was made."""
    life = start(scenario=SERVED)
    await life.create()
    origin = life.sandbox.snapshot()
    await life.create(1)
    if beside:
        await copying.restored(life.boxes, life.sandbox, origin)
    else:
        copying.restore(life.boxes, life.sandbox, origin)
    await life.kept()
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    assert len(again.sandbox.tables.messages) == 1
    assert again.sandbox.plan == life.sandbox.plan
    copying.reset(again.boxes, again.sandbox)
    assert len(again.sandbox.tables.messages) == 0
    assert again.sandbox.plan.origin is None


async def test_what_was_kept_wins(start: "Start") -> None:
    """Over the settings of the next start; it says what does not hold."""
    life = start()
    await life.kept()
    again = start("instant", after=life, seed=8, scenario=SERVED)
    assert again.sandbox.plan == life.sandbox.plan
    assert again.boxes.overruled == (
        "its clock is manual, not instant",
        "its seed is 7, not 8",
        "the scenario it was made with is none, not served",
    )
    assert start(after=again).boxes.overruled == ()


@pytest.mark.parametrize("page", ["numbers", "messages", "standing", "whatever"])
async def test_a_record_that_cannot_be_read(start: "Start", page: str) -> None:
    """The file is refused, and named, rather than half of it lost."""
    life = start()
    await life.create()
    await life.kept()
    ledger: Any = life.sandbox.ledger
    batch = ledger._writer.batch
    if page == "messages":
        batch.put_message((1, 0), b"\xc1", None)
    else:
        batch.put((1, page, "rules"), 1, b"\xc1")
    await ledger._writer.done()
    with pytest.raises(BadState, match=r"state-1\.db: sandbox default makes no sense"):
        start(after=life)
