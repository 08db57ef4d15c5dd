"""Plain HTTP for other hosts: a request that holds a whole URL, passed on, and its answer back."""

import logging
import socket
from collections.abc import Iterable
from typing import Any, Final

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    web,
)
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict
from yarl import URL

from mockserver.edge.proxy.dialing import Dialer
from mockserver.edge.proxy.target import Refused, Target, read_target

TIMES: Final = ClientTimeout(total=None, connect=20, sock_read=300)
"""Seconds of wall time."""

log: Final = logging.getLogger("mockserver")

PORTS: Final = {"http": 80, "https": 443}

HOP_BY_HOP: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""What concerns one connection alone. Source: RFC 9110, 7.6.1; RFC 2616, 13.5.1."""

OUR_WORDS: Final = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
"""What aiohttp's client would say where the program said nothing."""


class Forwarder:
    """Passes requests on. It follows no redirect, keeps no cookie, unpacks nothing."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._sessions: dict[bool, ClientSession] = {}
        """By whether they go through the proxy that was set before, which may be anywhere."""

    async def forward(self, request: web.BaseRequest, authority: str) -> web.StreamResponse:
        """The other host's answer; raises `Refused`."""
        scheme = request.raw_path.partition("://")[0].lower()
        target = read_target(authority, PORTS[scheme])
        self._dialer.check(target)
        through = self._dialer.upstream(scheme, target)
        headers = CIMultiDict(_end_to_end(request.headers.items()))
        headers["Host"] = authority
        via = self._dialer.via(", ".join(headers.getall("Via", ())))
        if through is not None:
            headers["Via"] = via
            if through.login:
                headers["Proxy-Authorization"] = through.login
        _go_on(request, headers)
        try:
            async with self._client(proxied=through is not None).request(
                request.method,
                _url(scheme, target, request.raw_path),
                headers=headers,
                data=request.content if request.body_exists else None,
                proxy=through.url if through else None,
                allow_redirects=False,
            ) as answer:
                return await _passed_back(request, answer)
        except (ClientError, TimeoutError) as problem:
            why = str(problem) or "no answer in time"
            raise Refused(504, f"{target.authority} cannot be reached ({why})") from None

    async def close(self) -> None:
        """Give its connections up."""
        for session in self._sessions.values():
            await session.close()

    def _client(self, *, proxied: bool) -> ClientSession:
        if proxied not in self._sessions:
            resolver = None if proxied else _Resolver(self._dialer)
            self._sessions[proxied] = ClientSession(
                connector=TCPConnector(resolver=resolver, limit=0, use_dns_cache=False),
                cookie_jar=DummyCookieJar(),
                timeout=TIMES,
                auto_decompress=False,
                skip_auto_headers=OUR_WORDS,
            )
        return self._sessions[proxied]


def _go_on(request: web.BaseRequest, headers: CIMultiDict[str]) -> None:
    """Tell a client that waits for a word to send its body: the other host could not tell it."""
    if headers.popall("Expect", None) and request.body_exists and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def _passed_back(request: web.BaseRequest, answer: ClientResponse) -> web.StreamResponse:
    back = web.StreamResponse(
        status=answer.status,
        reason=answer.reason,
        headers=CIMultiDict(_end_to_end(answer.headers.items())),
    )
    await back.prepare(request)
    try:
        async for part in answer.content.iter_any():
            await back.write(part)
    except (ClientError, TimeoutError) as problem:
        log.warning("the answer of %s broke off (%s)", request.raw_path, problem)
        if request.transport is not None:  # too late for a status, so the end must tell
            request.transport.close()
        return back
    await back.write_eof()
    return back


def _end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    every = list(headers)
    named = [value for name, value in every if name.lower() == "connection"]
    dropped = HOP_BY_HOP.union(*([word.strip().lower() for word in v.split(",")] for v in named))
    return [(name, value) for name, value in every if name.lower() not in dropped]


def _url(scheme: str, target: Target, raw: str) -> URL:
    """The URL that is asked for, its path as it was written."""
    rest = raw.partition("://")[2]
    cut = min((at for at in map(rest.find, "/?") if at >= 0), default=len(rest))
    path = rest[cut:] if rest[cut : cut + 1] == "/" else f"/{rest[cut:]}"
    return URL(f"{scheme}://{target.authority}{path}", encoded=True)


class _Resolver(AbstractResolver):
    """Look-ups that give only what may be dialled."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> Any:
        """Raise `Refused` where there is nothing."""
        addresses = await self._dialer.addresses(Target(host.rstrip("."), port))
        return [_entry(host, address, port) for address in addresses]

    async def close(self) -> None:
        """It keeps nothing."""


def _entry(host: str, address: str, port: int) -> dict[str, Any]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST
    return {
        "hostname": host,
        "host": address,
        "port": port,
        "family": family,
        "proto": 0,
        "flags": flags,
    }
