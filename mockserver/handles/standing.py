"""A started sandbox: what all parts of a handle stand on. PYTEST_DONT_REWRITE"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver import environment
from mockserver.handles.connection import ControlClient
from mockserver.handles.errors import MockTwilioError
from mockserver.handles.servers import Served

if TYPE_CHECKING:
    from mockserver.handles.apps import WebhookApp


@dataclass(frozen=True, slots=True)
class Made:
    """A sandbox as its server announced it."""

    served: Served
    document: Mapping[str, Any]
    process: int = field(default_factory=os.getpid)
    """Who made it, and so may drop it: not a fork that leaves the same `with`."""


class Place:
    """Where a handle keeps its sandbox; twins share one."""

    __slots__ = ("apps", "made")

    def __init__(self) -> None:
        self.made: Made | None = None
        self.apps: list[WebhookApp] = []
        """Those that get webhooks, and those that did."""


class Standing:
    """Knows the sandbox; every attribute raises `MockTwilioError` before the handle is started."""

    _place: Place

    def __repr__(self) -> str:
        where = f"{self.sandbox_id} at {self.base_url}" if self.started else "not started"
        return f"<{type(self).__name__} {where}>"

    @property
    def started(self) -> bool:
        """Whether there is a sandbox at present."""
        return self._place.made is not None

    @property
    def base_url(self) -> str:
        """Where the server is; `/2010-04-01/…` below it is `api.twilio.com`."""
        return self._control.pool.url

    @property
    def environ(self) -> dict[str, str]:
        """The variables for a program under test: credentials, `HTTPS_PROXY`, roots to trust.

        They catch unmodified clients in most languages; `twilio-mockserver run` sets more. The CA's
        files are written where they are not there yet.
        """
        return environment.for_tests(self._mock, environment.at_home(os.environ))

    @property
    def account_sid(self) -> str:
        """The sandbox's own account."""
        return str(self._known["account_sid"])

    @property
    def auth_token(self) -> str:
        """Its Auth Token, which also signs its webhooks."""
        return str(self._known["auth_token"])

    @property
    def sandbox_id(self) -> str:
        """Which of the server's sandboxes this is."""
        return str(self._known["id"])

    @property
    def control_url(self) -> str:
        """The sandbox's part of the control API, for any HTTP client: `{control_url}/messages`."""
        return f"{self.base_url}/_mock/sandboxes/{self.sandbox_id}"

    @property
    def seed(self) -> int:
        """What decides chance; the same seed and calls give the same messages again."""
        return int(self._known["seed"])

    @property
    def _mock(self) -> environment.Mock:
        """The server with the files for its CA, which come into being when they are needed."""
        from mockserver.trust import trusted  # a hash, a temporary folder: not at start

        certificate = self._control.text("/ca.pem")
        files = trusted(certificate, os.environ)
        sid, token = self.account_sid, self.auth_token
        return environment.Mock(
            self.base_url, sid, token, files.certificate, files.bundle, files.extra
        )

    @property
    def _control(self) -> ControlClient:
        return ControlClient(self._standing.served.pool, self.sandbox_id)

    @property
    def _known(self) -> Mapping[str, Any]:
        return self._standing.document

    @property
    def _standing(self) -> Made:
        if self._place.made is None:
            raise MockTwilioError("not started: use `with MockTwilio() as twilio:`, or start()")
        return self._place.made
