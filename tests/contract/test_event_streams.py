"""Events as somebody's Flask application gets them, who believes only what Twilio signed."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, request
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

SENT, DELIVERED, LOGGED, RECEIVED = (
    "com.twilio.messaging.message.sent",
    "com.twilio.messaging.message.delivered",
    "com.twilio.error-logs.error.logged",
    "com.twilio.messaging.inbound-message.received",
)
EVERYTHING = (SENT, DELIVERED, LOGGED, RECEIVED)


@dataclass
class Hook:
    """Takes events of an account with this token; it may be out of order at first."""

    token: str = ""
    url: str = ""
    broken: str = ""
    """It takes what tells of this only when it comes again."""
    refused: set[str] = field(default_factory=set)
    told: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def events(self) -> tuple[str, int]:
        body = request.get_data(as_text=True)
        signature = request.headers["X-Twilio-Signature"]
        genuine = RequestValidator(self.token).validate(request.url, body, signature)
        with self.changed:
            if self.broken and self.broken in body and body not in self.refused:
                self.refused.add(body)
                return "", 503
            self.forged += not genuine
            found = json.loads(body)
            self.told += found if isinstance(found, list) else [found]
            self.changed.notify_all()
        return "", 200

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """What it was told, once there is so much of it."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) >= count, timeout=20)
            return list(self.told)


@pytest.fixture
def hook(served: Callable[[Flask], str]) -> Hook:
    hook, flask = Hook(), Flask("hook")
    flask.add_url_rule("/events", view_func=hook.events, methods=["POST", "GET"])
    hook.url = f"{served(flask)}/events"
    return hook


def subscribe(staged: "Stage", hook: Hook, *, batched: bool = True) -> str:
    """The SID of the sink."""
    hook.token = staged.client.password
    events = staged.client.events.v1
    configuration = {"destination": hook.url, "method": "POST", "batch_events": batched}
    sink = events.sinks.create("Hook", configuration, "webhook")
    events.subscriptions.create("All", sink.sid, [{"type": name} for name in EVERYTHING])
    return str(sink.sid)


@pytest.mark.parametrize("batched", [True, False])
def test_a_message(stage: "MakeStage", hook: Hook, *, batched: bool) -> None:
    """On the instant clock its events come by themselves, in order."""
    staged = stage(clock="instant")
    subscribe(staged, hook, batched=batched)
    message = staged.client.messages.create("+14155552671", from_="+15017122661", body="Ahoy")
    told = hook.wait_for(2)
    assert [event["type"] for event in told] == [SENT, DELIVERED]
    assert {event["data"]["messageSid"] for event in told} == {message.sid}
    assert {event["data"]["accountSid"] for event in told} == {staged.account_sid}
    assert hook.forged == 0


def test_a_sink_is_tested_and_validated(stage: "MakeStage", hook: Hook) -> None:
    """With what the test event said."""
    staged = stage(clock="instant")
    sink = staged.client.events.v1.sinks(subscribe(staged, hook))
    sink.sink_test.create()
    [event] = hook.wait_for(1)
    assert sink.sink_validate.create(event["data"]["test_id"]).result == "valid"
    assert hook.forged == 0


def act(staged: "Stage", hook: Hook, *, batched: bool, times: int) -> str:
    """What a run of all kinds leaves in the canonical journal."""
    hook.told, hook.broken = [], SENT
    subscribe(staged, hook, batched=batched)
    client = staged.client
    for number in range(times):
        client.messages.create(f"+1415555267{number}", from_="+15017122661", body="Ahoy")
        text = {"from": f"+1415555267{number}", "to": "+15017122661", "body": "Hi"}
        staged.control("POST", "/inbound", text)
    with pytest.raises(TwilioRestException):  # the Debugger has it
        client.messages.create("+1", from_="+15017122661", body="Ahoy")
    staged.advance(seconds=60)
    assert len(hook.wait_for(3 * times + 2)) >= 3 * times + 2  # the broken hook has entries, too
    journal: Any = staged.control("GET", "/journal?canonical=1")
    return json.dumps(journal, indent=1)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("clock", ["manual", "instant"])
def test_one_seed_one_journal(stage: "MakeStage", hook: Hook, clock: str, *, batched: bool) -> None:
    """Ids of events, batches, times and tries are the same in two runs."""
    first, second = (
        act(stage(clock=clock, seed=11), hook, batched=batched, times=3) for _ in range(2)
    )
    assert first == second
    assert first.count('"kind": "event"') >= 4
    assert hook.forged == 0
