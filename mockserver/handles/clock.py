"""The sandbox's clock. PYTEST_DONT_REWRITE"""

from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, Unpack

from mockserver.handles.connection import ControlClient
from mockserver.handles.records import moment


class Units(TypedDict, total=False):
    """What `timedelta` takes besides seconds."""

    minutes: float
    hours: float
    days: float
    weeks: float


class VirtualClock:
    """Reads and moves the time on which everything in the sandbox happens."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        return moment(self._read("now"))

    @property
    def mode(self) -> str:
        """`instant`, `manual`, `real` or `scaled:60`; may be set."""
        return str(self._read("mode"))

    @mode.setter
    def mode(self, mode: str) -> None:
        self._control.call("PUT", "/clock", {"mode": mode})

    @property
    def pending(self) -> int:
        """How many events are booked."""
        return int(self._read("pending"))

    def advance(
        self,
        seconds: float | timedelta | None = None,
        *,
        to: datetime | str | None = None,
        **units: Unpack[Units],
    ) -> int:
        """Move on by `seconds`, or to a time; how many events that ran.

        As `timedelta` takes them: `advance(days=1, minutes=30)`.

        Returns when everything due up to then has happened, its webhooks included. Raise
        `ControlError` (`not_idle`, `advancing`) when that does not come to an end.
        """
        if units:
            first = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds or 0)
            seconds = first + timedelta(**units)  # TypeError for what is no unit
        if (seconds is None) == (to is None):
            raise TypeError(
                "advance() takes either seconds= or to= (or minutes=, hours=, days=, weeks=)"
            )
        if isinstance(seconds, timedelta):
            seconds = seconds.total_seconds()
        if isinstance(to, datetime):
            to = (to if to.tzinfo else to.replace(tzinfo=UTC)).isoformat()
        return self._advance({"seconds": seconds} if to is None else {"to": to})

    def run_until_idle(self) -> int:
        """Run until nothing but appointments is due, no webhook under way; how many events ran."""
        return self._advance({"until": "idle"})

    def _advance(self, how: dict[str, Any]) -> int:
        return int(self._control.call("POST", "/clock/advance", how)["ran"])

    def _read(self, name: str) -> Any:
        return self._control.call("GET", "/clock")[name]
