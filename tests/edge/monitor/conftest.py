"""A caller to monitor.twilio.com, whose server checks its own answers and stands still."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.faults import DeliveryRule, When

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve


@pytest.fixture
async def monitor(serve: "Serve") -> "Caller":
    """The usual settings."""
    caller = await serve(check_responses=True, clock="manual", seed=7)
    caller.host = "monitor.twilio.com"
    return caller


@pytest.fixture
def refused() -> Any:
    """`await refused(caller, "1", "2")`: creates to these numbers, each of which is an alert."""

    async def refused(caller: "Caller", *numbers: str) -> None:
        for number in numbers:
            form = f"To={number}&From=%2B15017122661&Body=Ahoy".encode()
            kind = {"Host": "api.twilio.com"}
            assert (await caller.call("POST", caller.path, form, kind)).status == 400

    return refused


@pytest.fixture
def fails() -> Any:
    """`await fails(caller, 30003)`: the SID of a message that ends so."""

    async def fails(caller: "Caller", code: int, seconds: int = 60, **form: str) -> str:
        rules = caller.sandbox.rules
        rules.add(DeliveryRule("fails", When(), "undelivered", code))
        asked = {"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy", **form}
        body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in asked.items())
        answer = await caller.call("POST", caller.path, body.encode(), {"Host": "api.twilio.com"})
        rules.drop("delivery", "fails")
        now = caller.sandbox.clock.now()
        await caller.sandbox.engine.advance(now + seconds * 1_000_000)
        sid: str = answer.json["sid"]
        return sid

    return fails
