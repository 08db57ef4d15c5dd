"""What weather holds back is in the tables: whoever goes on from them tells the same story."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import Account
from mockserver.domain.faults import DeliveryRule, WeatherRule, When, read_weather
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.domain.signature import sign
from mockserver.world import copying
from mockserver.world.callbacks import status_posting
from mockserver.world.clock import SEEDED_START
from mockserver.world.orders import Order
from mockserver.world.ports import Answer, Parcel, Unreachable
from mockserver.world.snapshot import BadSnapshot, Snapshot, parse
from mockserver.world.snapshot_form import LATEST
from mockserver.world.weather.waiting import Copy, Late
from tests.world.conftest import CREATE

if TYPE_CHECKING:
    from mockserver.world.sandbox import Sandbox
    from tests.world.conftest import InWorld, MakeWorld, World

HOOK = "http://127.0.0.1:9/status"

KINDS: dict[str, dict[str, Any]] = {
    "lost": {"drop": True},
    "twice": {"duplicate": 1},
    "late": {"delay": {"uniform": ["1s", "20s"]}},
    "disorder": {"reorder": True},
    "both": {"reorder": True, "duplicate": 1, "replay": "3s"},
    "again": {"replay": "15s", "signature": "stale"},
    "forged": {"delay": "4s", "signature": "wrong"},
    "unsigned": {"delay": "3s", "signature": "missing"},
    "burst": {"burst": "10s"},
    "early": {"early": True},
}
"""What becomes of callbacks, by the rule's id."""


def bring(sandbox: "Sandbox", then: dict[str, Any], name: str = "w", **about: Any) -> None:
    """Put a weather rule in force."""
    share = about.pop("share", None)
    matcher = Matcher.compile(about, fields=WEATHER_FIELDS)
    sandbox.rules.add(WeatherRule(name, When(matcher, share=share), read_weather(then)))


async def send(sandbox: "Sandbox", body: str, url: str = HOOK) -> None:
    """A message from WhatsApp to WhatsApp, which has more to tell of than others."""
    ends = {"To": "whatsapp:+14155552671", "From": "whatsapp:+15017122661"}
    form = {**ends, "Body": body, "StatusCallback": url}
    message, _ = await sandbox.messages.create(sandbox.accounts.first, CREATE.read([*form.items()]))
    sandbox.outbox.release(message.sid)


async def advance(sandbox: "Sandbox", seconds: float) -> None:
    sandbox.engine.catch_up()
    await sandbox.engine.advance(sandbox.clock.now() + round(seconds * 1_000_000))


def told(sandbox: "Sandbox", before: int = 0) -> list[tuple[Any, ...]]:
    """All that was posted, or dropped, after so many, whatever its account is called."""
    own = sandbox.accounts.first_sid
    return sorted(
        (
            *(each.due, each.message_sid, each.attempt, each.status, each.idempotency_token),
            *(each.weather, each.error, bool(each.signature)),
            *((name, value.replace(own, "AC")) for name, value in each.params),
        )
        for each in list(sandbox.journal.callbacks)[before:]
    )


def through_json(snapshot: Snapshot) -> Snapshot:
    """As it comes back over the wire."""
    return parse(msgspec.json.decode(msgspec.json.encode(snapshot)))


def others(world: "World") -> "Iterator[Sandbox]":
    """Sandboxes that go on from where a world is."""
    boxes, snapshot = world.sandboxes, through_json(world.sandbox.snapshot())
    yield copying.fork(boxes, world.sandbox, Order())
    other = boxes.make(Order(clock="manual", seed=world.sandbox.plan.seed))
    copying.restore(boxes, other, snapshot)
    yield other


@given(
    st.dictionaries(st.sampled_from(sorted(KINDS)), st.sampled_from([0.3, 0.6, 1.0]), max_size=4),
    st.lists(st.integers(0, 4), min_size=1, max_size=5),
    st.integers(0, 12_000),
)
def test_who_goes_on_from_a_storm_tells_the_same(
    in_world: "InWorld[None]", weather: dict[str, float], pauses: list[int], fork_at: int
) -> None:
    """A fork, and what was put elsewhere, in its middle: every callback from there on is alike.

    Those of the messages that were there, and those of the ones that are made later.
    """

    async def act(world: "World") -> None:
        origin = world.sandbox
        for name, share in weather.items():
            bring(origin, KINDS[name], name, share=share)
        origin.rules.add(DeliveryRule("read", When(), "read"))
        for number, pause in enumerate(pauses):
            await send(origin, f"No. {number}")
            await advance(origin, pause)
        await advance(origin, fork_at / 1_000)
        fork, before = list(others(world)), len(origin.journal.callbacks)
        for sandbox in (origin, *fork):
            await advance(sandbox, 2)
            await send(sandbox, "And one more")
            await sandbox.engine.advance(None)
        stories = [told(origin, before), *map(told, fork)]
        assert stories[1:] == stories[:1] * len(fork)
        for sandbox in (origin, *fork):
            assert not [*sandbox.tables.late, *sandbox.tables.foreseen]
            assert sandbox.engine.idle

    in_world("manual", act)


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("lost", "twice", "early")])
async def test_each_kind_is_there(make_world: "MakeWorld", name: str) -> None:
    """What it holds back is in the snapshot, and comes once, at its time, where that is put."""
    world = make_world("manual")
    bring(world.sandbox, KINDS[name], status=["sent", "delivered"])
    await send(world.sandbox, "Ahoy")
    await advance(world.sandbox, 0.3)
    kept = through_json(world.sandbox.snapshot())
    assert [len(late.train) for late in kept.late] == [2 if name == "both" else 1]
    [other, *_] = [copying.fork(world.sandboxes, world.sandbox, Order())]
    before = len(world.sandbox.journal.callbacks)
    for sandbox in (world.sandbox, other):
        await sandbox.engine.advance(None)
    assert told(world.sandbox, before) == told(other) != []


async def test_a_fork_signs_with_its_own_token(make_world: "MakeWorld") -> None:
    """And names its own account; but what bears no signature, or a wrong one, does so there too."""
    world = make_world("manual")
    for name in ("late", "forged", "unsigned"):
        bring(world.sandbox, KINDS[name], name, body=name)
        await send(world.sandbox, name)
    await advance(world.sandbox, 0.5)
    assert all(not copy.posting.parcel.signature for copy in _copies(world.sandbox.snapshot().late))
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    world.app.posted.clear()
    await fork.engine.advance(None)
    account, right = fork.accounts.first, Counter[str]()
    for entry in fork.journal.callbacks:
        assert dict(entry.params)["AccountSid"] == account.sid == entry.account_sid
        true = sign(entry.url, entry.params, account.auth_token)
        verdict = "right" if entry.signature == true else "wrong" if entry.signature else "none"
        right[f"{entry.weather} {verdict}"] += 1
    assert set(right) == {"late right", "forged wrong", "unsigned none"}


def _copies(late: list[Late]) -> list[Copy]:
    return [copy for each in late for copy in each.train]


async def test_a_notifications_callbacks_are_there(make_world: "MakeWorld") -> None:
    """They are held back as those of messages are."""
    from mockserver.domain.notify.ask import Ask
    from mockserver.domain.notify.recipients import Recipient
    from mockserver.world.notify.sending import send as notify
    from mockserver.world.notify.services import NotifyServices

    world = make_world("manual")
    sandbox = world.sandbox
    bring(sandbox, {"delay": "30s"}, kind="notify")
    account = sandbox.accounts.first
    service = await NotifyServices(sandbox).create(account, {})
    ask = Ask(body="x", recipients=(Recipient("fcm", "device"),), delivery_callback_url=HOOK)
    made = await notify(sandbox, account, service, ask)
    sandbox.outbox.release(made.sid)
    await advance(sandbox, 1)
    fork = copying.fork(world.sandboxes, sandbox, Order())
    for each in (sandbox, fork):
        await each.engine.advance(None)
    assert told(fork) == told(sandbox)
    assert len(told(fork)) == 1


async def test_what_was_decided_holds_in_a_fork(make_world: "MakeWorld") -> None:
    """What was told early is not told again; what leads to it falls under the rule that it did."""
    world = make_world("manual")
    bring(world.sandbox, {"early": True}, "early", status="delivered")
    bring(world.sandbox, {"delay": "5s"}, "slow", status="sent", share=0.5)
    for number in range(6):
        await send(world.sandbox, f"No. {number}")
        await advance(world.sandbox, 0.05)
    kept = through_json(world.sandbox.snapshot())
    assert {each.hurried for each in kept.foreseen.values()} <= {"delivered"}
    before = len(world.sandbox.journal.callbacks)
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    for sandbox in (world.sandbox, fork):
        await sandbox.engine.advance(None)
    assert told(fork) == told(world.sandbox, before)


async def test_a_rule_that_is_gone_decides_nothing(make_world: "MakeWorld") -> None:
    """What was decided under it goes out as if there had been none."""
    world = make_world("manual")
    storm = world.sandbox.storm
    message = await world.create(StatusCallback=HOOK)
    bring(world.sandbox, {"drop": True}, "gone")
    [rule] = world.sandbox.rules.weather
    storm.foresee(message.sid, {"sent": rule, "delivered": None}, "")
    world.sandbox.rules.drop("weather", "gone")
    world.app.answers[""] = [Answer(204)]
    await world.advance(60)
    assert world.app.statuses == ["sent", "delivered"]
    assert world.sandbox.tables.foreseen == {}


async def test_a_fork_beside_the_loop(make_world: "MakeWorld") -> None:
    """What goes out while it is made is late there still."""
    world = make_world("manual")
    bring(world.sandbox, {"delay": "5s"}, status="sent")
    bring(world.sandbox, {"reorder": True}, "behind", status="delivered")
    world.sandbox.rules.add(DeliveryRule("read", When(), "read"))
    await send(world.sandbox, "Ahoy")
    await advance(world.sandbox, 0.6)
    assert len(world.sandbox.tables.late) == 2
    before = len(world.sandbox.journal.callbacks)
    forking = asyncio.ensure_future(copying.forked(world.sandboxes, world.sandbox, Order()))
    await asyncio.sleep(0)
    await world.sandbox.engine.advance(None)
    fork = await forking
    await fork.engine.advance(None)
    assert told(fork) == told(world.sandbox, before)
    assert len(told(fork)) == 3


async def test_a_reset_ends_it_and_a_forks_reset_brings_it_back(make_world: "MakeWorld") -> None:
    """A fork begins again with what it began with."""
    world = make_world("manual")
    bring(world.sandbox, {"delay": "1h"}, status="sent")
    await send(world.sandbox, "Ahoy")
    await advance(world.sandbox, 1)
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    await fork.engine.advance(None)
    first = told(fork)
    fork.reset()
    await fork.engine.advance(None)
    assert told(fork) == first
    assert len(first) == 1
    world.sandbox.reset()
    await world.sandbox.engine.advance(None)
    assert told(world.sandbox) == []


# What cannot be


def late(world: "World", **given: Any) -> Late:
    """A callback that waits, of the account as snapshots have it."""
    changes = dict(given)
    sandbox = world.sandbox
    message = next(iter(world))
    account = Account("AC#1", "token")
    made = status_posting(message, account, sandbox.dice, "sent", SEEDED_START, 0)
    own = {"account_sid": "AC#1", **changes.pop("parcel", {})}
    parcel = msgspec.structs.replace(made.parcel, **own)
    posting = msgspec.structs.replace(made, parcel=parcel, **changes.pop("posting", {}))
    copy = Copy(posting, **changes.pop("copy", {}))
    return msgspec.structs.replace(Late("SM1", SEEDED_START, (copy,)), **changes)


MISFITS: dict[str, dict[str, Any]] = {
    "nothing": {"train": ()},
    "of nothing": {"chain": ""},
    "before time": {"due": -1},
    "after all time": {"due": LATEST + 1},
    "again after all time": {"copy": {"replay": LATEST}},
    "again before": {"copy": {"replay": -1}},
    "of a stranger": {"parcel": {"account_sid": "AC#2"}},
    "to nowhere": {"parcel": {"url": "mailto:you"}},
    "in two lines": {"parcel": {"url": "http://localhost/\r\nHost: x"}},
    "two headers": {"parcel": {"idempotency_token": "a\nb"}},
    "by another method": {"parcel": {"method": "BREW"}},
    "attempt 0": {"posting": {"attempt": 0}},
}


@pytest.mark.parametrize("what", MISFITS)
async def test_what_could_not_be_posted_is_refused(make_world: "MakeWorld", what: str) -> None:
    """It says which; what could be is taken."""
    world = make_world("manual")
    await world.create(StatusCallback=HOOK)
    snapshot = world.sandbox.snapshot()
    rows = [late(world), late(world, **MISFITS[what])]
    for name in ("late", "retries"):
        wrong = msgspec.structs.replace(snapshot, **{name: rows})
        said = rf"^{name}\[1\] is nothing that could be posted$"
        with pytest.raises(BadSnapshot, match=said):
            through_json(wrong)
    through_json(msgspec.structs.replace(snapshot, late=rows[:1]))


async def test_one_at_a_time_waits_for_the_next(make_world: "MakeWorld") -> None:
    """Of each message; for the clock any number may wait."""
    world = make_world("manual")
    await world.create(StatusCallback=HOOK)
    snapshot, one = world.sandbox.snapshot(), late(world)
    through_json(msgspec.structs.replace(snapshot, late=[one, one, late(world, due=0)]))
    wrong = msgspec.structs.replace(snapshot, late=[late(world, due=0), late(world, due=0)])
    with pytest.raises(BadSnapshot, match="late: two wait for the next callback"):
        through_json(wrong)


async def test_what_is_foreseen_is_about_messages(make_world: "MakeWorld") -> None:
    """That are there."""
    world = make_world("manual")
    snapshot = world.sandbox.snapshot()
    document = msgspec.json.decode(msgspec.json.encode(snapshot))
    document["foreseen"] = {"SM" + "1" * 32: {"hurried": "sent"}}
    with pytest.raises(BadSnapshot, match="foreseen must be about messages"):
        parse(document)


# What waits for another attempt


def outage(world: "World", seconds: float) -> None:
    """The application is not there for so long, on the clock of whoever calls it."""
    end = SEEDED_START + round(seconds * 1_000_000)

    def verdict(parcel: Parcel) -> Answer | Exception:
        caller = world.sandboxes.of_account(parcel.account_sid)
        assert caller is not None
        return Unreachable("nobody listens") if caller.clock.now() < end else Answer(204)

    world.app.verdict = verdict


@given(
    st.dictionaries(st.sampled_from(sorted(KINDS)), st.sampled_from([0.5, 1.0]), max_size=2),
    st.integers(0, 4_000),
    st.integers(0, 4),
)
def test_what_is_tried_again_is_there(
    in_world: "InWorld[None]", weather: dict[str, float], fork_at: int, outage_s: int
) -> None:
    """At its time, as the attempt that it is, before what is behind it, under whatever weather."""

    async def act(world: "World") -> None:
        origin = world.sandbox
        for name, share in weather.items():
            bring(origin, KINDS[name], name, share=share)
        outage(world, outage_s)
        for number in range(3):
            await send(origin, f"No. {number}", HOOK + "#rc=5")
        await advance(origin, fork_at / 1_000)
        fork, before = list(others(world)), len(origin.journal.callbacks)
        for sandbox in (origin, *fork):
            await sandbox.engine.advance(None)
        stories = [told(origin, before), *map(told, fork)]
        assert stories[1:] == stories[:1] * len(fork)

    in_world("manual", act)


async def test_a_retry_waits_in_a_fork_and_in_its_fork(make_world: "MakeWorld") -> None:
    """Signed as its rule has it, with the new token, and in front of what is behind it."""
    world = make_world("manual")
    outage(world, 1)
    bring(world.sandbox, {"signature": "missing"}, status="sent")
    await send(world.sandbox, "Ahoy", HOOK + "#rc=5")
    await advance(world.sandbox, 0.6)
    [kept] = through_json(world.sandbox.snapshot()).retries
    assert [copy.posting.attempt for copy in kept.train] == [2, 1]
    fork = await copying.forked(world.sandboxes, world.sandbox, Order())
    again = await copying.forked(world.sandboxes, fork, Order())
    for sandbox in (fork, again):
        await sandbox.engine.advance(None)
        token = sandbox.accounts.first.auth_token
        assert [
            (each.status, each.attempt, each.signature == sign(each.url, each.params, token))
            for each in sandbox.journal.callbacks
        ] == [("sent", 2, False), ("delivered", 1, True)]
        assert sandbox.engine.idle
