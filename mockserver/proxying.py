"""The proxy and the TLS port of a server: little at the start, all of it when first wanted."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mockserver.config import Settings
from mockserver.door import Door
from mockserver.edge.front import Others
from mockserver.edge.http.hosts import DEFAULT_HOST
from mockserver.world.sandboxes import Sandboxes

if TYPE_CHECKING:
    from mockserver.edge.gateway import Gateway
    from mockserver.edge.tls.contexts import Certificates


class Proxy:
    """Everything that a server does beside plain HTTP for itself."""

    def __init__(self, settings: Settings, sandboxes: Sandboxes) -> None:
        self._settings, self._sandboxes = settings, sandboxes
        self._plain: Callable[[str], asyncio.Protocol]
        self._port: Callable[[], int]
        self._gateway: Gateway | None = None

    def connect(self, plain: Callable[[str], asyncio.Protocol], port: Callable[[], int]) -> None:
        """`plain` makes a protocol for HTTP inside a tunnel to a host; `port` is the server's."""
        self._plain, self._port = plain, port

    @property
    def gateway(self) -> "Gateway":
        """Loaded with the first tunnel."""
        if self._gateway is None:
            from mockserver.edge.gateway import Gateway, Onward

            onward = Onward(self._settings.proxy_others == "tunnel", self._settings.proxy_upstream)
            self._gateway = Gateway(self._load, self._plain, onward, self._port)
        return self._gateway

    def take(self, transport: asyncio.Transport, data: bytes) -> None:
        """Go on with a connection that begins as a CONNECT or TLS does."""
        self.gateway.take(transport, data)

    @property
    def others(self) -> Others:
        """Answers requests that name a whole URL, unless they are the mock's."""
        return lambda request, authority: self.gateway.forward(request, authority)

    async def roots(self, *, system: bool) -> bytes:
        """The CA's certificate as PEM, behind the system's roots or alone."""
        certificates = await self.gateway.certificates()
        return certificates.bundle if system else certificates.certificate

    async def listen(self, sockets: Sequence[socket.socket]) -> list[Door]:
        """Speak TLS there; who names no host, or a stranger's, is shown `api.twilio.com`."""
        certificates, gateway = await self.gateway.certificates(), self.gateway
        doors = [
            Door(bound, lambda: gateway.secured(certificates.context(DEFAULT_HOST)))
            for bound in sockets
        ]
        for door in doors:
            await door.open()
        return doors

    async def close(self) -> None:
        """End every tunnel at once."""
        if self._gateway is not None:
            await self._gateway.close()

    def _load(self) -> "Certificates":
        """The CA, made where there is none; runs in a thread."""
        from mockserver.edge.tls.contexts import Certificates, vault_of
        from mockserver.edge.tls.faulty import certificate_fault

        vault = vault_of(self._settings.ca_dir)
        certificates = Certificates(vault, lambda host: certificate_fault(self._sandboxes, host))
        certificates.context(DEFAULT_HOST)
        return certificates
