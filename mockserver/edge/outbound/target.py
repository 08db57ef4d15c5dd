"""From a callback URL to the place that is connected to, checked on the way.

The URL is taken apart once, strictly, and rebuilt from the checked parts: what is checked and
what is called cannot be two readings of one text. Paths and queries stay as they are written,
since the signature is over them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Final, NoReturn
from urllib.parse import quote, unquote, urljoin, urlsplit

from yarl import URL

from mockserver.edge.outbound.policy import Policy
from mockserver.world.ports import Outlying, Unreachable

_PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_LOGIN: Final = re.compile(r"//[^/?]*@")
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Place:
    """A URL, taken apart."""

    scheme: str
    host: str
    """Lower case, IDNA, without brackets."""
    port: int | None
    """None where the URL names none."""
    path: str
    query: str
    written: str = ""
    """Host and port as the URL writes them, which is what is signed: the `Host` header."""
    login: str = field(default="", repr=False)
    """`user:password`; '' for none."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port or _PORTS[self.scheme]

    def text(self) -> str:
        """The URL without login and fragment."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.authority}{self.path}{query}"


Routes = tuple[tuple[Place, Place], ...]
"""The webhook map: what is under the first is called under the second."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request says it goes, and where it really goes."""

    place: Place
    called: Place
    """The same as `place`, unless the webhook map leads elsewhere."""
    url: URL
    """`called`, for the session."""


def read_map(webhook_map: Iterable[tuple[str, str]]) -> Routes:
    """Pairs of URLs as routes; raises ValueError for one that is no http URL.

    A URL covers itself and what is below its path: `https://app.example/hooks` covers
    `https://app.example/hooks/sms?x=1`, not `https://app.example/hooks2`.
    """
    try:
        return tuple((take_apart(start), take_apart(goal)) for start, goal in webhook_map)
    except Unreachable as problem:
        raise ValueError(f"webhook map: {problem.reason}") from problem


def aim(url: str, policy: Policy, routes: Routes = ()) -> Target:
    """Find out where a URL leads, and check what can be checked before a name is looked up.

    Raises `Unreachable` with code 11100 (not an http URL), 21609 (`_` in the host name, as Twilio
    refuses it) or 11200 (an address that the policy refuses; `Outlying` where it could be allowed).
    """
    place = take_apart(url)
    if "_" in place.host:
        _refuse(21609, f"Twilio makes no callbacks to a host name with an underscore: {place.host}")
    called = _mapped(place, routes)
    if _is_literal(called.host) and (verdict := policy.judge(called.host, called.host)):
        if not policy.never(called.host):
            raise Outlying(verdict, called.host)
        _refuse(11200, verdict)
    return Target(place, called, URL(called.text(), encoded=True))


def with_query(target: Target, query: str) -> Target:
    """The same target with `query` (encoded) after what is there."""
    place, called = _extended(target.place, query), _extended(target.called, query)
    return Target(place, called, URL(called.text(), encoded=True))


def redirected(target: Target, location: str) -> str:
    """The absolute URL that a `Location` means, seen from `target`; raises as `take_apart`."""
    try:
        return urljoin(target.place.text(), location)
    except ValueError:
        _refuse(11100, "A redirect leads to what is no URL.")


def take_apart(url: str) -> Place:
    """Read an absolute http(s) URL; raises `Unreachable` with code 11100 where it is none."""
    bare = url.partition("#")[0]
    shown = _LOGIN.sub("//***@", bare)
    if _FORBIDDEN.search(bare):
        _refuse(11100, f"A URL holds no spaces and no control characters: {shown!r}")
    try:
        split = urlsplit(bare)
        port = split.port
    except ValueError:
        _refuse(11100, f"This is not a URL: {shown!r}")
    if split.scheme not in _PORTS:
        _refuse(11100, f"A callback URL begins with http:// or https://, not so {shown!r}")
    if port == 0:
        _refuse(11100, f"Port 0 cannot be called: {shown!r}")
    return _written(
        Place(
            split.scheme,
            _host(split.hostname or "", shown),
            port,
            quote(split.path, _ASCII) or "/",
            quote(split.query, _ASCII),
            login=_login(split.username, split.password),
        ),
        split.netloc.rpartition("@")[2],
    )


def _written(place: Place, netloc: str) -> Place:
    same = netloc.lower() == place.authority
    return replace(place, written=netloc if same else place.authority)


def _host(host: str, url: str) -> str:
    if not host:
        _refuse(11100, f"This URL names no host: {url!r}")
    if _is_literal(host):
        return host
    try:
        name = host if host.isascii() else str(URL.build(scheme="http", host=host).raw_host)
    except ValueError:
        name = ""
    labels = name.removesuffix(".").split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        _refuse(11210, f"This is not a host name: {host!r}")
    # `127.1` and `2130706433` are addresses to a socket, but not to whoever checks addresses.
    if _NUMBER.fullmatch(labels[-1]):
        _refuse(11210, f"An IPv4 address is written as four numbers, not so: {host!r}")
    return name


def _is_literal(host: str) -> bool:
    try:
        return "%" not in host and bool(ip_address(host))
    except ValueError:
        return False


def _login(user: str | None, password: str | None) -> str:
    if user is None and password is None:
        return ""
    return f"{unquote(user or '')}:{unquote(password or '')}"


def _mapped(place: Place, routes: Routes) -> Place:
    for start, goal in routes:
        base = start.path.rstrip("/")
        rest = place.path.removeprefix(base)
        if start.origin == place.origin and place.path == base + rest and rest[:1] in ("", "/"):
            path = goal.path.rstrip("/") + rest or "/"
            return replace(goal, path=path, query=place.query, login=place.login)
    return place


def _extended(place: Place, query: str) -> Place:
    return replace(place, query=f"{place.query}&{query}" if place.query else query)


def _refuse(code: int, reason: str) -> NoReturn:
    raise Unreachable(reason, code=code, phase="refused")
