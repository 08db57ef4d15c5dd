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
from mockserver.edge.api import PRODUCT as API
from mockserver.edge.front import Front
from mockserver.edge.http.product import Loader, Product
from mockserver.edge.listener import Listener
from mockserver.edge.outbound.courier import HttpCourier
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
        """Raise `ScenarioError` for a scenario that cannot be used."""
        self.settings = settings
        self._courier = HttpCourier(
            allow=settings.webhook_allow, webhook_map=settings.webhook_map, contained=contained()
        )
        folders = (folder("scenarios"), settings.scenarios)
        library = Library(Path(each) for each in folders if each)
        scenario = peopled(library.find(settings.scenario) if settings.scenario else Scenario(""))
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
            ),
            Defaults(
                settings.clock,
                settings.seed,
                scenario,
                settings.new_accounts,
                settings.strict_accounts,
                settings.max_accounts,
            ),
            settings.account,
        )
        self._library, self._started = library, stopwatch()
        self._control: Control | None = None
        front = Front(
            self.sandboxes,
            (API,),
            LATER,
            self._ask_control,
            check_responses=settings.check_responses,
        )
        self._listener = Listener(front)
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []

    async def _ask_control(self, request: web.BaseRequest) -> web.StreamResponse:
        """The control API is loaded when it is first asked: it is a tenth of what a start loads."""
        if self._control is None:
            from mockserver.edge.control import Control

            self._control = Control(self.sandboxes, self._library, self._started, self._probe)
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
        port: int = self._sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where clients find it."""
        host = self.settings.host
        shown = "localhost" if host in ("localhost", "0.0.0.0", "::") else host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen; raise `OSError` when the port is taken."""
        self._sockets = open_sockets(self.settings.host, self.settings.port)
        loop = asyncio.get_running_loop()
        for bound in self._sockets:
            self._servers.append(await loop.create_server(self._listener, sock=bound, backlog=1024))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Answer what is under way, then end; scheduled work ends at once."""
        for server in self._servers:
            server.close()
        self.sandboxes.stop()
        await self._listener.finish(STOP_SECONDS)
        await self._courier.close()


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
    "twilionotify": _twilionotify,
}
"""Products that are loaded when somebody first asks for them, by name."""


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Listening sockets: for `localhost` on both loopbacks, at one port; raise `OSError`."""
    if host != "localhost":
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return [_bound(family, host, port)]
    for _ in range(20 if port == 0 else 1):
        first = _bound(socket.AF_INET, "127.0.0.1", port)
        if not _has_ipv6_loopback():
            return [first]
        try:
            return [first, _bound(socket.AF_INET6, "::1", first.getsockname()[1])]
        except OSError:
            first.close()
            if port:
                raise
    raise OSError("found no port that is free on both loopbacks")


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(1024)
    except OSError:
        made.close()
        raise
    return made


def _has_ipv6_loopback() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


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
