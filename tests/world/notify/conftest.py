"""Notify in a sandbox of a test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.notifications import Notification, NotifyDelivery
from mockserver.domain.notify.recipients import Recipient
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User
from mockserver.world.clock import Mode
from mockserver.world.notify.bindings import Bindings
from mockserver.world.notify.credentials import Credentials
from mockserver.world.notify.sending import send
from mockserver.world.notify.services import NotifyServices
from mockserver.world.notify.users import Users
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.scenarios import from_document
from mockserver.world.store import MemoryStore, Store
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

ACCOUNT = "AC" + "1" * 32
MG = "MG" + "a" * 32


class Nobody:
    """A courier without work."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        raise AssertionError(f"a parcel for {parcel.url}")

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Noting(MemoryStore):
    """A store that notes what it is given: tables, and whether a record was put."""

    rows: list[tuple[str, bool]] = field(default_factory=list)

    async def commit(self, unit: Unit) -> None:
        self.rows.extend((table, record is not None) for table, _, record in unit.rows)


@dataclass
class Notify:
    """A sandbox that stands still, with one service."""

    sandbox: Sandbox
    service: NotifyService
    store: Noting = field(default_factory=Noting)
    """What the sandbox writes to, where the fixture made it."""

    @property
    def account(self) -> Account:
        return self.sandbox.accounts.first

    @property
    def services(self) -> NotifyServices:
        return NotifyServices(self.sandbox)

    @property
    def bindings(self) -> Bindings:
        return Bindings(self.sandbox, self.service)

    @property
    def users(self) -> Users:
        return Users(self.sandbox, self.service)

    async def bind(self, identity: str = "Bob", **form: Any) -> Binding:
        """A binding of an address that no other has, but for what is said."""
        address = f"token {next(self._numbers)}"
        asked = {"Identity": identity, "BindingType": "apn", "Address": address, **form}
        return await self.bindings.create(asked)

    async def later(self, seconds: int) -> None:
        engine = self.sandbox.engine
        await engine.advance(engine.clock.now() + seconds * 1_000_000)

    def user(self, identity: str) -> User:
        """One that is there."""
        user = self.users.find(identity)
        assert user is not None
        return user

    def __post_init__(self) -> None:
        self._numbers = count()


def box(sid: str = ACCOUNT, store: Store | None = None) -> Sandbox:
    plan = Plan("sb", Account(sid, "token"), seed=1, seed_given=True, mode=Mode.parse("manual"))
    return Sandbox(plan, House(Nobody(), store or MemoryStore()))


MakeBox = Callable[..., Sandbox]
On = Callable[[Sandbox, NotifyService], Notify]


@pytest.fixture
def make_box() -> MakeBox:
    """`make_box("AC…")`: a sandbox of this account."""
    return box


@pytest.fixture
def on() -> On:
    """`on(sandbox, service)`: what can be done to a service there."""
    return Notify


@pytest.fixture
async def notify() -> AsyncIterator[Notify]:
    store = Noting()
    sandbox = box(store=store)
    service = await NotifyServices(sandbox).create(sandbox.accounts.first, {})
    yield Notify(sandbox, service, store)
    sandbox.close()


@dataclass
class Sending:
    """A service in a world, and what is sent through it."""

    world: "World"
    service: NotifyService

    async def send(self, *to: tuple[str, str], answered: bool = True, **asked: Any) -> Notification:
        """To these channels and addresses, or to whom else is asked for."""
        sandbox = self.world.sandbox
        ask = Ask(recipients=tuple(Recipient(*each) for each in to), **{"body": "Ahoy", **asked})
        told = await send(sandbox, sandbox.accounts.first, self.service, ask)
        if answered:
            sandbox.outbox.release(told.sid)
            sandbox.engine.catch_up()
        return told

    async def bind(self, channel: str, address: str, identity: str = "Bob", **form: Any) -> str:
        """The SID of the binding."""
        asked = {"Identity": identity, "BindingType": channel, "Address": address, **form}
        return (await self.bindings.create(asked)).sid

    def put(self, **document: Any) -> None:
        """Put a scenario in force."""
        self.world.sandbox.regime.put(from_document({"name": "x", **document}), Unit())

    @property
    def bindings(self) -> Bindings:
        return Bindings(self.world.sandbox, self.service)

    async def change(self, **form: Any) -> None:
        """Update the service."""
        services = NotifyServices(self.world.sandbox)
        self.service = await services.update(self.service, form)

    @property
    def deliveries(self) -> list[NotifyDelivery]:
        return self.world.sandbox.tables.notify.deliveries

    @property
    def codes(self) -> list[int]:
        """Of the deliveries that are no Messages."""
        return [each.error_code for each in self.deliveries]

    def counts(self, told: Notification) -> tuple[int, int, int]:
        """Recipients, how many were sent to, how many failed."""
        progress = self.world.sandbox.tables.notify.progress[told.sid]
        assert progress.over
        return progress.recipients, progress.sent, progress.failed


MakeSending = Callable[..., Awaitable[Sending]]


@pytest.fixture
def sending(make_world: "MakeWorld") -> MakeSending:
    """`await sending("manual", LogEnabled=False)`: a service that can send on every channel.

    `given` furnishes its world first.
    """

    async def sending(clock: str = "instant", given: Any = None, **form: Any) -> Sending:
        world = make_world(clock)
        sandbox = world.sandbox
        sandbox.regime.put(from_document({"name": "x", "given": given or {}}), Unit())
        for channel in ("apn", "fcm", "gcm"):
            made = await Credentials(sandbox).create(sandbox.accounts.first, {"Type": channel})
            form.setdefault(f"{channel.capitalize()}CredentialSid", made.sid)
        wanted = {
            "MessagingServiceSid": MG,
            "FacebookMessengerPageId": "4",
            "AlexaSkillId": "skill",
            **form,
        }
        service = await NotifyServices(sandbox).create(sandbox.accounts.first, wanted)
        return Sending(world, service)

    return sending
