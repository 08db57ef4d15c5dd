"""What the Communications API makes: operations, and what it tells of. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from typing import Any, Unpack

from mockserver.handles import telling
from mockserver.handles.comms import Answered, Comms, operation_id
from mockserver.handles.errors import ControlError
from mockserver.handles.filters import CloudEventFilters, OperationFilters
from mockserver.handles.looking import MARGIN, Looking
from mockserver.handles.records import CloudEvent, Operation, read

FAILED = (404, 408, 409)
"""The server's answers to a wait in vain: unknown, late, or never."""


class Operating(Looking):
    """Sends by the Communications API, and looks at what comes of it."""

    @property
    def comms(self) -> Comms:
        """The Communications API: `twilio.comms.post("/Messages", json=…)`."""
        return Comms(self._control.pool, self.account_sid, self.auth_token)

    def operations(self, **filters: Unpack[OperationFilters]) -> list[Operation]:
        """The operations of the Communications API that match, oldest first."""
        return [read(Operation, each) for each in self._all("operations", filters)]

    def wait_for_operation(
        self,
        accepted: "str | Mapping[str, Any] | Answered",
        status: str = "COMPLETED",
        timeout: float = 5.0,
    ) -> Operation:
        """The operation, at once or as soon as it has, or has passed, a status.

        `accepted` is its id, its location, or what was answered to the send. On the instant clock
        its receipts are in by then. `timeout` is in seconds of wall time; then raise
        `AssertionError` with its counts, also for an answer that is a refusal.
        """
        __tracebackhide__ = True
        try:
            wanted = {"id": operation_id(accepted), "status": status.upper(), "timeout": timeout}
        except ValueError as none:
            raise AssertionError(str(none)) from None
        try:
            answer = self._control.call(
                "POST", "/operations/wait", wanted, timeout=timeout + MARGIN
            )
        except ControlError as refusal:
            if refusal.status not in FAILED:
                raise
            text = telling.unfinished(self._control, str(wanted["id"]), refusal.document)
            raise AssertionError(text) from None
        return read(Operation, answer)

    def cloud_events(self, **filters: Unpack[CloudEventFilters]) -> list[CloudEvent]:
        """What the Communications API told of, and what others told that was subscribed to.

        Oldest first; of the latest 10,000 events.
        """
        return [read(CloudEvent, each) for each in self._all("cloud_events", filters)]
