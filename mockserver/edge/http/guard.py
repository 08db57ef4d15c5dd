"""Who may ask: the names this server goes by, and the pages that may write.

A page at `http://evil.example:2010` whose name comes to mean 127.0.0.1 (DNS rebinding) is, to the
browser, of one origin with this server, and could read every message. Its requests still say
`Host: evil.example:2010`. So a name counts only where a stranger cannot have it in DNS.
"""

import json
import logging
import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from mockserver.domain.version import __version__
from mockserver.edge.http.hosts import is_twilios, product_of
from mockserver.edge.http.place import is_literal, is_loopback

SUFFIXES: Final = (
    ".localhost",
    ".local",
    ".internal",
    ".test",
    ".svc.cluster.local",
)
"""Names that no registry gives away. Source: RFC 6761, RFC 6762; ICANN for `.internal`."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing under `/_mock`."""

REMEMBERED: Final = 1024
"""Hosts whose verdict is kept."""

LONGEST: Final = 300
"""Characters of a Host: a name's 253, brackets, a port."""

SHOWN: Final = 100
"""Characters of a client's words that are told."""

_AUTHORITY: Final = re.compile(
    r"(?:\[(?P<v6>[0-9a-f:.]+)(?:%[\w.~-]+)?\]|(?P<name>[\w.-]+))(?::[0-9]{0,5})?",
    re.IGNORECASE | re.ASCII,
).fullmatch
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII).fullmatch
_ORIGIN: Final = re.compile(r"https?://([^/?#@]+)", re.IGNORECASE).fullmatch

log: Final = logging.getLogger("mockserver")


class Guard:
    """Turns away whoever came by a name that is not the server's."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """`allowed`: further names; one that begins with `*.` stands for all below it."""
        whole = [name.lower().rstrip(".") for name in allowed]
        self._allowed = frozenset(name for name in whole if not name.startswith("*."))
        self._below = tuple(name[1:] for name in whole if name.startswith("*."))
        self._known: dict[str, bool] = {}

    def knows(self, authority: str) -> bool:
        """Whether a `Host` names this server; one that is absent names nobody, and is well."""
        known = self._known.get(authority)
        if known is None:
            known = self._judge(authority)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            if len(authority) <= LONGEST:
                self._known[authority] = known
        return known

    def control(self, request: web.BaseRequest, host: str) -> web.Response | None:
        """What a call of the control API, as if to `host`, is refused with."""
        if len(request.headers.getall("Host", ())) > 1:
            return _refused(400, "bad_host", "there is more than one Host", {})
        if not self.knows(host):
            return self._misdirected(host)
        origins = request.headers.getall("Origin", ())
        if request.method in SAFE or not origins or self._may_write(origins, host):
            return None
        shown = ", ".join(origins)[:SHOWN]
        said = (
            f"a page of {shown!r} may not {request.method} here: only pages of this machine's "
            "loopback, or of the very host that is asked, may"
        )
        return _refused(403, "foreign_origin", said, {"origin": shown})

    def api(self, request: web.BaseRequest, host: str) -> web.Response | None:
        """What a browser's request for Twilio's API, at a stranger's name, is refused with.

        The default account's Auth Token is in the documentation: with it, a rebound page could
        read that account's messages as well as from the control API. Programs may come by any
        name, and do, for a load balancer's name is not known here; they do not rebind.
        """
        if product_of(host) or self.knows(host) or not _is_browsers(request):
            return None
        return None if is_twilios(host.partition(":")[0]) else self._misdirected(host)

    def _misdirected(self, host: str) -> web.Response:
        name = _name(host)
        fix = f"--allow-host {name}" if name else "--allow-host NAME, its name"
        shown = host[:SHOWN]
        said = f"{shown!r} is not a name of this server; if it should be, start it with {fix}"
        return _refused(421, "unknown_host", said, {"host": shown})

    def _judge(self, authority: str) -> bool:
        name = _name(authority)
        if not authority or is_literal(name):
            return True
        whole = name.removesuffix(".")
        if not name or "." not in name or whole == "localhost" or is_literal(whole):
            return bool(name)
        return whole in self._allowed or whole.endswith((*SUFFIXES, *self._below))

    def _may_write(self, origins: list[str], host: str) -> bool:
        """One origin that is known, and is loopback or the host itself; `null` is anybody's."""
        origin = _ORIGIN(origins[0]) if len(origins) == 1 else None
        if origin is None or not self.knows(origin[1]):
            return False
        name = _name(origin[1]).rstrip(".")
        return is_loopback(name) or name == _name(host).rstrip(".")


def _name(authority: str) -> str:
    """The host of `host:port`, in lower case and without brackets; "" where it is none."""
    found = _AUTHORITY(authority) if len(authority) <= LONGEST else None
    if found is None:
        return ""
    if found["v6"]:
        return str(ip_address(found["v6"])) if is_literal(found["v6"]) else ""
    name = found["name"].lower()
    labels = name.removesuffix(".").split(".")
    return name if len(name) <= 254 and all(map(_LABEL, labels)) else ""


def _is_browsers(request: web.BaseRequest) -> bool:
    """Whether a browser made a request: each sends `Accept-Language`, whatever its page wants."""
    headers = request.headers
    return "Accept-Language" in headers or "Origin" in headers or "Sec-Fetch-Site" in headers


def _refused(status: int, kind: str, said: str, details: dict[str, str]) -> web.Response:
    """As the control API words it, which need not be loaded for that."""
    log.warning("%s", said)
    document = {"error": {"type": kind, "message": said, "details": details}}
    return web.Response(
        status=status,
        body=json.dumps(document).encode(),
        content_type="application/json",
        headers={"Server": f"twilio-mockserver/{__version__}"},
    )
