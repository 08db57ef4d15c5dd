"""What shall happen in a sandbox. PYTEST_DONT_REWRITE"""

from typing import Any, Final, Unpack

from mockserver.handles.records import Inbound, Message, OptOut, read
from mockserver.handles.standing import Standing
from mockserver.handles.texting import Texting, document

INBOUND_PATIENCE: Final = 200.0
"""Seconds of wall time: a webhook may take 15, and so may each of the ten it redirects to."""


class Arranging(Standing):
    """Arranges what the sandbox does."""

    def receive(self, *, from_: str, to: str, body: str = "", **more: Unpack[Texting]) -> Inbound:
        """A handset texts the account; back come the webhook's last attempt and the replies.

        It takes as long as the application's webhook does. Files may be attached (`media`,
        `media_urls`), buttons pressed, places sent: `Texting` says what there is.
        """
        text = document(from_, to, body, more)
        answer = self._control.call("POST", "/inbound", text, timeout=INBOUND_PATIENCE)
        return read(Inbound, answer)

    def set_status(self, sid: str, status: str, error_code: int | None = None) -> Message:
        """Force the next step of a message under way; raise `ControlError` if it cannot be."""
        step = {"status": status, "error_code": error_code}
        asked = {name: value for name, value in step.items() if value is not None}
        return read(Message, self._control.call("POST", f"/messages/{sid}/status", asked))

    def opt_out(self, *, from_: str, to: str) -> OptOut:
        """As if `to` had written STOP to `from_`: a number, or a Messaging Service by its SID.

        Sending fails with 21610 from now on.
        """
        answer = self._control.call("POST", "/opt_outs", {"from": from_, "to": to})
        return read(OptOut, answer)

    def opt_in(self, *, from_: str, to: str) -> None:
        """Take an opt-out back, if there is one; `from_` is what `opt_outs()` shows."""
        self._control.call("DELETE", "/opt_outs", query={"from": from_, "to": to})

    def given(self, **furniture: Any) -> None:
        """Set up accounts, numbers, verified callers, services, opt-outs: a scenario's `given`."""
        self._control.call("POST", "/seed", furniture)

    def reset(self) -> None:
        """The sandbox as it was made: same account and scenario, clock and dice from the start."""
        self._control.call("POST", "/reset")
