"""The tables of Notify. A service's bindings and users have one of their own each."""

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockserver.world.paper import Paper, loose

if TYPE_CHECKING:  # who makes them loads them
    from mockserver.domain.notify.credentials import Credential
    from mockserver.domain.notify.notifications import Notification, NotifyDelivery, Progress
    from mockserver.domain.notify.segments import Segment
    from mockserver.domain.notify.services import NotifyService
    from mockserver.world.notify.binding_table import BindingTable
    from mockserver.world.notify.user_table import UserTable

SEGMENTS: Final = "notify_segments"
BINDINGS: Final = "notify_bindings"
USERS: Final = "notify_users"
NOTIFICATIONS: Final = "notifications"
DELIVERIES: Final = "notify_deliveries"
"""What the store calls them."""

SHED: Final = 1_000
"""Records that a notification counts for when tables are freed: it may name ten thousand."""


class NotifyTables:
    """What a sandbox keeps of Notify."""

    __slots__ = (
        *("bindings", "credentials", "deliveries", "notifications", "progress"),
        *("segments", "services", "users"),
    )

    def __init__(self, paper: Paper = loose) -> None:
        self.services: dict[str, NotifyService] = paper("notify_services")
        self.credentials: dict[str, Credential] = paper("notify_credentials")
        self.segments: dict[str, Segment] = paper("notify_segments")
        """By service and name."""
        self.bindings: dict[str, BindingTable] = {}
        """By service; who first uses a table makes it."""
        self.users: dict[str, UserTable] = {}
        """The same."""
        self.notifications: dict[str, Notification] = paper("notifications")
        """All there ever were, in order."""
        self.progress: dict[str, Progress] = paper("notify_progress")
        """Of each of them; the one table whose records change in place."""
        self.deliveries: list[NotifyDelivery] = []
        """All that are more than a text message, but for those of services that keep no log."""

    def copied(self) -> "NotifyTables":
        """As it is now, for a snapshot: tables of services without their indexes."""
        copy = NotifyTables()
        copy.services, copy.credentials = dict(self.services), dict(self.credentials)
        copy.segments, copy.notifications = dict(self.segments), dict(self.notifications)
        copy.bindings = {sid: table.copied() for sid, table in self.bindings.items()}
        copy.users = {sid: table.copied() for sid, table in self.users.items()}
        copy.progress = {
            sid: replace(each, pending=list(each.pending)) for sid, each in self.progress.items()
        }
        copy.deliveries = list(self.deliveries)
        return copy

    def shed(self, count: int) -> bool:
        """Free some records of tables that nobody uses any more; whether any are left."""
        del self.deliveries[max(0, len(self.deliveries) - count) :]
        for _ in range(min(len(self.notifications), max(1, count // SHED))):
            self.notifications.popitem()
        left = any(table.shed(count) for table in self.bindings.values())
        left = left or any(table.shed(count) for table in self.users.values())
        return left or bool(self.deliveries or self.notifications)
