"""Whom a client of the proxy wants to reach, read strictly.

What is judged and what is dialled is the same text, and so cannot be two readings of one.
"""

import re
from typing import Final

import msgspec

from mockserver.edge.http.place import is_literal, read_host
from mockserver.world.ports import Unreachable

_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?").fullmatch

SHOWN_LENGTH: Final = 100
"""Characters of a client's words that are told."""

SAID_LENGTH: Final = 200
"""Characters of a refusal that quotes them."""


class Refused(Exception):
    """The proxy does not do it. The text, on one line, says why."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


class Target(msgspec.Struct, frozen=True):
    """A host and a port."""

    host: str
    """Lower case, without brackets and without a dot at its end."""
    port: int

    @property
    def literal(self) -> bool:
        """Whether it is an address and no name."""
        return is_literal(self.host)

    @property
    def authority(self) -> str:
        """Both, as a CONNECT has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_target(authority: str, usual_port: int | None = None) -> Target:
    """`host:port`, the port only where there is a usual one; raises `Refused`."""
    shown = authority[:SHOWN_LENGTH].encode("ascii", "backslashreplace").decode()
    found = _AUTHORITY(authority)
    port = int(found[2]) if found and found[2] else usual_port
    if found is None or port is None or not 0 < port < 65_536:
        raise Refused(400, f"{shown!r} is not a host and a port")
    try:
        host = read_host(found[1].strip("[]").lower(), shown)
    except Unreachable as wrong:
        raise Refused(400, str(wrong)[:SAID_LENGTH]) from None
    return Target(host.rstrip("."), port)
