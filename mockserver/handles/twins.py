"""What `AsyncMockTwilio` hands out that takes time. PYTEST_DONT_REWRITE"""

from asyncio import to_thread
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, Unpack

from mockserver.handles.clock import Units, VirtualClock
from mockserver.handles.ruling import Scene

if TYPE_CHECKING:
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
        self,
        seconds: float | timedelta | None = None,
        *,
        to: datetime | str | None = None,
        **units: Unpack[Units],
    ) -> int:
        """As `VirtualClock.advance`."""
        return await to_thread(self._clock.advance, seconds, to=to, **units)

    async def run_until_idle(self) -> int:
        """As `VirtualClock.run_until_idle`."""
        return await to_thread(self._clock.run_until_idle)


class AsyncScene:
    """A scenario to be put in force: `await` it, or use it with `async with` for the block only."""

    def __init__(self, put: Callable[[], Scene]) -> None:
        self._put = put
        self._scene: Scene | None = None

    def __await__(self) -> Generator[Any, Any, Self]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        if self._scene is None:
            self._scene = await to_thread(self._put)
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
