"""Rules and scenarios from a test: faults, weather, handsets, switching, parameters."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handle import ControlError

FROM, TO = "+15017122661", "+15558675310"
CREATE = "api.v2010.CreateMessage"

LOST = {
    "parameters": {"code": 30003, "share": 1},
    "delivery": [
        {"id": "lost", "when": {"share": "${share}"}, "error_code": "${code}"},
    ],
}


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A sandbox whose clock stands still."""
    with MockTwilio(clock="manual") as twilio:
        yield twilio


@pytest.fixture
async def other() -> AsyncIterator[AsyncMockTwilio]:
    """Its asynchronous twin."""
    async with AsyncMockTwilio() as twilio:
        yield twilio


def in_force(twilio: MockTwilio) -> dict[str, Any]:
    """What the control API says of the scenario."""
    found: dict[str, Any] = twilio._control.call("GET", "/scenario")
    return found


def outcome(twilio: MockTwilio, body: str = "Hi") -> tuple[str, int | None]:
    """How a message ends."""
    sent = twilio.client().messages.create(to=TO, from_=FROM, body=body)
    twilio.clock.advance(seconds=10)
    [message] = twilio.messages(sid=sent.sid)
    return message.status, message.error_code


def test_a_fault(twilio: MockTwilio) -> None:
    """With what it is about, and how often."""
    rule = twilio.fault(status=503, body="down", when={"operation": CREATE, "from_": FROM}, times=1)
    with pytest.raises(TwilioRestException, match="503"):
        outcome(twilio)
    assert outcome(twilio) == ("delivered", None)
    [told] = in_force(twilio)["rules"]
    assert (told["id"], told["fired"]) == (rule, 1)


def test_a_callback_tells_its_weather(twilio: MockTwilio) -> None:
    """By the rule's id; it is nothing where no rule was about it."""
    twilio.weather(id="lost", drop=True, when={"status": "sent"})
    message = {"to": TO, "from_": "+15017122661", "body": "Ahoy"}
    twilio.client().messages.create(**message, status_callback="http://127.0.0.1:9/")
    twilio.clock.run_until_idle()
    told = {each.status: each.weather for each in twilio.callbacks(kind="status")}
    assert told == {"sent": "lost", "delivered": None}


def test_weather_and_handsets(twilio: MockTwilio) -> None:
    """Are rules as in a scenario."""
    first = twilio.weather(duplicate=1, delay="5s", when={"status": "delivered"}, times=3)
    second = twilio.handset(reply=r"\1!", body_regex="say (.*)", delay="1s", to=TO, every=2)
    added = in_force(twilio)["added"]
    assert added["weather"] == [
        {
            "id": first,
            "when": {"status": "delivered"},
            "then": {"duplicate": 1, "delay": "5s"},
            "times": 3,
        }
    ]
    assert added["handsets"] == [
        {
            "id": second,
            "when": {"body_regex": "say (.*)", "to": TO, "every": 2},
            "reply": r"\1!",
            "delay": "1s",
        }
    ]


def test_a_rule_waits_for_its_switch(twilio: MockTwilio) -> None:
    """By name, one or several, on and off again."""
    twilio.fault(status=503, id="down", enabled=False)
    twilio.switch(on="down")
    with pytest.raises(TwilioRestException):
        outcome(twilio)
    twilio.switch(off=["down"])
    assert outcome(twilio) == ("delivered", None)
    with pytest.raises(ControlError, match="did you mean 'down'"):
        twilio.switch(on="donw")


def test_what_a_rule_cannot_say_is_refused(twilio: MockTwilio) -> None:
    """With what was meant."""
    with pytest.raises(ControlError, match="did you mean 'duplicate'"):
        twilio.weather(duplicat=1)
    with pytest.raises(ControlError, match="did you mean 'operation'"):
        twilio.fault(when={"operatoin": CREATE}, status=503)


def test_a_scenario_with_parameters(twilio: MockTwilio) -> None:
    """For a block; afterwards all is as before."""
    with twilio.scenario(LOST, code=30005):
        assert outcome(twilio) == ("undelivered", 30005)
    assert outcome(twilio) == ("delivered", None)
    with pytest.raises(ControlError, match="no parameter 'cod'; did you mean 'code'"):
        twilio.scenario(LOST, cod=1)


def test_a_sandbox_with_parameters() -> None:
    """From the start, as a name or a document; also after a reset."""
    with MockTwilio(scenario=LOST, parameters={"code": 30006}, clock="manual") as twilio:
        assert outcome(twilio) == ("undelivered", 30006)
        twilio.reset()
        assert outcome(twilio) == ("undelivered", 30006)


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A file that builds upon a ready-made scenario."""
    path = tmp_path / "day.yaml"
    path.write_text("""
parameters: {code: 30006}
extends: {name: carrier-outage, with: {code: "${code}", to: "+1555*"}}
given: {numbers: ["+14155550123"]}
""")
    return path


def test_a_file(day: Path, twilio: MockTwilio) -> None:
    """A path, or text that ends as one; its lines are named where it is broken."""
    for file in (day, str(day)):
        with MockTwilio(scenario=file, parameters={"code": 30007}, clock="manual") as other:
            assert outcome(other) == ("undelivered", 30007)
            other.reset()
            assert outcome(other) == ("undelivered", 30007)
        with twilio.scenario(file):
            assert outcome(twilio) == ("undelivered", 30006)
        assert outcome(twilio) == ("delivered", None)
    with pytest.raises(ValueError, match=r"day\.yaml:2:13: .*no parameter 'cod'; did you mean"):
        twilio.scenario(day, cod=1)
    with pytest.raises(ValueError, match=r"night\.yaml: cannot be read: No such file"):
        MockTwilio(scenario=day.with_name("night.yaml")).start()
    assert outcome(twilio) == ("delivered", None)


def test_a_scenario_goes_on_where_it_was(twilio: MockTwilio) -> None:
    """After a block: switches, steps that were taken and those to come, windows, counters."""
    rules = [
        {"id": "off", "outcome": "failed"},
        {"id": "window", "when": {"body": "window", "before": "2m"}, "error_code": 30004},
        {"id": "third", "when": {"nth": 3, "body": "third"}, "error_code": 30007},
        {"id": "later", "enabled": False, "error_code": 30008},
    ]
    steps = [{"at": "30s", "off": ["off"], "senders": "strict"}, {"at": "3m", "on": ["later"]}]
    given = {"numbers": [FROM]}
    twilio.scenario({"delivery": rules, "steps": steps, "given": given})
    twilio.clock.advance(seconds=30)
    assert outcome(twilio, "third") == ("delivered", None)
    with twilio.scenario("carrier-outage"):
        assert outcome(twilio) == ("undelivered", 30003)
    told = in_force(twilio)
    assert [each["enabled"] for each in told["rules"]] == [False, True, True, False]
    assert told["scenario"]["steps"] == [
        {"at": "0s", "senders": "strict"},
        {"at": "140s", "on": ["later"]},
    ]
    assert outcome(twilio, "window") == ("undelivered", 30004)
    assert outcome(twilio, "third") == ("delivered", None)
    assert outcome(twilio, "third") == ("undelivered", 30007)
    twilio.clock.advance(seconds=60)
    assert outcome(twilio, "window") == ("delivered", None)
    twilio.clock.advance(seconds=60)
    assert outcome(twilio) == ("undelivered", 30008)
    with pytest.raises(TwilioRestException):
        twilio.client().messages.create(to=TO, from_="+15017122662", body="strict")


def test_the_first_of_each(twilio: MockTwilio) -> None:
    """The first try of each create is refused; the first text to each is lost, what follows comes.

    After a block with another scenario, each has a first one again.
    """
    first = {"nth": 1, "per": ["to", "body"]}
    faults = [{"when": {"operation": CREATE, **first}, "then": {"error": 20429}}]
    twilio.scenario({"faults": faults})
    twilio.deliver(outcome="sent", nth=1, per="to")
    for body in ("one", "two"):
        with pytest.raises(TwilioRestException, match="Too Many Requests"):
            outcome(twilio, body)
    assert [outcome(twilio, "one")[0], outcome(twilio, "two")[0]] == ["sent", "delivered"]
    with twilio.scenario("happy-path"):
        assert outcome(twilio) == ("delivered", None)
    with pytest.raises(TwilioRestException, match="Too Many Requests"):
        outcome(twilio, "one")


async def test_the_twin(other: AsyncMockTwilio) -> None:
    """Does the same, awaited."""
    fault = await other.fault(status=503, when={"operation": CREATE}, id="down", enabled=False)
    assert fault == "down"
    await other.switch(on=fault)
    await other.switch(off=[fault])
    assert await other.weather(duplicate=1) == "weather-1"
    assert await other.handset(reply="Yes", to=TO) == "handsets-1"
    async with other.scenario(LOST, code=30005):
        sent = await other.client().messages.create_async(to=TO, from_=FROM, body="Hi")
        message = await other.wait_for_message(sid=sent.sid, status="undelivered")
        assert message.error_code == 30005
