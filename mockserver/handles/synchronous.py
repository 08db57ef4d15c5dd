"""`MockTwilio`. PYTEST_DONT_REWRITE"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypedDict, Unpack

from mockserver import environment
from mockserver.handles import twilio_client
from mockserver.handles.arranging import Arranging
from mockserver.handles.clock import VirtualClock
from mockserver.handles.connection import ControlClient
from mockserver.handles.errors import ControlError, ServerGone
from mockserver.handles.filters import wire
from mockserver.handles.hosting import Hosting
from mockserver.handles.notifying import Notifying
from mockserver.handles.operating import Operating
from mockserver.handles.probing import Probing
from mockserver.handles.ruling import Ruling
from mockserver.handles.saving import PATIENCE, Saving
from mockserver.handles.scenario_files import Scenario, is_file, unfiled
from mockserver.handles.servers import served
from mockserver.handles.standing import Made, Place
from mockserver.handles.verifying import Verifying
from mockserver.injected.twilio_mockserver_seatbelt import Seatbelt

if TYPE_CHECKING:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

ABANDONED: Final = 3600
"""Seconds of idling after which a server that outlives the test run drops a sandbox of its."""


class Options(TypedDict, total=False):
    """How a sandbox, and the server that holds it, shall be; `None` is as if left out."""

    scenario: Scenario | None
    """In force from the start: a name, a document, or a file: a `Path`, or text as `day.yaml`."""
    parameters: Mapping[str, Any] | None
    """What the scenario lets one choose, by name."""
    clock: str | None
    """`instant` unless this or the scenario says otherwise."""
    seed: int | None
    start: str | datetime | None
    """Where the clock starts: ISO 8601, or `now`."""
    account_sid: str | None
    """With `auth_token`, for applications with a hard-coded account."""
    auth_token: str | None
    account_type: Literal["Full", "Trial"] | None
    account_mode: Literal["live", "test"] | None
    """`test` is Twilio's test credentials."""
    url: str | None
    """A running server; without it one is started as a child process, at first use."""
    in_process: bool
    """Start the server in a thread of this process instead, for debuggers."""


ORDER: Final = ("scenario", "parameters", "clock", "seed", "start")
ACCOUNT: Final = {
    "account_sid": "sid",
    "auth_token": "auth_token",
    "account_type": "type",
    "account_mode": "mode",
}
"""Options about the account, and their names in the control API."""


class Fork(TypedDict, total=False):
    """What is otherwise in a fork; as in `Options`."""

    scenario: Scenario | None
    clock: str | None
    seed: int | None
    start: str | datetime | None
    account_sid: str | None
    auth_token: str | None


class MockTwilio(Operating, Notifying, Verifying, Arranging, Saving, Ruling, Probing, Hosting):
    """A Twilio of one's own: a fresh sandbox on a local server, to send to and to look into.

    Use it with `with`, or between `start()` and `stop()`.
    """

    def __init__(self, **options: Unpack[Options]) -> None:
        """Nothing happens before it is started; raise `TypeError` for an option there is not."""
        if unknown := options.keys() - Options.__annotations__.keys():
            raise TypeError(f"MockTwilio has no option {', '.join(sorted(unknown))}")
        self._options = options
        self._place = Place()
        self._clients: list[TwilioHttpClient] = []

    def start(self) -> Self:
        """Make the sandbox, and the server if need be. Starting twice does nothing the second time.

        Raise `ServerGone` without a server, `ControlError` for an order that it refuses.
        """
        if self.started:
            return self
        found = served(self._options.get("url") or "", self._options.get("in_process", False))
        try:
            wanted = self._wanted(found.foreign)
            document = ControlClient(found.pool).call("POST", "/sandboxes", wanted)
        except BaseException:
            found.release()
            raise
        self._place.made = Made(found, document)
        return self

    def stop(self) -> None:
        """Drop the sandbox. Stopping twice does nothing the second time."""
        if (made := self._place.made) is None or made.process != os.getpid():
            return
        for app in self._place.apps:
            app.stop()
        for client in self._clients:
            client.session.close()
        try:
            ControlClient(made.served.pool).call("DELETE", f"/sandboxes/{self.sandbox_id}")
        except ServerGone:
            pass  # and the sandbox with it
        except ControlError as refusal:
            if refusal.status != 404:
                raise
        finally:
            self._place.made = None
            made.served.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fork(self, **options: Unpack[Fork]) -> Self:
        """A handle of a fresh sandbox, made of what is in this one now; both go on by themselves.

        It has started, and drops its sandbox when it is stopped: use it with `with`. Its account is
        another one; scenario, clock, time and seed are this one's unless `options` say otherwise.
        So what many tests begin with is set up once, and each has its own, in any order:

            @pytest.fixture(scope="module")
            def stocked():
                with MockTwilio(clock="manual", seed=7) as twilio:
                    twilio.given(numbers=["+14155550123"])
                    yield twilio

            @pytest.mark.parametrize("answer", ["STOP", "HELP", "1"])
            def test_answers(stocked, answer):
                with stocked.fork() as twilio:
                    twilio.receive(from_="+14155550001", to="+14155550123", body=answer)
        """
        if unknown := options.keys() - Fork.__annotations__.keys():
            raise TypeError(f"fork() has no option {', '.join(sorted(unknown))}")
        here, fork = self._standing, type(self)(**options)
        order = {**fork._wanted(foreign=False), "from": self.sandbox_id}
        if here.served.foreign:
            order["ttl_s"] = ABANDONED
        control = ControlClient(here.served.pool)
        document = control.call("POST", "/sandboxes", order, timeout=PATIENCE)
        fork._place.made = Made(replace(here.served, release=_nothing), document)
        return fork

    @property
    def clock(self) -> VirtualClock:
        """Reads and moves the sandbox's time."""
        return VirtualClock(self._control)

    def client(self) -> "Client":
        """`twilio.rest.Client` wired to the mock; raise `ImportError` with the remedy."""
        return twilio_client.client(self.account_sid, self.auth_token, self.http_client())

    def http_client(self) -> "TwilioHttpClient":
        """Only the HTTP client, for `Client(…, http_client=…)`; raise `ImportError`."""
        made = twilio_client.http_client(self.base_url)
        self._clients.append(made)
        return made

    @contextmanager
    def patched_environ(self) -> Iterator[Self]:
        """`os.environ` with `environ`, and this process kept from the real Twilio.

        So `twilio.rest.Client()` made inside the application under test talks to the mock, without
        the application knowing; so do requests, httpx, urllib, and aiohttp, which has a session of
        its own read no environment. Twilio's own clients take a shorter way, without proxy and TLS.
        What goes past the proxy nonetheless does not find the real Twilio: its names are not looked
        up. Afterwards all is as it was before.
        """
        mock = self._mock
        values = environment.for_tests(mock, environment.at_home(os.environ))
        with (
            environment.patched(values),
            Seatbelt(self.base_url, str(mock.certificate)),
            twilio_client.redirecting(self.base_url),
        ):
            yield self

    def _wanted(self, foreign: bool) -> dict[str, Any]:
        """The order for a sandbox; on somebody else's server what is ours by default is said."""
        given = {name: value for name, value in self._options.items() if value is not None}
        if is_file(given.get("scenario")):
            chosen = self._options.get("parameters") or {}
            given["scenario"], given["parameters"] = unfiled(given["scenario"], chosen)
        order = wire({name: given[name] for name in ORDER if name in given})
        account = {key: given[name] for name, key in ACCOUNT.items() if name in given}
        if account:
            order["account"] = account
        if foreign:
            scenario = order.get("scenario")
            if not (isinstance(scenario, Mapping) and scenario.get("clock")):
                order.setdefault("clock", "instant")
            order["ttl_s"] = ABANDONED
        return order


def _nothing() -> None:
    """The server is left to the handle that was forked."""
