"""The composition root: settings in, a listening server out.

`Server` is an asynchronous context manager; `ServerThread` runs one beside synchronous code; the
command's own process is `serving.py`.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web

from mockserver.config import Settings
from mockserver.domain.faults import Scenario
from mockserver.domain.message import Delivery, Message
from mockserver.door import Door, open_sockets
from mockserver.edge.api import PRODUCT as API
from mockserver.edge.front import Front
from mockserver.edge.http.guard import Guard
from mockserver.edge.http.product import Loader, Product
from mockserver.edge.listener import Listener
from mockserver.edge.outbound.courier import HttpCourier
from mockserver.proxying import Proxy
from mockserver.world.clock import stopwatch
from mockserver.world.ports import Routes
from mockserver.world.sandbox import House
from mockserver.world.sandboxes import Defaults, Sandboxes
from mockserver.world.scenarios import Library
from mockserver.world.schema_files import folder
from mockserver.world.seed import peopled
from mockserver.world.store import MemoryStore

if TYPE_CHECKING:
    from mockserver.edge.control import Control
    from mockserver.world.bulk.operation import Operation
    from mockserver.world.partings import Partings
    from mockserver.world.state import FileArchive

STOP_SECONDS: Final = 1.0
"""Requests under way get this long to be answered when the server ends."""


class Server:
    """A server with everything behind it."""

    def __init__(
        self,
        settings: Settings,
        report: Callable[[Message, Delivery], None] | None = None,
        report_operation: "Callable[[Operation], None] | None" = None,
    ) -> None:
        """Raise `ScenarioError` for a scenario, `BadState` for a file that cannot be used."""
        self.settings = settings
        self._courier = HttpCourier(
            allow=settings.webhook_allow, webhook_map=settings.webhook_map, contained=contained()
        )
        folders = (folder("scenarios"), settings.scenarios)
        library = Library(Path(each) for each in folders if each)
        scenario = peopled(library.find(settings.scenario) if settings.scenario else Scenario(""))
        self._archive = _archive(settings.state)
        self.sandboxes = Sandboxes(
            House(
                self._courier,
                MemoryStore(),
                settings.callback_grace / 1_000_000,
                settings.options,
                report,
                report_operation,
                fetcher=self._courier,
                inbound_url=settings.inbound_url,
                archive=self._archive,
                partings=_partings() if settings.keep_dropped else None,
            ),
            _defaults(settings, scenario),
            settings.account,
        )
        self._library, self._started = library, stopwatch()
        self._control: Control | None = None
        self._proxy = Proxy(settings, self.sandboxes)
        front = Front(
            self.sandboxes,
            (API,),
            LATER,
            self._ask_control,
            others=self._proxy.others,
            check_responses=settings.check_responses,
            shut=self.shut,
            guard=Guard(settings.allow_host),
        )
        self._listener = Listener(front, self._proxy.take)
        self._proxy.connect(self._listener.within, lambda: self.port)
        self._doors: list[Door] = []
        self._https: list[Door] = []

    async def _ask_control(self, request: web.BaseRequest) -> web.StreamResponse:
        """The control API is loaded when it is first asked: it is a tenth of what a start loads."""
        if self._control is None:
            from mockserver.edge.control import Control

            self._control = Control(
                self.sandboxes, self._library, self._started, self._probe, self._proxy.roots
            )
        return await self._control.handle(request)

    async def _probe(self, asked: Mapping[str, Any], routes: Routes) -> dict[str, Any]:
        """Loaded when somebody wants it."""
        from mockserver.edge.probing import Prober

        known = (*routes, *self.settings.webhook_map)
        prober = Prober(self.settings.webhook_allow, known, contained=contained())
        return await prober.probe(asked)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._doors[0].port

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self._shown}:{self.port}"

    @property
    def https_url(self) -> str:
        """The same over TLS; '' where that is not wanted."""
        return f"https://{self._shown}:{self._https[0].port}" if self._https else ""

    @property
    def _shown(self) -> str:
        host = self.settings.host
        shown = "localhost" if host in ("localhost", "0.0.0.0", "::") else host
        return f"[{shown}]" if ":" in shown else shown

    def requests(self) -> int:
        """How many there were so far, of whatever kind."""
        return self._listener.requests_count

    def shut(self, seconds: float) -> None:
        """Refuse connections for so many seconds of wall time; those that are open stay."""
        for door in (*self._doors, *self._https):
            door.shut(seconds)

    async def __aenter__(self) -> Self:
        """Listen; raise `OSError` when the port is taken."""
        try:
            await self._listen()
        except OSError:
            await self._put_away()
            raise
        return self

    async def _listen(self) -> None:
        bound = open_sockets(self.settings.host, self.settings.port)
        secured = self._open_https(bound)
        self._doors = [Door(each, self._listener) for each in bound]
        for door in self._doors:
            await door.open()
        if secured:
            self._https = await self._proxy.listen(secured)

    def _open_https(self, others: list[socket.socket]) -> list[socket.socket]:
        """Those for TLS, if any; where that fails the others are closed, and the error says so."""
        port = self.settings.https_port
        if port is None:
            return []
        try:
            return open_sockets(self.settings.host, port)
        except OSError as problem:
            for each in others:
                each.close()
            problem.filename = f"{self.settings.host} port {port} (--https-port)"
            raise

    async def __aexit__(self, *_: object) -> None:
        """Answer what is under way, then end; scheduled work ends at once."""
        for door in (*self._doors, *self._https):
            door.close()
        self.sandboxes.stop()
        await self._listener.finish(STOP_SECONDS)
        await self._proxy.close()
        await self._courier.close()
        await self._put_away()

    async def _put_away(self) -> None:
        """Let others have what keeps the sandboxes."""
        if self._archive is not None:
            await self._archive.close()


def _defaults(settings: Settings, scenario: Scenario) -> Defaults:
    return Defaults(
        settings.clock,
        settings.seed,
        scenario,
        settings.new_accounts,
        settings.strict_accounts,
        settings.max_accounts,
    )


def _archive(path: str) -> "FileArchive | None":
    """What keeps sandboxes; it is loaded where it is wanted."""
    if not path:
        return None
    from mockserver.world.state import FileArchive

    return FileArchive(Path(path))


def _partings() -> "Partings":
    """Who remembers sandboxes that are gone."""
    from mockserver.world.partings import Partings

    def render(sandbox: Any, message: Message, delivery: Delivery) -> dict[str, Any]:
        from mockserver.edge.control import rendering  # with the first, not at start

        return rendering.message(sandbox, message, delivery)

    return Partings(render)


def contained(root: Path = Path("/")) -> bool:
    """Whether this process runs in a container; Docker and Podman each leave a file there."""
    return any((root / mark).exists() for mark in (".dockerenv", "run/.containerenv"))


def _accounts() -> Product:
    from mockserver.edge.accounts import PRODUCT

    return PRODUCT


def _comms() -> Product:
    """With what its first request would otherwise load, while everybody waits."""
    from mockserver.edge.comms import PRODUCT
    from mockserver.world.bulk.ordering import gate

    gate()
    with suppress(ImportError):  # an extra: who needs it and has it not is told then
        import_module("mockserver.domain.personalising.engine")
    return PRODUCT


def _content() -> Product:
    from mockserver.edge.content import PRODUCT

    return PRODUCT


def _events() -> Product:
    from mockserver.edge.events import PRODUCT

    return PRODUCT


def _messaging() -> Product:
    from mockserver.edge.messaging import PRODUCT

    return PRODUCT


def _monitor() -> Product:
    from mockserver.edge.monitor import PRODUCT

    return PRODUCT


def _notify() -> Product:
    """With what its first notification would otherwise load."""
    from mockserver.edge.notify import PRODUCT

    for name in ("handing", "telling", "work"):
        import_module(f"mockserver.world.notify.{name}")
    return PRODUCT


def _oauth() -> Product:
    from mockserver.edge.oauth import PRODUCT

    return PRODUCT


def _twilionotify() -> Product:
    from mockserver.edge.twilionotify import PRODUCT

    return PRODUCT


LATER: Final[Mapping[str, Loader]] = {
    "messaging": _messaging,
    "monitor": _monitor,
    "accounts": _accounts,
    "comms": _comms,
    "content": _content,
    "events": _events,
    "notify": _notify,
    "oauth": _oauth,
    "twilionotify": _twilionotify,
}
"""Products that are loaded when somebody first asks for them, by name."""


class ServerThread:
    """A server in a thread of this process, for debuggers and synchronous users."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._problem: BaseException | None = None
        self.url = ""
        self._thread = threading.Thread(target=self._main, name="twilio-mockserver", daemon=True)

    def start(self) -> None:
        """Return once it listens; raise what kept it from that."""
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _main(self) -> None:
        with asyncio.Runner() as runner:
            try:
                runner.run(self._run())
            except Exception as problem:  # noqa: BLE001 - handed to `start`
                self._problem = problem
                self._ready.set()

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with Server(self._settings) as server:
            self.url = server.url
            self._ready.set()
            await self._stop.wait()
