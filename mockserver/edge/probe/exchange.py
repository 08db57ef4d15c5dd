"""What is probed, what is sent, what comes back; and whoever carries it."""

from typing import Final, Literal, Protocol

import msgspec

Kind = Literal["status", "inbound"]
Params = tuple[tuple[str, str], ...]

TIMEOUT: Final = 15.0
"""Seconds. Source: Twilio's webhook connection overrides, `tt`."""

BOTH: Final[tuple[Kind, ...]] = ("status", "inbound")


class Order(msgspec.Struct, frozen=True):
    """A webhook to be probed, and as whom."""

    url: str
    """As it is, or would be, configured at Twilio: this is what is signed."""
    auth_token: str
    account_sid: str
    kinds: tuple[Kind, ...] = BOTH
    timeout: float = TIMEOUT
    """Seconds of wall time for one answer."""


class Shot(msgspec.Struct, frozen=True):
    """One request, exactly as it goes out; `Host` and whatever is of the connection come later."""

    method: str
    url: str
    idempotency_token: str
    signature: str | None
    """None: the header is left out."""
    body: bytes | None = None
    headers: Params = ()
    """Beside, or instead of, those that Twilio sends."""


class Heard(msgspec.Struct, frozen=True):
    """What the application answered; a status of 0 stands for no answer."""

    status: int
    content_type: str = ""
    location: str = ""
    body: bytes = b""
    seconds: float = 0.0
    """Wall time until the whole answer was there, or nobody waited any longer."""
    problem: str = ""
    """Why there is no answer."""
    late: bool = False
    """There was a connection, and nobody waited any longer."""
    unreached: bool = False
    """There was not even a connection."""

    @property
    def ok(self) -> bool:
        """What Twilio takes for success."""
        return 200 <= self.status < 300


class Wire(Protocol):
    """Carries shots to the application."""

    async def send(self, shot: Shot) -> Heard:
        """One exchange. Redirects are not followed, and whatever goes wrong is an answer too."""

    async def abandon(self, shot: Shot, after: float) -> None:
        """Send the head of the request, keep back its body, and hang up `after` seconds."""
