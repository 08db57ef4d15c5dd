"""What all sandboxes of a server share, and how a single one is made."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.message import Delivery, Message
from mockserver.domain.options import USUAL, Options
from mockserver.world.clock import REAL, Mode
from mockserver.world.driver import Bounds
from mockserver.world.ports import Courier, Fetcher, Nowhere
from mockserver.world.store import Store

if TYPE_CHECKING:  # each is loaded when somebody first asks for it
    from mockserver.world.bulk.operation import Operation
    from mockserver.world.ledger import Ledger
    from mockserver.world.snapshot import Snapshot


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


class Archive(Protocol):
    """Keeps the sandboxes of a server."""

    def begin(self, plan: Plan) -> "Ledger":
        """A sandbox is made, or begins anew: nothing of what was before stays."""

    def forget(self, sandbox_id: str) -> None:
        """A sandbox is gone."""
