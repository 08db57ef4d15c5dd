"""What the world needs from outside: somebody who carries parcels to the user's application."""

from typing import Literal, Protocol

import msgspec

Kind = Literal["status", "inbound", "fallback", "event", "notify"]


class Parcel(msgspec.Struct, frozen=True):
    """One webhook request, ready to be posted, any number of times."""

    kind: Kind
    url: str
    """As configured: user name, password and `#rc=…` overrides included."""
    method: str
    params: tuple[tuple[str, str], ...]
    """In the order in which Twilio sends them."""
    signature: str
    idempotency_token: str
    """A UUID; the same on every attempt."""
    account_sid: str
    message_sid: str = ""


class Limits(msgspec.Struct, frozen=True):
    """How long one attempt may take, in seconds of wall time.

    Source: Twilio's webhook connection overrides: 5 s to connect, 15 s to read, 15 s in all.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0


class Answer(msgspec.Struct, frozen=True):
    """What the application answered, and what was really sent to it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sent_headers: tuple[tuple[str, str], ...] = ()
    error_code: int = 0
    """Twilio's alert code where the answer is not one that Twilio accepts (11200, 11215 …)."""


class Unreachable(Exception):
    """Nobody answered.

    `reason` is a sentence for the journal that names the fix where there is one; `code` is
    Twilio's alert code; `phase` says what failed, which is what retry policies go by.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int = 11200,
        phase: Literal["connect", "read", "refused"] = "connect",
        sent_headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.phase = phase
        self.sent_headers = sent_headers


class Courier(Protocol):
    """Carries a parcel out and brings the answer back."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        """Send it once; raise `Unreachable` when nobody answers or the address is not allowed."""

    async def close(self) -> None:
        """Give up connections."""


class Posting(msgspec.Struct, frozen=True):
    """One attempt at a parcel, due at a time of the sandbox's clock."""

    parcel: Parcel
    due: int
    """Microseconds on the sandbox's clock."""
    status: str = ""
    """The message status that it announces."""
    attempt: int = 1
    spent: float = 0.0
    """Wall seconds that earlier attempts took; Twilio bounds the sum."""
