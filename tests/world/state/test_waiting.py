"""What waits, of other things than messages, when the process ends."""

import json
from typing import TYPE_CHECKING, Any

from mockserver.domain.faults import WeatherRule, When, read_weather
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.domain.media import Media
from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.recipients import Recipient
from mockserver.domain.numbers import OptOut
from mockserver.world import copying
from mockserver.world.events.sinks import Sinks
from mockserver.world.events.subscriptions import Subscriptions
from mockserver.world.notify.bindings import Bindings
from mockserver.world.notify.sending import send
from mockserver.world.notify.services import NotifyServices
from mockserver.world.orders import Order
from mockserver.world.ports import Answer, Unreachable
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    import pytest

    from tests.world.state.conftest import Life, Start

SENT = "com.twilio.messaging.message.sent"


def weather(life: "Life", then: dict[str, Any], **about: str) -> None:
    """A rule for webhooks."""
    matcher = Matcher.compile(about or {"status": "sent"}, fields=WEATHER_FIELDS)
    life.sandbox.rules.add(WeatherRule("w", When(matcher), read_weather(then)))


# Weather


async def test_a_callback_that_is_late(start: "Start") -> None:
    """It goes out once its time has come, after the restart, with the token that it has."""
    life = start()
    weather(life, {"delay": "10s"})
    await life.create()
    await life.advance(5)
    assert [told[1] for told in life.app.told] == ["delivered"]
    again = start(after=life)
    await again.advance(4)
    assert again.app.told == []
    await again.advance(10)
    await life.advance(10)
    assert [told for told in again.app.told if told[1] == "sent"] == life.app.told[1:]


async def test_a_callback_that_waits_for_the_next(start: "Start") -> None:
    """It goes behind that after the restart, too, with its copy."""
    life = start()
    weather(life, {"reorder": True, "duplicate": 1})
    await life.create()
    await life.advance(0.3)
    assert life.app.told == []
    again = start(after=life)
    for each in (life, again):
        await each.advance(10)
    assert again.app.told == life.app.told
    assert [told[1] for told in again.app.told] == ["delivered", "sent", "sent"]
    third = start(after=again)
    await third.advance(10)
    assert third.app.told == []


async def test_a_callback_that_is_late_and_comes_again(start: "Start") -> None:
    """Each at its time, whenever the process ends."""
    life = start()
    weather(life, {"delay": "10s", "replay": "1m"})
    await life.create()
    await life.advance(5)
    again = start(after=life)
    await again.advance(10)
    third = start(after=again)
    await third.advance(60)
    await life.advance(70)
    told = [*again.app.told, *third.app.told]
    assert told == life.app.told[1:]
    assert [each[1] for each in told] == ["sent", "sent"]


async def test_a_callback_that_is_forged(start: "Start") -> None:
    """It bears after the restart what it would have borne."""
    life = start()
    weather(life, {"delay": "10s", "signature": "wrong"})
    await life.create()
    await life.advance(5)
    again = start(after=life)
    for each in (life, again):
        await each.advance(10)
    signatures = [
        [entry.signature for entry in each.sandbox.journal.callbacks if entry.status == "sent"]
        for each in (life, again)
    ]
    assert signatures[0] == signatures[1] != [""]


async def test_a_callback_that_goes_twice(start: "Start") -> None:
    """Both are remembered until they are answered."""
    life = start("scaled:60")
    life.app.up = False
    weather(life, {"duplicate": 1}, status="delivered")
    await life.create(StatusCallback="http://127.0.0.1:9/status#rc=5")
    await life.advance(0.6)
    again = start("scaled:60", after=life)
    await again.advance(60)
    told = [each for each in again.app.told if each[1] == "delivered"]
    assert len(told) == 2
    assert len(set(told)) == 1


async def test_a_retry_in_a_fork(start: "Start") -> None:
    """What waited for another attempt when it was forked is remembered as the fork's own."""
    life = start()
    life.app.up = False
    await life.create(StatusCallback="http://127.0.0.1:9/status#rc=5")
    await life.advance(0.3)
    fork = await copying.forked(life.boxes, life.sandbox, Order())
    await life.kept()
    again = start(after=life)
    [twin] = [box for box in again.boxes if box.id == fork.id]
    await twin.engine.advance(twin.clock.now() + 10_000_000)
    assert [told[1] for told in again.app.told] == ["sent", "delivered"]
    assert [each.attempt for each in twin.journal.callbacks] == [2, 1]


# Event Streams


async def follow(life: "Life", *, batched: bool) -> str:
    """The SID of a sink that hears of messages that were sent."""
    sandbox = life.sandbox
    given = {"destination": "http://app.example/", "method": "POST", "batch_events": batched}
    account = sandbox.accounts.first
    sink = await Sinks(sandbox).create(account, "webhook", given, "A sink")
    await Subscriptions(sandbox).create(account, sink.sid, {SENT: 1}, "All")
    return sink.sid


def hear(life: "Life", *, up: bool = True) -> list[str]:
    """What the sink hears from now on: types of events, and the tokens of posts."""
    told: list[str] = []

    async def deliver(parcel: Any, limits: Any) -> Answer:
        found = json.loads(parcel.body)
        events = found if isinstance(found, list) else [found]
        told.extend(f"{each['id']} {parcel.idempotency_token}" for each in events)
        if not up:
            raise Unreachable("nobody is there")
        return Answer(204)

    life.app.deliver = deliver  # type: ignore[method-assign]
    return told


async def test_events_that_are_still_gathered(start: "Start") -> None:
    """They are posted after the restart, in the batch that they would have been in."""
    life = start()
    await follow(life, batched=True)
    told = hear(life)
    await life.create(StatusCallback="")
    await life.advance(0.25)
    assert told == []
    again = start(after=life)
    told_again = hear(again)
    for each in (life, again):
        await each.advance(1)
    assert told_again == told
    assert len(told) == 1
    assert start(after=again).sandbox.engine.idle


async def test_a_post_that_waits_for_another_try(start: "Start") -> None:
    """At its time, with its token."""
    life = start()
    await follow(life, batched=False)
    told = hear(life, up=False)
    await life.create(StatusCallback="")
    await life.advance(0.25)
    assert len(told) == 1
    again = start(after=life)
    told_again = hear(again)
    await again.advance(86_400)
    assert told_again == told


async def test_an_event_for_a_sink_that_is_gone(start: "Start") -> None:
    """Nobody is told."""
    life = start()
    sid = await follow(life, batched=True)
    await life.create(StatusCallback="")
    await life.advance(0.25)
    del life.sandbox.tables.sinks[sid]
    life.sandbox.tables.subscriptions.clear()
    await life.kept()
    again = start(after=life)
    told = hear(again)
    await again.advance(60)
    assert told == []


# Notify


async def serve(life: "Life", **form: Any) -> Any:
    sandbox = life.sandbox
    return await NotifyServices(sandbox).create(sandbox.accounts.first, form)


async def test_a_notification_goes_on_where_it_was(
    start: "Start", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    """To those who were not dealt with yet; whom it means is written once."""
    monkeypatch.setattr("mockserver.world.notify.work.ROWS", 2)
    life = start()
    service = await serve(life, LogEnabled=True)
    for number in range(5):
        form = {"Identity": f"{number}", "BindingType": "sms", "Address": f"+1415555{number:04d}"}
        await Bindings(life.sandbox, service).create(form)
    sandbox = life.sandbox
    ask = Ask(body="Ahoy", tags=("all",))
    told = await send(sandbox, sandbox.accounts.first, service, ask)
    [progress] = sandbox.tables.notify.progress.values()
    assert (progress.done, len(progress.places)) == (0, 5)
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    sandbox.outbox.release(told.sid)
    for each in (life, again):
        await each.advance(60)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    assert again.sandbox.tables.notify.progress[told.sid].over
    assert len(again.sandbox.tables.notify.deliveries) == 5


async def test_the_tables_of_services(start: "Start") -> None:
    """Bindings and users in their places, those that are gone too; what goes with its service."""
    life = start()
    service, other = await serve(life), await serve(life)
    for each in (service, other):
        bindings = Bindings(life.sandbox, each)
        made = [
            await bindings.create({"Identity": name, "BindingType": "sms", "Address": to})
            for name, to in (("Ada", "+14155550123"), ("Bob", "+14155550124"))
        ]
        await bindings.delete(made[0])
    again = start(after=life)
    assert again.sandbox.snapshot() == life.sandbox.snapshot()
    table = again.sandbox.tables.notify.bindings[service.sid]
    assert (table.next_place, [each.identity for each in table]) == (2, ["Bob"])
    kept = again.sandbox.tables.notify.services[service.sid]
    await NotifyServices(again.sandbox).delete(kept)
    third = start(after=again)
    assert third.sandbox.snapshot() == again.sandbox.snapshot()
    assert list(third.sandbox.tables.notify.bindings) == [other.sid]


async def test_deliveries_stay_in_order(start: "Start") -> None:
    """More of them than one digit counts."""
    life = start()
    service = await serve(life, LogEnabled=True)
    sandbox = life.sandbox
    everybody = tuple(Recipient("fcm", f"device {number}") for number in range(12))
    told = await send(sandbox, sandbox.accounts.first, service, Ask(body="x", recipients=everybody))
    sandbox.outbox.release(told.sid)
    await life.advance(60)
    assert len(sandbox.tables.notify.deliveries) == 12
    again = start(after=life)
    assert again.sandbox.tables.notify.deliveries == sandbox.tables.notify.deliveries


# Tables with indexes


async def test_media_and_contents(start: "Start") -> None:
    """What was deleted leaves its place; a content goes with the last that has it."""
    life = start()
    table, unit = life.sandbox.tables.media, Unit()
    for number, digest in enumerate(("a", "b", "a")):
        sid = f"ME{number:032x}"
        made = Media(sid, "MM1", "AC1", "image/png", 1, 1, "http://a", digest=digest)
        table.add(made, digest.encode(), unit)
    table.delete(f"ME{1:032x}", unit)
    await life.kept()
    again = start(after=life).sandbox.tables.media
    assert list(again) == list(table)
    assert again.places("MM1") == table.places("MM1")
    assert dict(again.contents) == dict(table.contents) == {"a": b"a"}
    again.drop("MM1", unit)
    assert dict(again.contents) == {}


async def test_opt_outs(start: "Start") -> None:
    """By recipient, too."""
    life = start()
    table, unit = life.sandbox.tables.opt_outs, Unit()
    outs = [OptOut("+15017122661", f"+1415555000{number}") for number in range(3)]
    for out in outs:
        table.add(out, unit)
    await life.kept()
    table.remove(outs[0], unit)
    await life.kept()
    again = start(after=life).sandbox.tables.opt_outs
    assert list(again) == outs[1:]
    assert again.of("+14155550001") == (outs[1],)
