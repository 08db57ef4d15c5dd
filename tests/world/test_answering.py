"""Handsets that answer what reached them."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Given, GivenNumber, GivenService
from mockserver.world.answering import WIDTH
from mockserver.world.ports import Answer, Parcel
from mockserver.world.sandboxes import Order
from mockserver.world.scenarios import from_document
from mockserver.world.snapshot import BadSnapshot, parse
from mockserver.world.state import FileArchive
from mockserver.world.tables import Unit

HANDSET, NUMBER = "+14155552671", "+15017122661"
URL = "http://localhost:5000/sms"
XML = (("Content-Type", "text/xml"),)


def ruled(world: Any, *handsets: dict[str, Any], **scenario: Any) -> Any:
    """A world whose number has a webhook, with these rules of handsets."""
    world.give(Given(numbers=(GivenNumber(NUMBER, sms_url=URL),)))
    document = {"name": "test", "handsets": list(handsets), **scenario}
    world.sandbox.regime.put(from_document(document), Unit())
    return world


class Slow:
    """A store that keeps a unit a few turns of the loop later."""

    durable = True

    def __init__(self) -> None:
        self.kept: set[tuple[str, str]] = set()

    def commit(self, unit: Unit) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self._keep(unit))

    async def _keep(self, unit: Unit) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self.kept |= {(table, key) for table, key, _ in unit.rows}


@pytest.fixture
def answering(make_world: Any) -> Any:
    """`answering({"reply": …}, clock="manual")`: a world with these rules of handsets."""

    def made(*handsets: dict[str, Any], clock: str = "instant", **scenario: Any) -> Any:
        return ruled(make_world(clock), *handsets, **scenario)

    return made


def said(world: Any) -> list[str]:
    """What handsets wrote, in order."""
    return [message.body for message in world if message.direction == "inbound"]


def heard(world: Any) -> list[str]:
    """What the application's webhook was told of it, in order."""
    return [dict(parcel.params)["Body"] for parcel in world.app.posted if parcel.kind == "inbound"]


async def rest(world: Any) -> None:
    """Until nothing is under way any more, conversations and what comes of them included."""
    await world.sandbox.engine.advance(None)


def twiml(inside: str) -> Answer:
    return Answer(200, XML, f"<Response>{inside}</Response>".encode())


async def test_a_delivered_message_is_answered(answering: Any) -> None:
    """By an ordinary inbound message from its recipient to its sender, of which the webhook hears;
    after the delay, on the sandbox's clock."""
    world = answering({"reply": "Thanks!", "delay": "30s"})
    sent = await world.create()
    await rest(world)
    (answer,) = (message for message in world if message.direction == "inbound")
    assert (answer.from_, answer.to, answer.body) == (HANDSET, NUMBER, "Thanks!")
    assert (answer.origin, answer.channel) == ("inbound", "sms")
    assert answer.created_at - sent.created_at == 30_500_000
    assert heard(world) == ["Thanks!"]
    assert world.sandbox.tables.answers == {}
    assert world.idle()


async def test_on_the_manual_clock_it_waits_for_its_time(answering: Any) -> None:
    """And `advance` answers only after the webhook has."""
    world = answering({"reply": "Hi", "delay": "5s"}, clock="manual")
    await world.create()
    await world.advance(5)
    assert (said(world), world.idle()) == ([], False)
    await world.advance(1)
    assert (said(world), heard(world)) == (["Hi"], ["Hi"])
    assert world.idle()


@pytest.mark.parametrize("outcome", ["undelivered", "failed", "sent"])
async def test_what_did_not_reach_the_handset_is_not_answered(answering: Any, outcome: str) -> None:
    """Nor is the rule counted: nothing came that it could be about."""
    world = answering({"id": "polite", "reply": "Hi"}, delivery=[{"outcome": outcome}])
    await world.create()
    await rest(world)
    assert said(world) == []
    assert world.sandbox.rules.counters.get("polite.matched", 0) == 0


async def test_what_is_read_is_answered_once(answering: Any) -> None:
    """It was delivered before."""
    world = answering({"reply": "Hi"}, delivery=[{"outcome": "read"}])
    await world.create()
    await rest(world)
    assert said(world) == ["Hi"]


async def test_the_rule_says_to_what_and_how_often(answering: Any) -> None:
    """The first that matches answers; one that has fired so many times is over."""
    code = {"when": {"body_regex": r"code is (\d+)"}, "reply": r"Got \1", "times": 1}
    world = answering(code, {"when": {"to": "+1415*"}, "reply": "What?"})
    for body in ("Your code is 123", "Your code is 456", "Hello"):
        await world.create(Body=body)
        await rest(world)
    await world.create(To="+12125552671")
    await rest(world)
    assert said(world) == ["Got 123", "What?", "What?"]


async def test_an_answer_that_is_a_keyword_opts_out(answering: Any) -> None:
    """STOP is heard as from any handset, and the application is told which word it was."""
    world = answering({"reply": "STOP"})
    await world.create()
    await rest(world)
    assert len(world.sandbox.tables.opt_outs) == 1
    (parcel,) = (parcel for parcel in world.app.posted if parcel.kind == "inbound")
    assert dict(parcel.params)["Body"] == "STOP"
    assert said(world) == ["STOP"]


async def test_a_conversation_goes_on(answering: Any) -> None:
    """What the application says to an answer reaches the handset, which answers that, too."""
    replies = [{"when": {"body": "more?"}, "reply": "no"}, {"reply": "yes"}]
    world = answering(*replies)
    world.app.answers[""] = [twiml("<Message>Do you want more?</Message>"), twiml("")]
    await world.create(Body="Do you want some?")
    await rest(world)
    assert said(world) == ["yes", "no"]


async def test_two_machines_do_not_answer_each_other_for_ever(answering: Any) -> None:
    """Loop protection fails a reply (14107), which then reaches nobody who could answer."""
    world = answering({"reply": "Me too"})
    world.app.verdict = lambda parcel: twiml("<Message>I am here</Message>")
    await world.create()
    await rest(world)
    replies = [message for message in world if message.origin == "reply"]
    assert world.delivery(replies[-1]).error_code == 14107
    assert 1 < len(said(world)) == len(replies) < 50


async def test_a_sender_that_nobody_can_write_to(answering: Any) -> None:
    """A name gets no answer, and no rule is spent on it."""
    world = answering({"id": "polite", "reply": "Hi", "times": 1})
    await world.create(From="ACME", To="+447911123456")
    await rest(world)
    assert world.sandbox.rules.counters == {}
    await world.create()
    await rest(world)
    assert said(world) == ["Hi"]


async def test_on_whatsapp_it_is_answered_there(make_world: Any) -> None:
    """With the channel's parameters, and so it opens a session."""
    number = f"whatsapp:{NUMBER}"
    world = ruled(make_world(), {"reply": "Hola"})
    world.give(Given(numbers=(GivenNumber(number, sms_url=URL),)))
    await world.create(From=number, To=f"whatsapp:{HANDSET}")
    await rest(world)
    (parcel,) = world.app.posted
    assert dict(parcel.params)["WaId"] == HANDSET[1:]
    assert f"whatsapp:{HANDSET}" in world.sandbox.tables.heard


async def test_messages_of_test_credentials_reach_nobody(make_world: Any) -> None:
    """So nobody answers."""
    world = ruled(make_world(), {"reply": "x"}, given={"account": {"mode": "test"}})
    await world.create(From="+15005550006")
    await rest(world)
    assert said(world) == []


async def test_an_inbound_message_is_not_answered_by_its_sender(answering: Any) -> None:
    """Only what the account sends reaches a handset."""
    world = answering({"reply": "Hi"})
    await world.receive(body="Hello")
    assert said(world) == ["Hello"]


async def test_what_was_deleted_was_read_all_the_same(answering: Any) -> None:
    """The handset has it."""
    world = answering({"reply": "Hi", "delay": "1m"}, clock="manual")
    message = await world.create()
    await world.advance(1)
    await world.sandbox.messages.delete(message)
    await world.advance(60)
    assert said(world) == ["Hi"]


async def test_several_at_once_talk_one_after_the_other(answering: Any) -> None:
    """On a clock that stands still; the application always does it in one order."""
    world = answering({"when": {"body_regex": "(.+)"}, "reply": r"\1"}, clock="manual")
    bodies = [f"{n}" for n in range(2 * WIDTH)]
    for body in bodies:
        await world.create(Body=body, To=f"+1415555{2000 + int(body)}")
    world.app.most = 0
    await world.advance(10)
    assert (heard(world), world.app.most) == (bodies, 1)


async def test_on_a_running_clock_they_talk_side_by_side(answering: Any) -> None:
    """So many, and not more."""
    fast = [{"outcome": "delivered", "after": {"sending": 0, "sent": 0, "final": 0}}]
    world = answering({"reply": "Hi"}, clock="real", delivery=fast)
    for n in range(2 * WIDTH):
        await world.create(To=f"+1415555{2000 + n}")
    while len(heard(world)) < 2 * WIDTH:
        await world.turns(10)
    await rest(world)
    assert len(said(world)) == 2 * WIDTH
    assert 1 < world.app.most <= WIDTH


@pytest.mark.parametrize("clock", ["instant", "manual", "scaled:1000"])
async def test_the_application_hears_of_nothing_that_is_not_kept(
    make_world: Any, clock: str
) -> None:
    """The message is in the store before the webhook is called, and all have their turn."""
    store = Slow()
    world = ruled(make_world(clock, store=store), {"reply": "Hi"})
    early: list[str] = []

    def verdict(parcel: Parcel) -> Answer:
        if ("messages", parcel.message_sid) not in store.kept:
            early.append(parcel.message_sid)
        return Answer(204)

    world.app.verdict = verdict
    for n in range(40):
        await world.create(To=f"+1415555{2000 + n}")
    while len(heard(world)) < 40:
        await rest(world)
    assert (early, len(said(world))) == ([], 40)


async def test_all_have_written_before_the_application_is_asked(answering: Any) -> None:
    """Of a tick's handsets; what an opt-out does is done whatever the application does."""
    world = answering({"reply": "STOP"}, clock="manual")
    seen: list[tuple[int, int]] = []

    def verdict(parcel: Parcel) -> Answer:
        seen.append((len(said(world)), len(world.sandbox.tables.opt_outs)))
        return Answer(204)

    world.app.verdict = verdict
    for n in range(3):
        await world.create(To=f"+1415555{2000 + n}")
    await world.advance(10)
    assert seen == [(3, 3)] * 3


async def test_the_next_create_knows_of_the_opt_out(answering: Any) -> None:
    """On the instant clock, whether or not the loop was free in between."""
    world = answering({"reply": "STOP"})
    await world.create()
    with pytest.raises(TwilioError) as refusal:
        await world.create()
    assert refusal.value.code == 21610


async def test_what_goes_wrong_in_one_does_not_stop_the_next(
    answering: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told in the log, and the sandbox comes to rest."""
    world = answering({"reply": "Hi"}, clock="manual")
    for n in range(2):
        await world.create(To=f"+1415555{2000 + n}")

    def verdict(parcel: Parcel) -> Answer:
        world.app.verdict = None
        raise RuntimeError("a bug in the courier")

    world.app.verdict = verdict
    await world.advance(10)
    assert (said(world), world.idle()) == (["Hi"] * 2, True)
    assert "broke the mock" in caplog.text


async def test_a_reset_ends_it(answering: Any) -> None:
    """Nobody writes to a sandbox that began again."""
    world = answering({"reply": "Hi", "delay": "1s"}, clock="manual")
    await world.create()
    await world.advance(1)
    world.sandbox.reset()
    await world.advance(60)
    assert list(world) == []


async def test_a_new_scenario_does_not_take_it_back(answering: Any) -> None:
    """What a handset is about to write is written, whatever rules come into force."""
    world = answering({"reply": "Hi", "delay": "1m"}, clock="manual")
    await world.create()
    await world.advance(1)
    world.sandbox.regime.put(from_document({"name": "other"}), Unit())
    await world.advance(60)
    assert said(world) == ["Hi"]


async def test_a_snapshot_has_what_is_still_to_come(answering: Any) -> None:
    """And the sandbox that goes on from it has it written at its time."""
    world = answering({"reply": "Hi", "delay": "1m"}, clock="manual")
    await world.create()
    await world.advance(1)
    kept = parse(msgspec.json.decode(msgspec.json.encode(world.sandbox.snapshot())))
    box = world.sandboxes.make(Order(origin=kept, clock="manual"))
    assert [each.body for each in box.tables.answers.values()] == ["Hi"]
    await box.engine.advance(kept.at + 60_000_000)
    written = [m for m in box.tables.messages.places.oldest_first() if m.direction == "inbound"]
    assert [message.body for message in written] == ["Hi"]
    assert written[0].account_sid == box.accounts.first.sid


async def test_it_survives_the_server(make_world: Any, tmp_path: Path) -> None:
    """What is still to come is in the state file, and what was written is not written again."""
    file = tmp_path / "state"
    rule = {"when": {"body_regex": "(.+)"}, "reply": r"\1", "delay": "1m"}
    archive = FileArchive(file)
    world = ruled(make_world("manual", archive=archive), rule)
    for body in ("first", "second"):
        await world.create(Body=body)
        await world.advance(40)
    world.sandboxes.stop()
    await archive.close()
    archive = FileArchive(file)
    again = make_world("manual", archive=archive)
    before = said(again)
    await again.advance(60)
    assert (before, said(again), heard(again)) == (["first"], ["first", "second"], ["second"])
    again.sandboxes.stop()
    await archive.close()


@pytest.mark.parametrize(
    "change",
    [{"from_": "nobody"}, {"to": "ACME"}, {"at": -1}],
)
async def test_a_snapshot_with_what_no_handset_could_write(
    answering: Any, change: dict[str, Any]
) -> None:
    """Is refused."""
    world = answering({"reply": "Hi", "delay": "1m"}, clock="manual")
    message = await world.create()
    await world.advance(1)
    document = msgspec.json.decode(msgspec.json.encode(world.sandbox.snapshot()))
    document["answers"][message.sid] |= change
    with pytest.raises(BadSnapshot, match="nothing that a handset could write"):
        parse(document)


async def test_without_rules_nothing_is_loaded(make_world: Any) -> None:
    """No sandbox makes what it does not need."""
    world = make_world()
    await world.create()
    await rest(world)
    assert "answering" not in vars(world.sandbox)


async def test_a_status_that_was_forced_counts(answering: Any) -> None:
    """A message that is made to be delivered is answered like any other."""
    world = answering({"reply": "Hi"}, clock="manual", delivery=[{"outcome": "sent"}])
    message = await world.create()
    await world.advance(1)
    unit = Unit()
    world.sandbox.engine.force(message, "delivered", 0, unit)
    await world.sandbox.engine.commit(unit)
    await rest(world)
    assert said(world) == ["Hi"]


async def test_who_got_it_from_a_service_writes_to_its_sender(make_world: Any) -> None:
    """To the number that the message came from; STOP is then for the whole service."""
    world = ruled(make_world(), {"reply": "STOP"})
    service = "MG" + "a" * 32
    world.give(Given(services=(GivenService(service, senders=(NUMBER,), inbound_request_url=URL),)))
    await world.create(From="-", MessagingServiceSid=service)
    await rest(world)
    (answer,) = (message for message in world if message.direction == "inbound")
    assert (answer.to, answer.messaging_service_sid) == (NUMBER, service)
    (out,) = world.sandbox.tables.opt_outs
    assert out.from_ == service
