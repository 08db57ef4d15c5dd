"""Which addresses callbacks may go to: this machine and private networks, unless told otherwise.

Networks are named here: `ipaddress.is_private` counts cloud metadata as private.
"""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

OPEN: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
    )
)
"""Called without asking: loopback, RFC 1918, shared address space (RFC 6598), RFC 4193."""

NEVER: Final[tuple[tuple[Network, str], ...]] = (
    (ip_network("169.254.0.0/16"), "link-local, where clouds keep credentials"),
    (ip_network("fe80::/10"), "link-local"),
    (ip_network("fd00:ec2::254/128"), "a cloud's metadata service"),
    (ip_network("0.0.0.0/8"), "no destination (for this machine, use 127.0.0.1)"),
    (ip_network("::/128"), "no destination (for this machine, use ::1)"),
)
"""Refused whatever is allowed, and what to call them."""

EMBEDDED: Final[tuple[tuple[IPv6Network, int], ...]] = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("64:ff9b:1::/48"), 0),
    (IPv6Network("2002::/16"), 80),
    (IPv6Network("::/96"), 0),
)
"""IPv6 networks whose addresses carry an IPv4 one, and how many bits stand after it.

IPv4-mapped (RFC 4291), IPv4-translated (RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056),
IPv4-compatible (RFC 4291).
"""


class Policy:
    """`OPEN` and what the user allows (`--webhook-allow`), less `NEVER`."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        """`allow`: host names, addresses, networks as `203.0.113.0/24`, or `*` for every one.

        Raises ValueError for a network that cannot be read.
        """
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for entry in allow:
            self._add(entry.strip())

    def judge(self, host: str, address: str) -> str:
        """Say why `address`, which `host` stands for, is not called; '' where it is."""
        known = _read(address)
        if known is None:
            return f"{address!r} is not an IP address."
        called = unwrap(known)
        for network, why in NEVER:
            if called in network:
                return f"{_both(host, address)} is never called: it is {why}."
        if any(called in network for network in OPEN) or self._allows(host, known, called):
            return ""
        return (
            f"{_both(host, address)} is neither loopback nor private; "
            f"start the mock with `--webhook-allow {host}` if it may be called."
        )

    def never(self, address: str) -> bool:
        """Whether no setting allows an address to be called."""
        known = _read(address)
        return known is None or any(unwrap(known) in network for network, _ in NEVER)

    def names(self, host: str) -> bool:
        """Whether a host was allowed by its name."""
        return "*" in self._names or _plain(host) in self._names

    def _add(self, entry: str) -> None:
        if "/" in entry:
            self._networks.append(ip_network(entry, strict=False))
        elif (address := _read(entry)) is not None:
            self._networks.append(ip_network(address))
        else:
            self._names.add(_plain(entry))

    def _allows(self, host: str, *addresses: Address) -> bool:
        if self.names(host):
            return True
        return any(address in network for address in addresses for network in self._networks)


def unwrap(address: Address) -> Address:
    """The IPv4 address inside a mapped, translated, NAT64 or 6to4 one; else the address itself."""
    if isinstance(address, IPv6Address) and int(address) > 1:
        for network, after in EMBEDDED:
            if address in network:
                return IPv4Address(int(address) >> after & 0xFFFFFFFF)
    return address


def _read(text: str) -> Address | None:
    """An address in brackets or not, its zone (`%eth0`) dropped."""
    try:
        return ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


def _both(host: str, address: str) -> str:
    return host if host == address else f"{host} ({address})"
