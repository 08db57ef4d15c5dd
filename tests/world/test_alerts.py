"""Alerts: which ones there are, whose they are, and what they hold."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import DeliveryRule, Given, GivenNumber, When
from mockserver.domain.message import Delivery, Message
from mockserver.domain.paging import PageAsk
from mockserver.world.alerts import Alarms, cut, own, shown, text
from mockserver.world.clock import REAL, Clock
from mockserver.world.dice import Dice
from mockserver.world.journal import BODY_KEPT, ENTRIES_KEPT, Alert, Journal
from mockserver.world.ports import Answer, Unreachable
from mockserver.world.sandboxes import Order

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

URL = "http://user:secret@example.com/status#rc=0"


def alerts(world: Any) -> list[Alert]:
    return list(world.sandbox.journal.alerts)


def rule(world: Any, outcome: str, code: int) -> None:
    world.sandbox.rules.add(DeliveryRule("d", When(), outcome, code))


# -- what raises one -------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["failed", "undelivered"])
async def test_a_message_that_fails(make_world: "MakeWorld", outcome: str) -> None:
    """One alert, about the message, when it has come to its end."""
    world = make_world("manual")
    rule(world, outcome, 30003)
    message = await world.create()
    assert alerts(world) == []
    await world.advance(60)
    [alert] = alerts(world)
    at = world.delivery(message).updated_at
    assert (alert.code, alert.resource_sid, alert.at) == (30003, message.sid, at)
    assert (alert.account_sid, alert.text) == (
        message.account_sid,
        "Unreachable destination handset",
    )
    assert shown(world.sandbox.journal, alert) is None


@pytest.mark.parametrize(("outcome", "code"), [("delivered", 30018), ("sent", 0), ("read", 0)])
async def test_a_message_that_does_not(make_world: "MakeWorld", outcome: str, code: int) -> None:
    """None, also where it was delivered with a code."""
    world = make_world("manual")
    rule(world, outcome, code)
    await world.create()
    await world.advance(60)
    assert alerts(world) == []


async def test_a_forced_failure(make_world: "MakeWorld") -> None:
    """It is one like any other."""
    world = make_world("manual")
    message = await world.create()
    await world.sandbox.messages.force(message, "failed", 30008)
    await world.advance(60)
    assert [alert.code for alert in alerts(world)] == [30008]


async def test_the_sids_repeat(make_world: "MakeWorld") -> None:
    """Two runs with one seed have the same alerts, whatever their accounts."""
    runs = []
    for _ in range(2):
        world = make_world(order=Order(seed=7, clock="manual"))
        rule(world, "failed", 30008)
        await world.create()
        for to in ("1", "2"):
            with pytest.raises(TwilioError):
                await world.create(To=to)
        await world.advance(60)
        runs.append([alert.sid for alert in alerts(world)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3


def test_media_that_could_not_be_had_are_told_of_once(journal: Journal) -> None:
    """The alert about the file stands for the message's failure."""
    journal.alerts.append(Alert("NO", 1, 11200, "gone", "MM1", "http://x/a.png", "AC1"))
    alarms = Alarms(journal, *_chance())
    failed = Delivery("failed", 1, ("failed", 1, 11200), error_code=11200)
    alarms.failed(_message("MM1", ("http://x/a.png",)), failed)
    assert len(journal.alerts) == 1
    alarms.failed(_message("MM2", ("http://x/a.png",)), failed)
    assert [alert.resource_sid for alert in journal.alerts] == ["MM1", "MM2"]


def test_the_ring_is_bounded(journal: Journal) -> None:
    """The oldest go first."""
    alarms = Alarms(journal, *_chance())
    failed = Delivery("failed", 1, ("failed", 1, 30003), error_code=30003)
    for number in range(ENTRIES_KEPT + 5):
        alarms.failed(_message(f"SM{number}"), failed)
    assert (len(journal.alerts), journal.alerts.dropped) == (ENTRIES_KEPT, 5)
    assert next(iter(journal.alerts)).resource_sid == "SM5"


# -- what they hold --------------------------------------------------------------------------------


async def test_a_webhook_that_fails(make_world: "MakeWorld") -> None:
    """What was sent and answered, without the password; a long answer is cut."""
    world = make_world()
    headers, sent = (("Content-Type", "text/plain"),), (("I-Am", "Twilio"),)
    world.app.answers["sent"] = [Answer(500, headers, b"x" * 9_999, sent, 11200)]
    message = await world.create(StatusCallback=URL)
    await world.settled()
    [alert] = alerts(world)
    found = shown(world.sandbox.journal, alert)
    assert found is not None
    assert (found.method, found.url) == ("POST", "http://example.com/status")
    assert ("MessageStatus", "sent") in parse_qsl(found.variables)
    assert (found.request_headers, found.response_headers) == (
        "I-Am=Twilio",
        "Content-Type=text%2Fplain",
    )
    assert found.response_body == "x" * BODY_KEPT
    assert alert.account_sid == message.account_sid
    assert ("httpResponse", "500") in parse_qsl(text(alert))


async def test_a_webhook_that_nobody_answers(make_world: "MakeWorld") -> None:
    """What was sent; nothing was answered."""
    world = make_world()
    world.app.answers["sent"] = [Unreachable("no such host", code=11210)]
    await world.create(StatusCallback=URL)
    await world.settled()
    [alert] = alerts(world)
    found = shown(world.sandbox.journal, alert)
    assert found is not None
    assert (found.method, found.response_body, found.response_headers) == ("POST", "", "")
    assert ("httpResponse", "502") in parse_qsl(text(alert))


def test_a_file_that_could_not_be_had(journal: Journal) -> None:
    """Where it was looked for; what was answered is not known."""
    alert = Alert("NO", 1, 11200, "gone", "MM1", "http://example.com/a.png", "AC1")
    found = shown(journal, alert)
    assert found is not None
    assert (found.method, found.url, found.response_body) == ("GET", alert.url, "")
    assert dict(parse_qsl(text(alert)))["url"] == alert.url
    assert "httpResponse" not in text(alert)


async def test_an_answer_that_is_no_twiml(make_world: "MakeWorld") -> None:
    """It is there to be looked at."""
    world = make_world()
    given = Given(numbers=(GivenNumber("+15017122661", sms_url="http://example.com/in"),))
    world.give(given)
    headers = (("Content-Type", "text/xml"),)
    world.app.answers[""] = [Answer(200, headers, b"<Response>")]
    await world.receive()
    [alert] = alerts(world)
    found = shown(world.sandbox.journal, alert)
    assert found is not None
    assert (alert.code, found.response_body) == (12100, "<Response>")
    assert "httpResponse" not in text(alert)


# -- looking them up -------------------------------------------------------------------------------


async def test_whose_they_are(journal: Journal) -> None:
    """An account sees its own, newest first."""
    for number, account_sid in enumerate(("AC1", "AC2", "AC1")):
        journal.alerts.append(Alert(f"NO{number}", number, 1, "", "", account_sid=account_sid))
    assert [alert.sid for alert in await own(journal, "AC1")] == ["NO2", "NO0"]
    assert await own(journal, "AC3") == []


def test_pages() -> None:
    """Forwards and backwards among those that fit; a token need not fit itself."""
    found = [Alert(f"NO{number}", number, 1, "", "") for number in range(9)]

    def page(**ask: Any) -> tuple[list[int], bool]:
        cut_out, more = cut(found, PageAsk(size=2, **ask), lambda alert: alert.at % 2 == 0)
        return [alert.at for alert in cut_out], more

    assert page() == ([0, 2], True)
    assert page(after="NO3") == ([4, 6], True)
    assert page(after="NO6") == ([8], False)
    assert page(after="NO8") == ([], False)
    assert page(before="NO8") == ([4, 6], True)
    assert page(before="NO1") == ([0], True)
    with pytest.raises(TwilioError, match="Page") as refused:
        page(after="NO9")
    assert refused.value.code == 21481


# -- arranging -------------------------------------------------------------------------------------


@pytest.fixture
def journal() -> Journal:
    return Journal()


def _chance() -> tuple[Dice, Clock]:
    return Dice(7), Clock(REAL)


def _message(sid: str, media: tuple[str, ...] = ()) -> Message:
    ends = ("+14155552671", "+15017122661")
    texts = (sid, 0, "AC1", "outbound-api", "sms", "messages", *ends, "x", "GSM-7")
    return Message(*texts, num_segments=1, num_media=0, created_at=0, media_urls=media)
