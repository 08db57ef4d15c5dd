"""What Notify sends, looked up and asserted. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from typing import Unpack

from mockserver.handles import telling
from mockserver.handles.filters import NotificationFilters, PushFilters, wire
from mockserver.handles.looking import Looking
from mockserver.handles.records import Notification, PushDelivery, read


class Notifying(Looking):
    """Looks at notifications, and at what was handed to other channels than text messages."""

    def notifications(self, **filters: Unpack[NotificationFilters]) -> list[Notification]:
        """All notifications that match, oldest first."""
        return [read(Notification, each) for each in self._all("notifications", filters)]

    def push_deliveries(self, **filters: Unpack[PushFilters]) -> list[PushDelivery]:
        """All deliveries to push services, Messenger and Alexa that match, oldest first.

        Also text messages that could not be sent. Those that could are in `messages`; so are
        Messenger's.
        """
        return [read(PushDelivery, each) for each in self._all("push_deliveries", filters)]

    def assert_pushed(
        self,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **filters: Unpack[PushFilters],
    ) -> None:
        """Raise `AssertionError`, saying what there is instead, unless as many deliveries match.

        Without a number at least one must. One that failed counts too, unless `status` says more.
        """
        __tracebackhide__ = True
        bounds = {"exactly": times, "at_least": at_least, "at_most": at_most}
        counts = {name: number for name, number in bounds.items() if number is not None}
        for name, number in (counts or {"at_least": 1}).items():
            self._verify_pushes({name: number}, wire(filters))

    def assert_not_pushed(self, **filters: Unpack[PushFilters]) -> None:
        """Raise `AssertionError` when any delivery matches."""
        __tracebackhide__ = True
        self._verify_pushes({"exactly": 0}, wire(filters))

    def _verify_pushes(self, count: Mapping[str, int], where: Mapping[str, object]) -> None:
        __tracebackhide__ = True
        asked = {"where": where, "count": count}
        verdict = self._control.call("POST", "/push_deliveries/verify", asked)
        if not verdict["ok"]:
            raise AssertionError(telling.unpushed(self._control, verdict))
