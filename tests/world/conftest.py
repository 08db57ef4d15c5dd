"""Sandboxes without a server: the world driven directly, with a courier that answers as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.faults import Given
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.clock import iso
from mockserver.world.inbound import Received, Text
from mockserver.world.journal import CallbackEntry
from mockserver.world.ports import Answer, Limits, Parcel, Unreachable
from mockserver.world.sandbox import House, Sandbox
from mockserver.world.sandboxes import Defaults, Order, Sandboxes
from mockserver.world.schemas import RequestSchema, request_schemas
from mockserver.world.seed import furnish
from mockserver.world.store import MemoryStore, Store
from mockserver.world.tables import Unit

TO, FROM = "+14155552671", "+15017122661"
SERVICE = "MG" + "a" * 32

PATIENCE = 20
"""Seconds of wall time after which whatever a test waits for has hung."""

CREATE, UPDATE = request_schemas("api/2010-04-01", ("CreateMessage", "UpdateMessage")).values()


async def turns(count: int = 1) -> None:
    """Let everything else on the loop have its turn."""
    for _ in range(count):
        await asyncio.sleep(0)


@dataclass
class App:
    """The user's application as a `Courier`: keeps what it is posted, answers as it is told."""

    posted: list[Parcel] = field(default_factory=list)
    limits: list[Limits] = field(default_factory=list)
    answers: dict[str, list[Answer | Exception]] = field(default_factory=dict)
    """What comes next, by the status announced or else by ""; 204 when there is nothing."""
    verdict: Callable[[Parcel], Answer | Exception] | None = None
    """Decides for each parcel, where nothing else was told."""
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    """A callback to this URL is answered once the gate is open."""
    under_way: int = 0
    most: int = 0
    """Callbacks that were under way at once."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        self.posted.append(parcel)
        self.limits.append(limits)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            gate = self.gates.get(parcel.url)
            await (gate.wait() if gate is not None else turns())
        finally:
            self.under_way -= 1
        status = dict(parcel.params).get("MessageStatus", "")
        told = self.answers.get(status) or self.answers.get("")
        usual = self.verdict(parcel) if self.verdict is not None else Answer(204)
        answer = told.pop(0) if told else usual
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing is open."""

    def refuse(self, times: int, status: str = "") -> None:
        """Nobody listens, so many times."""
        nobody: list[Answer | Exception] = [Unreachable("nobody listens") for _ in range(times)]
        self.answers.setdefault(status, []).extend(nobody)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Recipient and status of each callback, in order."""
        found = [dict(parcel.params) for parcel in self.posted]
        return [(params["To"], params["MessageStatus"]) for params in found]

    @property
    def statuses(self) -> list[str]:
        return [status for _, status in self.told]


@dataclass
class Sight:
    """Some sandboxes and the application that their callbacks go to."""

    app: App
    sandboxes: Sandboxes
    sandbox: Sandbox

    def delivery(self, message: Message) -> Delivery:
        return self.sandbox.tables.messages.delivery(message.sid)

    def status(self, message: Message) -> str:
        return self.delivery(message).status

    def timeline(self, message: Message) -> list[tuple[str, float]]:
        """Statuses, and seconds after the create."""
        steps = self.delivery(message).timeline
        return [
            (steps[place], (steps[place + 1] - message.created_at) / 1_000_000)
            for place in range(0, len(steps), STEP)
        ]

    def idle(self) -> bool:
        return self.sandbox.engine.idle

    @property
    def now(self) -> int:
        return self.sandbox.clock.now()

    @property
    def attempts(self) -> list[CallbackEntry]:
        return list(self.sandbox.journal.callbacks)

    @property
    def alerts(self) -> list[int]:
        """Their codes, in order."""
        return [alert.code for alert in self.sandbox.journal.alerts]

    def __iter__(self) -> Iterator[Message]:
        """Every message, oldest first."""
        return self.sandbox.tables.messages.places.oldest_first()


@dataclass
class World(Sight):
    """The same, and what is done to it."""

    def give(self, given: Given) -> None:
        """Furnish it."""
        sandbox = self.sandbox
        furnish(given, sandbox.tables, sandbox.accounts, sandbox.dice, Unit())

    async def create(
        self, form: Mapping[str, str] | None = None, *, answered: bool = True, **changes: str
    ) -> Message:
        """A message to which nothing is wrong but for `changes`; "-" leaves a parameter out."""
        form = {"To": TO, "From": FROM, "Body": "Ahoy", **(form or {}), **changes}
        pairs = [(name, value) for name, value in form.items() if value != "-"]
        sandbox = self.sandbox
        message, _ = await sandbox.messages.create(sandbox.accounts.first, CREATE.read(pairs))
        if answered:
            sandbox.outbox.release(message.sid)
        return message

    def scheduled(self, seconds: float) -> dict[str, str]:
        """The parameters of a message that is to be sent so many seconds from now."""
        self.sandbox.engine.catch_up()
        at = iso(self.now + round(seconds * 1_000_000))
        service = {"From": "-", "MessagingServiceSid": SERVICE}
        return {**service, "ScheduleType": "fixed", "SendAt": at}

    async def turns(self, count: int = 1) -> None:
        """Let everything else on the loop have its turn."""
        await turns(count)

    async def update(self, message: Message, **form: str) -> Delivery:
        _, delivery = await self.sandbox.messages.update(message, UPDATE.read([*form.items()]))
        return delivery

    async def advance(self, seconds: float) -> int:
        """Events that this ran."""
        async with asyncio.timeout(PATIENCE):
            self.sandbox.engine.catch_up()
            to = self.sandbox.clock.now() + round(seconds * 1_000_000)
            return await self.sandbox.engine.advance(to)

    async def settled(self) -> None:
        """Until nothing is under way any more, callbacks included."""
        self.sandbox.engine.catch_up()
        async with asyncio.timeout(PATIENCE):
            await self.sandbox.outbox.drained()

    async def receive(
        self, *answers: Answer | Exception, body: str = "Hi", **changes: Any
    ) -> Received:
        """What becomes of a handset's text, where the application answers so."""
        self.app.answers.setdefault("", []).extend(answers)
        text = Text(**{"from_": parse_to(TO), "to": parse_from(FROM), "body": body, **changes})
        async with asyncio.timeout(PATIENCE):
            return await self.sandbox.inbound.receive(text)


MakeWorld = Callable[..., World]

T = TypeVar("T")
InWorld = Callable[[str, Callable[[World], Awaitable[T]]], T]


def world_of(
    clock: str = "instant",
    *,
    seed: int | None = 7,
    store: Store | None = None,
    order: Order | None = None,
    accounts: tuple[Account, ...] = (),
    defaults: dict[str, Any] | None = None,
    **house: Any,
) -> World:
    """A world of this clock; what `order` makes, else the sandbox `default`."""
    app = App()
    kept = House(app, store or MemoryStore(), **{"grace": 0.0, **house})
    boxes = Sandboxes(kept, Defaults(clock, seed, **(defaults or {})), accounts)
    return World(app, boxes, boxes.make(order) if order is not None else boxes.default)


@pytest.fixture
async def make_world() -> AsyncIterator[MakeWorld]:
    """`make_world("manual", grace=0.02)`: a world whose sandbox has this clock and the seed 7."""
    made: list[World] = []

    def make(clock: str = "instant", **options: Any) -> World:
        made.append(world_of(clock, **options))
        return made[-1]

    yield make
    for world in made:
        world.sandboxes.stop()


@pytest.fixture(scope="session")
def in_world() -> InWorld[Any]:
    """`in_world("manual", act)`: what `act` does in a world and a loop of its own."""

    async def run(clock: str, act: Callable[[World], Awaitable[T]]) -> T:
        world = world_of(clock)
        try:
            return await act(world)
        finally:
            world.sandboxes.stop()

    return lambda clock, act: asyncio.run(run(clock, act))


@pytest.fixture
def schema() -> RequestSchema:
    """Of the create call."""
    return CREATE
