"""Sandboxes that are kept in a file, and what is found there when the process is gone."""

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mockserver.domain.message import Message
from mockserver.world.ports import Answer, Limits, Parcel, Unreachable
from mockserver.world.sandbox import House, Sandbox
from mockserver.world.sandboxes import Defaults, Sandboxes
from mockserver.world.schemas import request_schemas
from mockserver.world.state import FileArchive
from mockserver.world.state.file import StateFile
from mockserver.world.store import MemoryStore

HOOK = "http://127.0.0.1:9/status"
CREATE = request_schemas("api/2010-04-01", ("CreateMessage",))["CreateMessage"]
SECOND = 1_000_000


@dataclass
class App:
    """The user's application: it answers, or is down."""

    up: bool = True
    told: list[tuple[str, str, str]] = field(default_factory=list)
    """Message, status and idempotency token of each callback."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        status = dict(parcel.params)["MessageStatus"]
        self.told.append((parcel.message_sid, status, parcel.idempotency_token))
        if not self.up:
            raise Unreachable("nobody is there")
        return Answer(204)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Life:
    """A server's sandboxes from one start to the next."""

    path: Path
    archive: FileArchive
    boxes: Sandboxes
    app: App
    open: bool = True

    async def close(self) -> None:
        """End it as a server ends."""
        self.open = False
        self.boxes.stop()
        await self.archive.close()

    @property
    def sandbox(self) -> Sandbox:
        return self.boxes.default

    async def create(self, number: int = 0, **more: str) -> Message:
        """Send a message; its response is written."""
        form = {"To": f"+1415555{number:04d}", "From": "+15017122661", "Body": "Ahoy", **more}
        form.setdefault("StatusCallback", HOOK)
        sandbox = self.sandbox
        message, _ = await sandbox.messages.create(
            sandbox.accounts.first, CREATE.read([*form.items()])
        )
        sandbox.outbox.release(message.sid)
        return message

    async def advance(self, seconds: float) -> None:
        """As the control API does it: it answers once everything is kept."""
        self.sandbox.engine.catch_up()
        await self.sandbox.engine.advance(self.sandbox.clock.now() + round(seconds * SECOND))
        await self.kept()

    async def kept(self) -> None:
        """Until the file has everything."""
        for sandbox in self.boxes:
            assert sandbox.ledger is not None
            await sandbox.ledger.settled()


Start = Callable[..., Life]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """`start("manual")`, and `start("manual", after=life)` as if the other had been killed now.

    What the other had not written is lost: the next has a copy of its files. `after` may be a path.
    """
    lives: list[Life] = []

    def start(
        clock: str = "manual",
        *,
        after: Life | Path | None = None,
        kind: type[StateFile] = StateFile,
        **defaults: Any,
    ) -> Life:
        path = tmp_path / f"state-{len(lives)}.db"
        for tail in ("", "-wal") if after is not None else ():
            before = after.path if isinstance(after, Life) else after
            if Path(f"{before}{tail}").exists():
                shutil.copy(f"{before}{tail}", f"{path}{tail}")
        archive, app = FileArchive(path, kind), App()
        house = House(app, MemoryStore(), grace=0.0, archive=archive)
        boxes = Sandboxes(house, Defaults(clock, **{"seed": 7, **defaults}))
        lives.append(Life(path, archive, boxes, app))
        return lives[-1]

    yield start
    for life in lives:
        if life.open:
            await life.close()
