"""`AsyncMockTwilio`: every method of `MockTwilio` as a coroutine. PYTEST_DONT_REWRITE

Each runs the synchronous one in a thread, so that an application's webhook, served by the test's
own event loop, can answer meanwhile.
"""

from asyncio import AbstractEventLoop, to_thread
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Self, Unpack, overload

from mockserver.handles import twilio_client
from mockserver.handles.comms import Answered, AsyncComms
from mockserver.handles.filters import (
    CallbackFilters,
    CheckKeys,
    CloudEventFilters,
    DeliveryFilters,
    Invariants,
    MessageFilters,
    Moment,
    NotificationFilters,
    OperationFilters,
    OptOutFilters,
    PushFilters,
    RequestFilters,
)
from mockserver.handles.probing import ProbeReport
from mockserver.handles.records import (
    ApiCall,
    Callback,
    CloudEvent,
    Inbound,
    Message,
    Notification,
    Operation,
    OptOut,
    PushDelivery,
)
from mockserver.handles.ruling import After, Ids, Outcome
from mockserver.handles.saving import Path
from mockserver.handles.scenario_files import Scenario
from mockserver.handles.standing import Standing
from mockserver.handles.synchronous import Fork, MockTwilio, Options
from mockserver.handles.texting import Texting
from mockserver.handles.twins import AsyncClock, AsyncScene, AsyncWebhookApp

if TYPE_CHECKING:
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client


class AsyncPatch(AbstractContextManager["AsyncPatch"]):
    """The patched environment, for `with` and for `async with`: there is nothing to wait for."""

    def __init__(self, patch: AbstractContextManager[object]) -> None:
        self._patch = patch

    def __enter__(self) -> Self:
        self._patch.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._patch.__exit__(*raised)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *raised: Any) -> None:
        self.__exit__(*raised)


class _Attributes(Standing):
    """What needs no waiting."""

    def __init__(self, **options: Unpack[Options]) -> None:
        """As `MockTwilio`."""
        self._twin(MockTwilio(**options))

    def _twin(self, sync: MockTwilio) -> None:
        self._sync, self._place = sync, sync._place

    def client(self) -> "Client":
        """`twilio.rest.Client` for its `…_async` methods; raise `ImportError` with the remedy."""
        return twilio_client.client(self.account_sid, self.auth_token, self.http_client())

    def http_client(self) -> "AsyncTwilioHttpClient":
        """Only the HTTP client, for `Client(…, http_client=…)`; raise `ImportError`."""
        return twilio_client.async_http_client(self.base_url)

    def patched_environ(self) -> AsyncPatch:
        """As `MockTwilio.patched_environ`, with `with` or `async with`."""
        return AsyncPatch(self._sync.patched_environ())

    @property
    def clock(self) -> AsyncClock:
        """Reads and moves the sandbox's time."""
        return AsyncClock(self._sync.clock)


class _Looking(_Attributes):
    """What happened."""

    async def messages(self, **filters: Unpack[MessageFilters]) -> list[Message]:
        """All messages that match, oldest first."""
        return await to_thread(self._sync.messages, **filters)

    async def last_message(self, **filters: Unpack[MessageFilters]) -> Message:
        """The latest that matches; raise `AssertionError` when there is none."""
        __tracebackhide__ = True
        return await to_thread(self._sync.last_message, **filters)

    async def wait_for_message(
        self, *, timeout: float = 5.0, **filters: Unpack[MessageFilters]
    ) -> Message:
        """As `MockTwilio.wait_for_message`."""
        __tracebackhide__ = True
        return await to_thread(self._sync.wait_for_message, timeout=timeout, **filters)

    async def assert_sent(
        self,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        before: Mapping[str, Any] | Moment | None = None,
        after: Mapping[str, Any] | Moment | None = None,
        within: Mapping[str, Mapping[str, Any] | Moment] | None = None,
        **filters: Unpack[MessageFilters],
    ) -> None:
        """As `MockTwilio.assert_sent`."""
        __tracebackhide__ = True
        sync = partial(self._sync.assert_sent, times=times, at_least=at_least, at_most=at_most)
        await to_thread(sync, before=before, after=after, within=within, **filters)

    async def assert_not_sent(
        self,
        *,
        before: Mapping[str, Any] | Moment | None = None,
        after: Mapping[str, Any] | Moment | None = None,
        within: Mapping[str, Mapping[str, Any] | Moment] | None = None,
        **filters: Unpack[MessageFilters],
    ) -> None:
        """As `MockTwilio.assert_not_sent`."""
        __tracebackhide__ = True
        sync = self._sync.assert_not_sent
        await to_thread(sync, before=before, after=after, within=within, **filters)

    async def verify(self, *checks: Mapping[str, Any], **check: Unpack[CheckKeys]) -> None:
        """As `MockTwilio.verify`."""
        __tracebackhide__ = True
        await to_thread(self._sync.verify, *checks, **check)

    async def invariants(
        self, where: MessageFilters | None = None, **switches: Unpack[Invariants]
    ) -> None:
        """As `MockTwilio.invariants`."""
        __tracebackhide__ = True
        await to_thread(self._sync.invariants, where, **switches)

    async def requests(self, **filters: Unpack[RequestFilters]) -> list[ApiCall]:
        """The API calls that the journal holds, oldest first."""
        return await to_thread(self._sync.requests, **filters)

    async def callbacks(self, **filters: Unpack[CallbackFilters]) -> list[Callback]:
        """The attempts to post webhooks that the journal holds, oldest first."""
        return await to_thread(self._sync.callbacks, **filters)

    async def opt_outs(self, **filters: Unpack[OptOutFilters]) -> list[OptOut]:
        """Who has written STOP to whom, oldest first."""
        return await to_thread(self._sync.opt_outs, **filters)


class _Operating(_Attributes):
    """What the Communications API makes."""

    @property
    def comms(self) -> AsyncComms:
        """The Communications API: `await twilio.comms.post("/Messages", json=…)`."""
        return AsyncComms(self._sync.comms)

    async def operations(self, **filters: Unpack[OperationFilters]) -> list[Operation]:
        """The operations of the Communications API that match, oldest first."""
        return await to_thread(self._sync.operations, **filters)

    async def wait_for_operation(
        self,
        accepted: "str | Mapping[str, Any] | Answered",
        status: str = "COMPLETED",
        timeout: float = 5.0,
    ) -> Operation:
        """As `MockTwilio.wait_for_operation`."""
        __tracebackhide__ = True
        return await to_thread(self._sync.wait_for_operation, accepted, status, timeout)

    async def cloud_events(self, **filters: Unpack[CloudEventFilters]) -> list[CloudEvent]:
        """What the Communications API told of, or was subscribed to, oldest first."""
        return await to_thread(self._sync.cloud_events, **filters)


class _Notifying(_Attributes):
    """What Notify sends."""

    async def notifications(self, **filters: Unpack[NotificationFilters]) -> list[Notification]:
        """All notifications that match, oldest first."""
        return await to_thread(self._sync.notifications, **filters)

    async def push_deliveries(self, **filters: Unpack[PushFilters]) -> list[PushDelivery]:
        """As `MockTwilio.push_deliveries`."""
        return await to_thread(self._sync.push_deliveries, **filters)

    async def assert_pushed(
        self,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **filters: Unpack[PushFilters],
    ) -> None:
        """As `MockTwilio.assert_pushed`."""
        __tracebackhide__ = True
        count = {"times": times, "at_least": at_least, "at_most": at_most}
        await to_thread(self._sync.assert_pushed, **count, **filters)

    async def assert_not_pushed(self, **filters: Unpack[PushFilters]) -> None:
        """Raise `AssertionError` when any delivery matches."""
        __tracebackhide__ = True
        await to_thread(self._sync.assert_not_pushed, **filters)


class _Arranging(_Attributes):
    """What shall happen."""

    async def receive(
        self, *, from_: str, to: str, body: str = "", **more: Unpack[Texting]
    ) -> Inbound:
        """As `MockTwilio.receive`."""
        return await to_thread(self._sync.receive, from_=from_, to=to, body=body, **more)

    async def set_status(self, sid: str, status: str, error_code: int | None = None) -> Message:
        """As `MockTwilio.set_status`."""
        return await to_thread(self._sync.set_status, sid, status, error_code)

    async def opt_out(self, *, from_: str, to: str) -> OptOut:
        """As `MockTwilio.opt_out`."""
        return await to_thread(self._sync.opt_out, from_=from_, to=to)

    async def opt_in(self, *, from_: str, to: str) -> None:
        """As `MockTwilio.opt_in`."""
        await to_thread(self._sync.opt_in, from_=from_, to=to)

    async def given(self, **furniture: Any) -> None:
        """As `MockTwilio.given`."""
        await to_thread(self._sync.given, **furniture)

    async def reset(self) -> None:
        """As `MockTwilio.reset`."""
        await to_thread(self._sync.reset)


class _Saving(_Attributes):
    """State out and in."""

    @overload
    async def snapshot(self) -> bytes: ...

    @overload
    async def snapshot(self, file: Path | BinaryIO) -> None: ...

    async def snapshot(self, file: Path | BinaryIO | None = None) -> bytes | None:
        """As `MockTwilio.snapshot`."""
        if file is None:
            return await to_thread(self._sync.snapshot)
        await to_thread(self._sync.snapshot, file)
        return None

    async def restore(self, snapshot: bytes | Path | BinaryIO) -> None:
        """As `MockTwilio.restore`."""
        await to_thread(self._sync.restore, snapshot)


class _Ruling(_Attributes):
    """Decides what becomes of things."""

    async def fail_next(
        self, operation: str, *, code: int | None = None, status: int | None = None, times: int = 1
    ) -> str:
        """As `MockTwilio.fail_next`."""
        sync = self._sync.fail_next
        return await to_thread(sync, operation, code=code, status=status, times=times)

    async def deliver(
        self,
        *,
        outcome: Outcome | None = None,
        error_code: int | None = None,
        after: After | None = None,
        times: int | None = None,
        **when: Unpack[DeliveryFilters],
    ) -> str:
        """As `MockTwilio.deliver`."""
        return await to_thread(
            self._sync.deliver,
            outcome=outcome,
            error_code=error_code,
            after=after,
            times=times,
            **when,
        )

    async def fault(
        self,
        *,
        when: Mapping[str, Any] | None = None,
        times: int | None = None,
        id: str | None = None,  # noqa: A002 - as the rule has it
        enabled: bool = True,
        **then: Any,
    ) -> str:
        """As `MockTwilio.fault`."""
        sync = self._sync.fault
        return await to_thread(sync, when=when, times=times, id=id, enabled=enabled, **then)

    async def weather(
        self,
        *,
        when: Mapping[str, Any] | None = None,
        times: int | None = None,
        id: str | None = None,  # noqa: A002 - as the rule has it
        enabled: bool = True,
        **then: Any,
    ) -> str:
        """As `MockTwilio.weather`."""
        sync = self._sync.weather
        return await to_thread(sync, when=when, times=times, id=id, enabled=enabled, **then)

    async def handset(
        self,
        *,
        reply: str,
        delay: str | float | None = None,
        times: int | None = None,
        id: str | None = None,  # noqa: A002 - as the rule has it
        enabled: bool = True,
        **when: Unpack[DeliveryFilters],
    ) -> str:
        """As `MockTwilio.handset`."""
        sync = partial(self._sync.handset, reply=reply, delay=delay, times=times)
        return await to_thread(sync, id=id, enabled=enabled, **when)

    async def switch(self, *, on: Ids = (), off: Ids = ()) -> None:
        """As `MockTwilio.switch`."""
        await to_thread(self._sync.switch, on=on, off=off)

    def scenario(self, scenario: Scenario, **parameters: Any) -> AsyncScene:
        """Put a scenario in force: `await` it, or `async with` it for the block only."""
        return AsyncScene(partial(self._sync.scenario, scenario, **parameters))


class _Hosting(_Attributes):
    """Who answers webhooks."""

    def webhooks_to(
        self,
        app: Any,
        url: str,
        *,
        asgi: bool | None = None,
        loop: AbstractEventLoop | None = None,
    ) -> AsyncWebhookApp:
        """As `MockTwilio.webhooks_to`: `await` it, or `async with` it for the block only.

        An ASGI application gets an event loop of its own. With `loop`, the test's say
        (`asyncio.get_running_loop()`), it answers there, and is not started or shut down by this.
        """
        host = partial(self._sync.webhooks_to, app, url, asgi=asgi, loop=loop)
        return AsyncWebhookApp(host, url)


class _Probing(_Attributes):
    """How the application does."""

    async def probe(
        self,
        url: str,
        kind: Literal["status", "inbound", "all"] = "all",
        auth_token: str | None = None,
        *,
        timeout: float = 15.0,
    ) -> ProbeReport:
        """As `MockTwilio.probe`."""
        return await to_thread(self._sync.probe, url, kind, auth_token, timeout=timeout)


class AsyncMockTwilio(
    _Looking, _Operating, _Notifying, _Arranging, _Saving, _Ruling, _Probing, _Hosting
):
    """The twin of `MockTwilio` in which every method is a coroutine; attributes are not.

    Use it with `async with`, or between `await start()` and `await stop()`.
    """

    @classmethod
    def beside(cls, twilio: MockTwilio) -> Self:
        """The twin of a handle that exists: both act on one sandbox."""
        made = cls()
        made._twin(twilio)
        return made

    async def fork(self, **options: Unpack[Fork]) -> Self:
        """As `MockTwilio.fork`: `async with await twilio.fork() as fork:`."""
        return self.beside(await to_thread(self._sync.fork, **options))

    async def start(self) -> Self:
        """As `MockTwilio.start`."""
        await to_thread(self._sync.start)
        return self

    async def stop(self) -> None:
        """As `MockTwilio.stop`."""
        await to_thread(self._sync.stop)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
