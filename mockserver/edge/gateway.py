"""The proxy, put together: whom a tunnel leads to, and what becomes of requests for other hosts.

Loaded with the first CONNECT, the first TLS, or the first request for another host.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import msgspec
from aiohttp import web

from mockserver.edge.http.hosts import DEFAULT_HOST, is_twilios, product_of
from mockserver.edge.http.place import is_loopback
from mockserver.edge.outbound.policy import Policy, unwrap
from mockserver.edge.proxy.dialing import LOOPBACK, Dialer
from mockserver.edge.proxy.forwarding import PORTS, Forwarder
from mockserver.edge.proxy.opening import Next, Opening
from mockserver.edge.proxy.relay import Tunnel
from mockserver.edge.proxy.target import Refused, Target, read_target
from mockserver.edge.tls.layer import Secured

if TYPE_CHECKING:  # loaded beside the event loop
    from mockserver.edge.tls.contexts import Certificates

REFUSED: Final = (
    "{host} is not Twilio's: start twilio-mockserver with --proxy-others tunnel to pass it on"
)

log: Final = logging.getLogger("mockserver")


class Onward(msgspec.Struct, frozen=True):
    """What the proxy does with other hosts."""

    tunnel: bool
    """Whether they are passed on at all."""
    upstream: str = ""
    """The proxy through which; '' for the environment's, if any."""


class Gateway:
    """What is behind the proxy: the mock for Twilio's hosts, and for others who knows."""

    def __init__(
        self,
        load: "Callable[[], Certificates]",
        plain: Callable[[str], asyncio.Protocol],
        onward: Onward,
        port: Callable[[], int],
    ) -> None:
        """`load` takes long and runs in a thread, once.

        `plain` makes the HTTP protocol for a connection inside a tunnel to that host.
        """
        self._load, self._plain = load, plain
        self._loading: asyncio.Future[Certificates] | None = None
        self._onward, self._port = onward, port
        self._openings: set[Opening] = set()
        self._tunnels: set[Tunnel] = set()
        self._secured: set[Secured] = set()
        self._dialer = Dialer(judge, onward.upstream, self._here, self._called)
        self._forwarder = Forwarder(self._dialer)

    @property
    def open(self) -> int:
        """Connections that the proxy itself holds just now, TLS included."""
        return len(self._openings) + len(self._tunnels) + len(self._secured)

    async def certificates(self) -> "Certificates":
        """The CA and what it signs, loaded at first use."""
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(None, self._load)
        return await asyncio.shield(self._loading)

    def take(self, transport: asyncio.Transport, data: bytes) -> None:
        """Take a connection over that begins as a CONNECT or TLS does."""
        opening = Opening(self._decide, self._greet, self._go_plain(""), self._openings)
        opening.begin(transport, data)

    def secured(self, context: ssl.SSLContext, inside: str = "") -> Secured:
        """TLS around a connection to the mock; `inside` is the host whose tunnel it is in."""
        made = Secured(context, partial(self._plain, inside), self._secured.discard)
        self._secured.add(made)
        return made

    async def forward(self, request: web.BaseRequest, authority: str) -> web.StreamResponse | None:
        """The answer to a request that names a whole URL; `None` where it is the mock's to give."""
        if product_of(authority):
            return None
        try:
            return await self._forwarded(request, authority)
        except Refused as refused:
            log.warning("the proxy refused a client: %s", refused.said)
            return web.Response(status=refused.status, text=f"{refused.said}\n")

    async def _forwarded(
        self, request: web.BaseRequest, authority: str
    ) -> web.StreamResponse | None:
        scheme = request.raw_path.partition("://")[0].lower()
        target = read_target(authority, PORTS[scheme])
        if is_twilios(target.host) or await self._is_itself(target, request.transport):
            return None
        if not self._onward.tunnel:
            raise Refused(403, REFUSED.format(host=target.host))
        return await self._forwarder.forward(request, authority)

    async def close(self) -> None:
        """End every tunnel at once."""
        await asyncio.sleep(0)  # who was accepted in this very moment is connected in the next
        for opening in tuple(self._openings):
            opening.close()
        for tunnel in tuple(self._tunnels):
            tunnel.close()
        for secured in tuple(self._secured):
            secured.abort()
        await self._forwarder.close()
        await asyncio.sleep(0)  # the event loop tells connections of their end in its next round

    async def _greet(self, opening: Opening) -> None:
        """The client's first words choose the certificate, as on the port for TLS."""
        opening.past(self._go_secure(await self._context(DEFAULT_HOST), ""))

    async def _decide(self, target: Target, opening: Opening) -> None:
        """Raise `Refused` where a CONNECT leads nowhere."""
        if is_twilios(target.host):
            context = await self._context(target.host)
            opening.inside(self._go_secure(context, target.host), self._go_plain(target.host))
        elif await self._is_itself(target, opening.transport):
            context = await self._context(target.host)
            opening.inside(self._go_secure(context, ""), self._go_plain(""))
        elif self._onward.tunnel:
            await self._tunnel(target, opening)
        else:
            raise Refused(403, REFUSED.format(host=target.host))

    async def _context(self, host: str) -> ssl.SSLContext:
        """Making one takes time: beside the event loop."""
        certificates = await self.certificates()
        if certificates.ready(host):
            return certificates.context(host)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, certificates.context, host)

    async def _tunnel(self, target: Target, opening: Opening) -> None:
        tunnel = Tunnel(self._tunnels)
        try:
            await self._dialer.dial(target, lambda: tunnel.far, opening.via)
        except BaseException:
            tunnel.close()
            raise
        opening.outside(tunnel.join)

    def _go_secure(self, context: ssl.SSLContext, inside: str) -> Next:
        return lambda transport, read: _give(transport, self.secured(context, inside), read)

    def _go_plain(self, inside: str) -> Next:
        return lambda transport, read: _give(transport, self._plain(inside), read)

    def _called(self) -> str:
        """What other proxies know this one by."""
        return f"{socket.gethostname()}:{self._port()}"

    def _here(self, target: Target) -> bool:
        """Whether it is plainly the mock itself."""
        return target.port == self._port() and is_loopback(target.host)

    async def _is_itself(self, target: Target, transport: asyncio.BaseTransport | None) -> bool:
        """Whether a target is this mock, under whatever name."""
        if target.port != self._port():
            return False
        own = transport.get_extra_info("sockname")[0] if transport is not None else ""
        if is_loopback(target.host) or target.host == own:
            return True
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False
        return any(is_loopback(str(each[4][0])) or each[4][0] == own for each in found)


def _give(transport: asyncio.Transport, protocol: asyncio.Protocol, read: bytes) -> None:
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    if read:
        protocol.data_received(read)


def judge(address: str) -> str:
    """Why the proxy does not dial an address; '' where it does."""
    called = str(unwrap(ip_address(address.partition("%")[0])))
    if is_loopback(called):
        return LOOPBACK
    return "it is link-local, or no address at all" if Policy().never(called) else ""
