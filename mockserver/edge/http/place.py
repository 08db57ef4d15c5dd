"""A callback URL, taken apart once, strictly.

What is checked and what is called is rebuilt from the checked parts, and so cannot be two readings
of one text. Paths and queries stay as they are written, since the signature is over them.
"""

import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address
from typing import Final, NoReturn
from urllib.parse import quote, unquote, urlsplit

from yarl import URL

from mockserver.world.ports import Unreachable

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
        """Scheme, host and port, written out; the dot at the end of a whole name is no matter."""
        return self.scheme, self.host.rstrip("."), self.port or _PORTS[self.scheme]

    def text(self) -> str:
        """The URL without login and fragment."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.authority}{self.path}{query}"


def take_apart(url: str) -> Place:
    """Read an absolute http(s) URL; raises `Unreachable` with code 11100 where it is none."""
    bare = url.partition("#")[0]
    shown = _LOGIN.sub("//***@", bare)
    if _FORBIDDEN.search(bare):
        refuse(11100, f"A URL holds no spaces and no control characters: {shown!r}")
    try:
        split = urlsplit(bare)
        port = split.port
    except ValueError:
        refuse(11100, f"This is not a URL: {shown!r}")
    if split.scheme not in _PORTS:
        refuse(11100, f"A callback URL begins with http:// or https://, not so {shown!r}")
    if port == 0:
        refuse(11100, f"Port 0 cannot be called: {shown!r}")
    return _written(
        Place(
            split.scheme,
            read_host(split.hostname or "", shown),
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


def read_host(host: str, shown: str) -> str:
    """A host as `Place.host`; raises `Unreachable` with code 11210 where it can be none.

    `shown` is the URL that names it.
    """
    if not host:
        refuse(11100, f"This URL names no host: {shown!r}")
    if is_literal(host):
        return host
    try:
        name = host if host.isascii() else str(URL.build(scheme="http", host=host).raw_host)
    except ValueError:
        name = ""
    labels = name.removesuffix(".").split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        refuse(11210, f"This is not a host name: {host!r}")
    # `127.1` and `2130706433` are addresses to a socket, but not to whoever checks addresses.
    if _NUMBER.fullmatch(labels[-1]):
        refuse(11210, f"An IPv4 address is written as four numbers, not so: {host!r}")
    return name


def is_literal(host: str) -> bool:
    """Whether a host is an address and no name."""
    try:
        return "%" not in host and bool(ip_address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, a name below it, or a loopback address."""
    if not is_literal(host):
        name = host.rstrip(".")
        return name == "localhost" or name.endswith(".localhost")
    address = ip_address(host)
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_loopback


def _login(user: str | None, password: str | None) -> str:
    if user is None and password is None:
        return ""
    return f"{unquote(user or '')}:{unquote(password or '')}"


def refuse(code: int, reason: str) -> NoReturn:
    """Raise `Unreachable`: nothing is called."""
    raise Unreachable(reason, code=code, phase="refused")
