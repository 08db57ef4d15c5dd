"""Sandboxes with sinks and subscriptions, and a courier that keeps what sinks are posted."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.events.sinks import Sink
from mockserver.domain.events.subscriptions import Subscription
from mockserver.world.events.sinks import Sinks
from mockserver.world.events.subscriptions import Subscriptions

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

STATUS: Final = "com.twilio.messaging.message"
SENT: Final = f"{STATUS}.sent"
WEBHOOK: Final = {
    "destination": "http://app.example/events",
    "method": "POST",
    "batch_events": True,
}


class Streams:
    """A sandbox that stands still, and its commands of Event Streams."""

    def __init__(self, world: "World") -> None:
        self.world, self.sandbox = world, world.sandbox
        self.sinks, self.subscriptions = Sinks(self.sandbox), Subscriptions(self.sandbox)

    @property
    def account(self) -> Account:
        return self.sandbox.accounts.first

    async def sink(self, kind: str = "webhook", **configuration: Any) -> Sink:
        """One of this kind."""
        given = configuration or WEBHOOK
        return await self.sinks.create(self.account, kind, given, "A sink")

    async def subscription(self, sink_sid: str = "") -> Subscription:
        """Of messages that are sent; to a sink of its own where none is named."""
        sid = sink_sid or (await self.sink()).sid
        return await self.subscriptions.create(self.account, sid, {SENT: 7}, "A subscription")


@pytest.fixture
def make_streams(make_world: "MakeWorld") -> Callable[[], Streams]:
    return lambda: Streams(make_world("manual"))


@pytest.fixture
def streams(make_streams: Callable[[], Streams]) -> Streams:
    return make_streams()


Follow = Callable[..., Awaitable[str]]
Told = Callable[["World"], list[list[str]]]


@pytest.fixture
def follow() -> Follow:
    """`await follow(world, "sent", batched=True, host="b")`: the SID of a sink that hears of it."""

    async def follow(
        world: "World", *names: str, batched: bool = False, host: str = "app", version: int = 1
    ) -> str:
        streams = Streams(world)
        url = f"http://{host}.example/events"
        changes: dict[str, Any] = {"destination": url, "batch_events": batched}
        sink = await streams.sink(**{**WEBHOOK, **changes})
        types = {name if "." in name else f"{STATUS}.{name}": version for name in names}
        await streams.subscriptions.create(streams.account, sink.sid, types, "Follow")
        return sink.sid

    return follow


@pytest.fixture
def told() -> Told:
    """`told(world)`: the types in each post of events, those of messages by their status."""

    def told(world: "World") -> list[list[str]]:
        bodies: list[Any] = [json.loads(each.body) for each in world.app.posted if each.body]
        lists = [each if isinstance(each, list) else [each] for each in bodies]
        return [[each["type"].removeprefix(f"{STATUS}.") for each in events] for events in lists]

    return told
