"""What every store promises, and what the world promises to whoever uses one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mockserver.domain.faults import DeliveryRule, When
from mockserver.domain.message import Delivery, Message
from mockserver.world.house import Kept, Plan
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Sandbox
from mockserver.world.sandboxes import Defaults, Sandboxes
from mockserver.world.schemas import request_schemas
from mockserver.world.state import FileArchive
from mockserver.world.state.file import Batch, StateFile
from mockserver.world.state.ledger import Ledger
from mockserver.world.store import MemoryStore, NotKept, Store
from mockserver.world.tables import Row, Unit

HOOK = "http://127.0.0.1:9/status"
SCHEMA = request_schemas("api/2010-04-01", ("CreateMessage",))["CreateMessage"]
PATIENCE = 20


@dataclass
class Yielding:
    """Keeps a unit after the loop had a few turns."""

    durable: bool = True
    kept: list[Row] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    """Rows of each unit, in the order in which they were kept."""
    failures: list[Exception] = field(default_factory=list)
    """What the next units meet; they are kept with the one behind them."""
    _lost: list[Unit] = field(default_factory=list)
    _patient: "list[asyncio.Future[None]]" = field(default_factory=list)
    _queue: "asyncio.Queue[tuple[Unit, asyncio.Future[None]]]" = field(
        default_factory=asyncio.Queue
    )
    _writer: "asyncio.Task[None] | None" = None

    def commit(self, unit: Unit) -> "asyncio.Future[None]":
        done = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((unit, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return done

    def at_last(self) -> "asyncio.Future[None]":
        done = asyncio.get_running_loop().create_future()
        self._patient.append(done)
        return done

    async def _write(self) -> None:
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            while len(batch) < self.most and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            for unit, done in batch:
                self._keep(unit, done)

    def _keep(self, unit: Unit, done: "asyncio.Future[None]") -> None:
        if self.failures:
            self._lost.append(unit)
            done.set_exception(NotKept(str(self.failures.pop())))
            return
        lost, self._lost = self._lost, []
        for each in (*lost, unit):
            self.kept += each.rows
            self.units.append(len(each.rows))
        patient, self._patient = self._patient, []
        for waiting in (*patient, done):
            if not waiting.done():
                waiting.set_result(None)

    @property
    def most(self) -> int:
        """Units that are kept together."""
        return 1

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.cancel()


class InBatches(Yielding):
    """Keeps many units at once, as a group commit does."""

    @property
    def most(self) -> int:
        return 50


class Late(Yielding):
    """Keeps nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()

    async def _write(self) -> None:
        await self.open.wait()
        await super()._write()


class AtOnce(Yielding):
    """Has kept a unit when `commit` returns."""

    def commit(self, unit: Unit) -> "asyncio.Future[None]":
        done = asyncio.get_running_loop().create_future()
        self._keep(unit, done)
        return done


class InFile(Yielding):
    """The real one: a file. What it is told of is noted once it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        store = self

        class Failing(StateFile):
            def write(self, batch: Batch) -> None:
                if store.failures:
                    raise store.failures.pop()
                super().write(batch)

        self.archive = FileArchive(Path(self.folder.name) / "state.db", Failing)

    def begin(self, plan: Plan) -> Ledger:
        """Of a sandbox, whose commits are watched."""
        ledger = self.archive.begin(plan)
        commit = ledger.commit

        def watched(unit: Unit) -> Awaitable[None]:
            return self._noted(unit, commit(unit))

        ledger.commit = watched  # type: ignore[assignment,method-assign]
        return ledger

    async def _noted(self, unit: Unit, done: Awaitable[None]) -> None:
        try:
            await done
        except NotKept:
            self._lost.append(unit)
            raise
        lost, self._lost = self._lost, []
        for each in (*lost, unit):
            self.kept += each.rows
            self.units.append(len(each.rows))

    async def close(self) -> None:
        await self.archive.close()
        self.folder.cleanup()


@dataclass
class Archive:
    """What sandboxes see of it."""

    store: InFile

    def begin(self, plan: Plan) -> Ledger:
        return self.store.begin(plan)

    def kept(self) -> tuple[Kept, ...]:
        return ()

    def forget(self, sandbox_id: str) -> None:
        self.store.archive.forget(sandbox_id)


@dataclass
class App:
    """The user's application: notes what had been kept when a callback came."""

    store: Store
    told: list[tuple[str, str]] = field(default_factory=list)
    too_early: list[str] = field(default_factory=list)

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        status = dict(parcel.params)["MessageStatus"]
        self.told.append((parcel.message_sid, status))
        if isinstance(self.store, Yielding) and status not in kept(self.store, parcel.message_sid):
            self.too_early.append(status)
        return Answer(204)

    async def close(self) -> None:
        """Nothing is open."""


def kept(store: Yielding, sid: str) -> list[str]:
    """The statuses of a message that the store has been told of, in order."""
    found: list[str] = []
    for table, key, record in store.kept:
        if table == "deliveries" and key == sid:
            assert isinstance(record, Delivery)
            found += record.timeline[::3][len(found) :]
    return found


@dataclass
class World:
    store: Store
    app: App
    sandbox: Sandbox

    async def create(self, number: int = 0, **more: str) -> Message:
        form = {"To": f"+1415555{number:04d}", "From": "+15017122661", "Body": "Ahoy", **more}
        form.setdefault("StatusCallback", HOOK)
        sandbox = self.sandbox
        message, _ = await sandbox.messages.create(
            sandbox.accounts.first, SCHEMA.read([*form.items()])
        )
        sandbox.outbox.release(message.sid)
        return message

    async def advance(self, seconds: float) -> None:
        async with asyncio.timeout(PATIENCE):
            self.sandbox.engine.catch_up()
            await self.sandbox.engine.advance(self.sandbox.clock.now() + round(seconds * 1e6))

    async def settled(self) -> None:
        """Until everything was kept and told."""
        await self.advance(0)
        assert self.sandbox.engine.idle


Make = Callable[..., World]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """`make(Late, "manual")`: a sandbox whose units go into such a store."""
    made: list[World] = []

    def make(kind: type[Store], clock: str = "manual") -> World:
        store = kind()
        app = App(store)
        archive = Archive(store) if isinstance(store, InFile) else None
        boxes = Sandboxes(House(app, store, grace=0.0, archive=archive), Defaults(clock, 7))
        made.append(World(store, app, boxes.default))
        return made[-1]

    yield make
    for world in made:
        world.sandbox.close()
        if isinstance(world.store, Yielding):
            await world.store.close()


EVERY = pytest.mark.parametrize("kind", [MemoryStore, Yielding, InBatches, AtOnce, InFile])
DURABLE = pytest.mark.parametrize("kind", [Yielding, InBatches, AtOnce, InFile])
CLOCKS = pytest.mark.parametrize("clock", ["manual", "instant", "scaled:1000000"])


@EVERY
@CLOCKS
async def test_a_life_is_the_same_with_every_store(
    make: Make, kind: type[Store], clock: str
) -> None:
    """The store has no say in what happens, nor in what order."""
    world = make(kind, clock)
    messages = [await world.create(number) for number in range(5)]
    await world.advance(3_600)
    for message in messages:
        delivery = world.sandbox.tables.messages.delivery(message.sid)
        assert delivery.timeline[::3] == ("queued", "sending", "sent", "delivered")
        told = [status for sid, status in world.app.told if sid == message.sid]
        assert told == ["sent", "delivered"]
    assert world.sandbox.engine.idle


@EVERY
async def test_an_instant_message_is_done_at_the_next_look(make: Make, kind: type[Store]) -> None:
    """Also when its own unit is still on its way."""
    world = make(kind, "instant")
    first = await world.create()
    await world.create()
    assert world.sandbox.tables.messages.delivery(first.sid).status == "delivered"
    await world.settled()
    assert len(world.app.told) == 4


async def test_a_response_waits_for_its_unit(make: Make) -> None:
    """Nobody hears of a message that is not kept."""
    world = make(Late)
    assert isinstance(world.store, Late)
    answer = asyncio.create_task(world.create())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not answer.done()
    assert world.store.kept == []
    world.store.open.set()
    message = await answer
    assert [key for table, key, _ in world.store.kept if table == "messages"] == [message.sid]


@DURABLE
@CLOCKS
async def test_a_callback_waits_for_its_unit(make: Make, kind: type[Yielding], clock: str) -> None:
    """The application is told only what would be there after a restart."""
    world = make(kind, clock)
    for number in range(5):
        await world.create(number)
    await world.advance(60)
    assert len(world.app.told) == 10
    assert world.app.too_early == []


async def test_a_tick_waits_for_the_units_before_it(make: Make) -> None:
    """On the instant clock a message's steps are taken before its create is kept: no matter."""
    world = make(Late, "instant")
    assert isinstance(world.store, Late)
    answers = [asyncio.create_task(world.create(number)) for number in range(3)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert world.app.told == []
    assert not world.sandbox.engine.idle
    world.store.open.set()
    messages = [await answer for answer in answers]
    await world.settled()
    assert world.app.too_early == []
    for message in messages:
        assert kept(world.store, message.sid) == ["queued", "sending", "sent", "delivered"]


@DURABLE
@CLOCKS
async def test_units_are_kept_in_order(make: Make, kind: type[Yielding], clock: str) -> None:
    """Of commands and ticks alike: the last row of a message is what its table has."""
    world = make(kind, clock)
    assert isinstance(world.store, Yielding)
    messages = [await world.create(number) for number in range(4)]
    table = world.sandbox.tables.messages
    for message in messages[:2]:
        world.sandbox.engine.catch_up()
        if table.delivery(message.sid).status in ("queued", "sending", "sent"):
            await world.sandbox.messages.force(message, "delivered", 0)
    await world.advance(60)
    await world.sandbox.messages.delete(messages[3])
    last = {(name, key): record for name, key, record in world.store.kept}
    for message in messages[:3]:
        assert last["deliveries", message.sid] == table.delivery(message.sid)
        assert last["messages", message.sid] == table.get(message.sid)
    assert last["messages", messages[3].sid] is None
    assert last["gone", messages[3].sid] == 3


@DURABLE
async def test_a_command_does_not_overtake_the_tick_before_it(
    make: Make, kind: type[Yielding]
) -> None:
    """What it caught up with is kept, and told, before what it did itself."""
    world = make(kind, "instant")
    assert isinstance(world.store, Yielding)
    world.sandbox.rules.add(DeliveryRule("silent", When(), "sent"))
    message = await world.create()
    await world.sandbox.messages.force(message, "undelivered", 30003)
    await world.settled()
    assert kept(world.store, message.sid) == ["queued", "sending", "sent", "undelivered"]
    assert [status for _, status in world.app.told] == ["sent", "undelivered"]
    assert world.app.too_early == []


@DURABLE
async def test_a_tick_is_one_unit(make: Make, kind: type[Yielding]) -> None:
    """A restart finds all of it or nothing."""
    world = make(kind)
    assert isinstance(world.store, Yielding)
    for number in range(7):
        await world.create(number)
    world.store.units.clear()
    await world.advance(0.5)
    assert world.store.units == [7, 7, 7]


@DURABLE
async def test_a_create_that_was_not_kept_is_refused(make: Make, kind: type[Yielding]) -> None:
    """Its caller hears why; it is there all the same, and goes on once it is kept."""
    world = make(kind)
    assert isinstance(world.store, Yielding)
    world.store.failures = [OSError("the disk is full")]
    with pytest.raises(NotKept, match="the disk is full"):
        await world.create()
    await world.create(1)
    await world.advance(60)
    assert world.sandbox.engine.idle
    assert len(world.app.told) == 4
    assert world.app.too_early == []


@DURABLE
async def test_a_tick_that_was_not_kept_is_told(
    make: Make, kind: type[Yielding], caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, and to whoever advances; no callback speaks of it before it is kept."""
    world = make(kind)
    assert isinstance(world.store, Yielding)
    await world.create()
    await world.advance(0.1)
    world.store.failures = [OSError("the disk is full")] * 2
    with pytest.raises(NotKept, match="the disk is full"):
        await world.advance(0.1)
    assert "could not be kept" in caplog.text
    assert world.app.told == []
    assert not world.sandbox.engine.idle
    await world.advance(60)
    assert [status for _, status in world.app.told] == ["sent", "delivered"]
    assert world.app.too_early == []


@DURABLE
async def test_who_advances_has_it_tried_again(make: Make, kind: type[Yielding]) -> None:
    """And hears of it once more, or else has the callbacks go."""
    world = make(kind)
    assert isinstance(world.store, Yielding)
    await world.create()
    world.store.failures = [OSError("the disk is full")] * 3
    for seconds in (60, 0):
        with pytest.raises(NotKept, match="the disk is full"):
            await world.advance(seconds)
    await world.advance(60)
    assert [status for _, status in world.app.told] == ["sent", "delivered"]
    assert world.sandbox.engine.idle


async def test_memory_keeps_nothing() -> None:
    """It says so, and the world then does not wait."""
    store = MemoryStore()
    assert not store.durable
    await store.commit(Unit())
