"""The ready-made scenarios, as programs with the official library meet them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from flask import Flask, Response, request

from mockserver import MockTwilio

TO: Final = "+14155552671"
FROM: Final = "+15017122661"

Mock = Callable[..., MockTwilio]


@pytest.fixture
def mock() -> Iterator[Mock]:
    """`mock("slow-api", median="1ms")`: a Twilio with a ready-made scenario, and parameters."""
    with ExitStack() as stack:

        def mock(scenario: str, clock: str = "instant", **parameters: Any) -> MockTwilio:
            twilio = MockTwilio(scenario=scenario, parameters=parameters, clock=clock, seed=7)
            return stack.enter_context(twilio)

        yield mock


@dataclass
class Program:
    """Somebody's Flask application: it keeps what it is told, and answers texts as it is told."""

    url: str = ""
    told: list[dict[str, str]] = field(default_factory=list)
    """Status callbacks, in order of arrival; with `token`, their idempotency token."""
    texts: list[dict[str, str]] = field(default_factory=list)
    """What handsets wrote."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def status(self) -> tuple[str, int]:
        token = request.headers.get("I-Twilio-Idempotency-Token", "")
        with self.lock:
            self.told.append({**request.form, "token": token})
        return "", 204

    def text(self) -> Response:
        with self.lock:
            self.texts.append(dict(request.form))
        return Response("<Response/>", content_type="text/xml")

    def statuses(self, sid: str) -> list[str]:
        """What it was told of a message, in order."""
        with self.lock:
            return [each["MessageStatus"] for each in self.told if each["MessageSid"] == sid]


@pytest.fixture
def program(served: Callable[[Flask], str]) -> Program:
    program, flask = Program(), Flask("program")
    flask.add_url_rule("/status", view_func=program.status, methods=["POST"])
    flask.add_url_rule("/sms", view_func=program.text, methods=["POST"])
    program.url = served(flask)
    return program


@dataclass
class Shop:
    """A program that sends, with the official library."""

    twilio: MockTwilio
    client: Any

    def send(self, body: str = "Ahoy", to: str = TO, **more: Any) -> Any:
        """The message as the library has it."""
        form = {"to": to, "from_": FROM, "body": body, **more}
        return self.client.messages.create(**form)

    def handset(self, number: int) -> str:
        """One of ten thousand recipients."""
        return f"+1415555{number:04d}"

    def fetch(self, sid: str) -> Any:
        return self.client.messages(sid).fetch()


@pytest.fixture
def shop(mock: Mock) -> Callable[..., Shop]:
    """`shop("slow-api", median="1ms")`: a program in front of a ready-made scenario."""

    def shop(scenario: str, clock: str = "instant", **parameters: Any) -> Shop:
        twilio = mock(scenario, clock, **parameters)
        return Shop(twilio, twilio.client())

    return shop
