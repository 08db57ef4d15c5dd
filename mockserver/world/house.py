"""What all sandboxes of a server share, and how a single one is made."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.message import Delivery, Message
from mockserver.domain.options import USUAL, Options
from mockserver.world.clock import REAL, Clock, Mode
from mockserver.world.driver import Bounds
from mockserver.world.ports import Courier, Fetcher, Nowhere
from mockserver.world.store import Store

if TYPE_CHECKING:  # each is loaded when somebody first asks for it
    from mockserver.world.bulk.operation import Operation
    from mockserver.world.ledger import Ledger
    from mockserver.world.partings import Partings
    from mockserver.world.snapshot import Snapshot


class BadState(Exception):
    """What was kept cannot be used; the text names the file and says why."""


class House(msgspec.Struct, frozen=True):
    """What all sandboxes of a server share, and their defaults."""

    courier: Courier
    store: Store
    grace: float = 0.02
    """Seconds of wall time between a create response and its first callback."""
    options: Options = USUAL
    """Switches of which a scenario says nothing."""
    report: Callable[[Message, Delivery], None] | None = None
    """Told of every message that has come to its end; of an operation's, of those that failed."""
    report_operation: "Callable[[Operation], None] | None" = None
    """Told of every operation of which nothing more becomes by itself."""
    bounds: Bounds = Bounds()
    """Of one `advance`."""
    fetcher: Fetcher = Nowhere()
    """Of media."""
    inbound_url: str = ""
    """The webhook of numbers that have none."""
    archive: "Archive | None" = None
    """Who keeps sandboxes beyond the end of the process; then `store` is not asked."""

    partings: "Partings | None" = None
    """Who remembers what sandboxes saw that are dropped or reset."""

    def ledger(self, plan: "Plan") -> "Ledger | None":
        """What keeps a sandbox that is to be made, if anything does."""
        return None if self.archive is None else self.archive.begin(plan)


class Plan(msgspec.Struct, frozen=True):
    """How a sandbox is made, and made again by `reset`."""

    id: str
    account: Account
    seed: int
    seed_given: bool = False
    mode: Mode = REAL
    start: int | None = None
    scenario: Scenario = Scenario("")
    others: tuple[Account, ...] = ()
    """Further accounts that were set up with it."""
    ttl: float = 0.0
    """Seconds of idling after which it is dropped; 0: never."""
    origin: "Snapshot | None" = None
    """What it was forked from."""

    def restoring(self, origin: "Snapshot", scenario: Scenario, clock: Clock) -> "Plan":
        """To go on from a snapshot with the clock as it is, on a frozen one at that time."""
        mode = clock.mode
        start = origin.at if mode.frozen else max(origin.at, clock.now())
        return replace(self, origin=origin, scenario=scenario, start=start, mode=mode)


class Kept(Protocol):
    """A sandbox that was kept, and comes back."""

    @property
    def plan(self) -> Plan: ...

    @property
    def clock(self) -> Clock:
        """As it was, or where the wall has come to meanwhile."""

    @property
    def ledger(self) -> "Ledger":
        """What goes on keeping it."""

    @property
    def routes(self) -> dict[str, tuple[str, str]]:
        """The webhook map."""

    def fill(self, sandbox: Any) -> None:
        """Fill the tables of a `Sandbox` that was just framed, and book what it still has to do."""


class Archive(Protocol):
    """Keeps the sandboxes of a server."""

    def begin(self, plan: Plan) -> "Ledger":
        """For a sandbox that is made, or begins anew.

        Once the ledger is followed, nothing stays of what was kept of that sandbox before.
        """

    def kept(self) -> Iterable[Kept]:
        """Those that are to come back, oldest first. To be asked once."""

    def forget(self, sandbox_id: str) -> None:
        """A sandbox is gone."""
