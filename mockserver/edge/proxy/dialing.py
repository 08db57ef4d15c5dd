"""Connections to other hosts: looked up once, judged, and made to what was judged."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # typeshed knows one of them
    getproxies_environment,
    proxy_bypass_environment,
)

import msgspec

from mockserver.edge.http.hosts import is_twilios
from mockserver.edge.http.place import is_loopback
from mockserver.edge.proxy.target import SHOWN_LENGTH, Refused, Target, read_target

PATIENCE: Final = 20.0
"""Seconds of wall time for a look-up and a connection, or for a proxy's answer."""

HEAD_LIMIT: Final = 16_384
"""Bytes of a proxy's answer to a CONNECT."""

Judge = Callable[[str], str]
"""Why an address is not dialled; '' where it is."""

Far = TypeVar("Far", bound=asyncio.Protocol)


class Upstream(msgspec.Struct, frozen=True):
    """The proxy that was set before."""

    url: str
    """Without a login."""
    target: Target
    secure: bool
    login: str
    """The value of `Proxy-Authorization`; '' for none."""


def read_upstream(url: str) -> Upstream:
    """`[http://][user:password@]host[:port]`, as the variables have it; raises `Refused`."""
    split = urlsplit(url if "://" in url else f"http://{url}")
    if split.scheme not in ("http", "https"):
        raise Refused(502, f"the proxy that was set before is no http proxy but {split.scheme}")
    secure = split.scheme == "https"
    target = read_target(split.netloc.rpartition("@")[2], 443 if secure else 80)
    login = ""
    if split.username is not None:
        words = f"{unquote(split.username)}:{unquote(split.password or '')}"
        login = f"Basic {b64encode(words.encode()).decode()}"
    return Upstream(f"{split.scheme}://{target.authority}", target, secure, login)


def proxies_before(given: str) -> Mapping[str, str]:
    """Proxies by scheme: the one that was given, else those of the environment."""
    return {"http": given, "https": given} if given else getproxies_environment()


def _bypassed(host: str) -> bool:
    """Whether `NO_PROXY` names it."""
    bypassed: bool = proxy_bypass_environment(host)
    return bypassed


class Dialer:
    """Reaches other hosts, but never the real Twilio, and no address that the judge refuses."""

    def __init__(
        self,
        judge: Judge,
        upstream: str,
        itself: Callable[[Target], bool],
        called: Callable[[], str],
    ) -> None:
        """`upstream` is a proxy's URL, else the environment's count; `itself` knows the mock.

        `called` is what other proxies know this one by.
        """
        self._judge, self._called = judge, called
        self._before = proxies_before(upstream)
        self._given = bool(upstream)
        self._itself = itself

    def upstream(self, scheme: str, target: Target) -> Upstream | None:
        """The proxy for a target; none where there is none, or where it is the mock itself."""
        url = self._before.get(scheme) or self._before.get("all")
        if not url or (not self._given and _bypassed(target.host)):
            return None
        found = read_upstream(url)
        return None if self._itself(found.target) else found

    def via(self, before: str) -> str:
        """What another proxy is told of the way so far; raises `Refused` for a circle.

        Source: RFC 9110, 7.6.3.
        """
        own = f"1.1 {self._called()}"
        passed = [each.strip() for each in before.split(",") if each.strip()]
        if own in passed:
            raise Refused(508, "the proxy that was set before leads back here (--proxy-upstream)")
        return ", ".join([*passed, own])

    def check(self, target: Target) -> None:
        """Raise `Refused` for what its name or address alone forbids."""
        if is_twilios(target.host):
            raise Refused(403, f"{target.host} is Twilio's, which this mock never passes on")
        said = self._judge(target.host) if target.literal else ""
        if not target.literal and is_loopback(target.host):
            said = LOOPBACK
        if said:
            raise Refused(403, f"{target.host} is not passed on: {said}")

    async def addresses(self, target: Target) -> Sequence[str]:
        """Those that may be dialled; raises `Refused` where there are none."""
        self.check(target)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as problem:
            raise Refused(502, f"{target.host} cannot be looked up ({problem})") from None
        every = list(dict.fromkeys(str(each[4][0]) for each in found))
        said = {address: self._judge(address) for address in every}
        if every and all(said.values()):
            raise Refused(403, f"{target.host} is not passed on: {said[every[0]]}")
        return [address for address in every if not said[address]]

    async def dial(self, target: Target, far: Callable[[], Far], before: str = "") -> None:
        """Connect `far` to a target, through the proxy that was set before; raises `Refused`.

        `before` is the `Via` that came with the wish.
        """
        self.check(target)
        via, through = self.via(before), self.upstream("https", target)
        try:
            async with asyncio.timeout(PATIENCE):
                if through is not None:
                    await _dial_through(through, target, far, via)
                else:
                    await self._dial(target, far)
        except OSError as problem:  # a timeout is one
            why = str(problem) or "no answer in time"
            raise Refused(504, f"{target.authority} cannot be reached ({why})") from None

    async def _dial(self, target: Target, far: Callable[[], Far]) -> None:
        loop = asyncio.get_running_loop()
        problem: OSError = OSError("no address")
        for address in await self.addresses(target):
            try:
                await loop.create_connection(far, address, target.port)
            except OSError as refused:
                problem = refused
            else:
                return
        raise problem


LOOPBACK: Final = "it is this machine itself"


async def _dial_through(
    upstream: Upstream, target: Target, far: Callable[[], Far], via: str
) -> None:
    """Have the other proxy make the tunnel."""
    loop = asyncio.get_running_loop()
    host, port = upstream.target.host, upstream.target.port
    secure: Any = upstream.secure or None
    answer = Answer(far())
    transport, _ = await loop.create_connection(lambda: answer, host, port, ssl=secure)
    login = f"Proxy-Authorization: {upstream.login}\r\n" if upstream.login else ""
    ask = (
        f"CONNECT {target.authority} HTTP/1.1\r\nHost: {target.authority}\r\nVia: {via}\r\n"
        f"{login}\r\n"
    )
    transport.write(ask.encode("latin-1", "replace"))
    try:
        status = await answer.status
    except BaseException:
        transport.abort()
        raise
    if not status.startswith("2"):
        transport.abort()
        said = status[:SHOWN_LENGTH]
        raise Refused(502, f"{upstream.url} does not pass {target.authority} on: {said}")


class Answer(asyncio.Protocol):
    """A proxy's answer to a CONNECT; what follows it goes to the one who waits."""

    def __init__(self, far: asyncio.Protocol) -> None:
        self.status: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._far = far
        self._read = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is asked soon."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Until the head is complete."""
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            if len(self._read) > HEAD_LIMIT:
                self._transport.abort()
            return
        status = self._read.split(b"\r\n", 1)[0].partition(b" ")[2].decode("ascii", "replace")
        if status.startswith("2"):
            self._transport.set_protocol(self._far)
            self._far.connection_made(self._transport)
            if rest := self._read[end + 4 :]:
                self._far.data_received(rest)
        if not self.status.done():
            self.status.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        """Before it has answered."""
        if not self.status.done():
            self.status.set_exception(ConnectionError("it hung up"))
