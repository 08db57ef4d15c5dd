"""`AsyncMockTwilio`: every method of `MockTwilio` as a coroutine. PYTEST_DONT_REWRITE

Each runs the synchronous one in a thread, so that an application's webhook, served by the test's
own event loop, can answer meanwhile.
"""

from asyncio import to_thread
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from mockserver.handles import twilio_client
from mockserver.handles.arranging import After, Outcome, Scene
from mockserver.handles.clock import VirtualClock
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
from mockserver.handles.standing import Standing
from mockserver.handles.synchronous import MockTwilio, Options
from mockserver.handles.texting import Texting

if TYPE_CHECKING:
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    from mockserver.handles.apps import WebhookApp


class AsyncClock:
    """The sandbox's clock: moving it is a coroutine, reading it is an attribute."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    @property
    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        return self._clock.now

    @property
    def mode(self) -> str:
        """`instant`, `manual`, `real` or `scaled:60`."""
        return self._clock.mode

    @property
    def pending(self) -> int:
        """How many events are booked."""
        return self._clock.pending

    async def advance(
        self, seconds: float | timedelta | None = None, *, to: datetime | str | None = None
    ) -> int:
        """As `VirtualClock.advance`."""
        return await to_thread(self._clock.advance, seconds, to=to)

    async def run_until_idle(self) -> int:
        """As `VirtualClock.run_until_idle`."""
        return await to_thread(self._clock.run_until_idle)


class AsyncScene:
    """A scenario to be put in force: `await` it, or use it with `async with` for the block only."""

    def __init__(self, twilio: MockTwilio, scenario: str | Mapping[str, Any]) -> None:
        self._twilio, self._scenario = twilio, scenario
        self._scene: Scene | None = None

    def __await__(self) -> Generator[Any, Any, Self]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        if self._scene is None:
            self._scene = await to_thread(self._twilio.scenario, self._scenario)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.restore()

    async def restore(self) -> None:
        """Put in force what was before."""
        if self._scene is not None:
            await to_thread(self._scene.restore)


class AsyncWebhookApp:
    """An application that gets webhooks: `await` it, or `async with` it for the block only."""

    def __init__(self, start: Callable[[], "WebhookApp"], url: str) -> None:
        self._start = start
        self.url = url
        """The public address."""
        self._app: WebhookApp | None = None

    def __await__(self) -> Generator[Any, Any, Self]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        if self._app is None:
            self._app = await to_thread(self._start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def errors(self) -> list[BaseException]:
        """What the application raised; the mock was answered 500."""
        return self._app.errors if self._app else []

    async def stop(self) -> None:
        """As `WebhookApp.stop`."""
        if self._app is not None:
            await to_thread(self._app.stop)


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
        within: Mapping[str, Moment] | None = None,
        **filters: Unpack[MessageFilters],
    ) -> None:
        """As `MockTwilio.assert_sent`."""
        __tracebackhide__ = True
        sync = partial(self._sync.assert_sent, times=times, at_least=at_least, at_most=at_most)
        await to_thread(sync, before=before, after=after, within=within, **filters)

    async def assert_not_sent(self, **filters: Unpack[MessageFilters]) -> None:
        """Raise `AssertionError` when any message matches."""
        __tracebackhide__ = True
        await to_thread(self._sync.assert_not_sent, **filters)

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

    async def set_status(self, sid: str, status: str, error_code: int | None = None) -> Message:
        """As `MockTwilio.set_status`."""
        return await to_thread(self._sync.set_status, sid, status, error_code)

    async def opt_out(self, *, from_: str, to: str) -> OptOut:
        """As `MockTwilio.opt_out`."""
        return await to_thread(self._sync.opt_out, from_=from_, to=to)

    async def opt_in(self, *, from_: str, to: str) -> None:
        """As `MockTwilio.opt_in`."""
        await to_thread(self._sync.opt_in, from_=from_, to=to)

    def scenario(self, scenario: str | Mapping[str, Any]) -> AsyncScene:
        """Put a scenario in force: `await` it, or `async with` it for the block only."""
        return AsyncScene(self._sync, scenario)

    async def given(self, **furniture: Any) -> None:
        """As `MockTwilio.given`."""
        await to_thread(self._sync.given, **furniture)

    async def reset(self) -> None:
        """As `MockTwilio.reset`."""
        await to_thread(self._sync.reset)


class _Hosting(_Attributes):
    """Who answers webhooks."""

    def webhooks_to(self, app: Any, url: str, *, asgi: bool | None = None) -> AsyncWebhookApp:
        """As `MockTwilio.webhooks_to`: `await` it, or `async with` it for the block only.

        An ASGI application gets an event loop of its own, not the test's.
        """
        return AsyncWebhookApp(partial(self._sync.webhooks_to, app, url, asgi=asgi), url)


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


class AsyncMockTwilio(_Looking, _Operating, _Notifying, _Arranging, _Probing, _Hosting):
    """The twin of `MockTwilio` in which every method is a coroutine; attributes are not.

    Use it with `async with`, or between `await start()` and `await stop()`.
    """

    @classmethod
    def beside(cls, twilio: MockTwilio) -> Self:
        """The twin of a handle that exists: both act on one sandbox."""
        made = cls()
        made._twin(twilio)
        return made

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
