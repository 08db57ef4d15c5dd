"""What the world needs from outside: somebody who carries parcels to the user's application, and
somebody who fetches the media of messages."""

from typing import Literal, Protocol

import msgspec

from mockserver.domain.message import Message

Kind = Literal["status", "inbound", "fallback", "event", "notify"]

Routes = tuple[tuple[str, str], ...]
"""A webhook map: what is under the first is called under the second."""


class Wire(msgspec.Struct, frozen=True):
    """What is wrong with a request on its way; of a GET, which has no body, nothing is."""

    trickle: float = 0.0
    """Seconds of wall time over which the body comes, byte by byte."""
    cut: bool = False
    """The connection ends in the middle of the body."""


class Parcel(msgspec.Struct, frozen=True):
    """One webhook request, ready to be posted, any number of times."""

    kind: Kind
    url: str
    """As configured: user name, password and `#rc=…` overrides included."""
    method: str
    params: tuple[tuple[str, str], ...]
    """In the order in which Twilio sends them."""
    signature: str
    """"" for a request without one, which only bad weather makes."""
    idempotency_token: str
    """A UUID; the same on every attempt."""
    account_sid: str
    message_sid: str = ""
    cookie: str = ""
    """The `Cookie` header; "" for none."""
    routes: Routes = ()
    """Where else URLs lead, in pairs, besides what the server's `--webhook-map` says."""
    body: bytes = b""
    """JSON that is sent instead of a form, whatever the method."""
    wire: Wire | None = None


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
    waited: float = 0.0
    """Seconds of wall time until there was a connection; a kept one is there at once."""


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


class Outlying(Unreachable):
    """The address is on the internet, and nobody has allowed it to be called.

    Also a name that looks like one there and cannot be looked up from here: whether this machine
    has a network makes no difference. `host` is what `--webhook-allow` would have to name.
    """

    def __init__(self, reason: str, host: str) -> None:
        super().__init__(reason, phase="refused")
        self.host = host


class Fetched(msgspec.Struct, frozen=True):
    """What a media URL answered, redirects followed."""

    status: int
    content_type: str = ""
    """As sent, parameters included; "" for none."""
    disposition: str = ""
    """The `Content-Disposition` as sent."""
    body: bytes = b""
    over: bool = False
    """It is larger than was asked for; `body` is cut, or was not even begun."""


class Fetcher(Protocol):
    """Fetches what a message's `MediaUrl` names."""

    async def fetch(self, url: str, limits: Limits, most: int, routes: Routes = ()) -> Fetched:
        """Ask HEAD, then GET, for at most `most` bytes; `routes` as in `Parcel`.

        Raise `Outlying` for an address on the internet that is not allowed, `Unreachable` when
        nobody answers.
        """


class Nowhere:
    """A `Fetcher` of a world without a network: every address is on the internet."""

    async def fetch(self, url: str, limits: Limits, most: int, routes: Routes = ()) -> Fetched:
        """Raise `Outlying`."""
        raise Outlying("nothing is fetched here", url)


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
    chain: str = ""
    """What goes one after the other has this in common; "" for what is about one message."""
    weather: str = ""
    """The id of the rule that something was done to it by; "" for none."""


class Notice(msgspec.Struct, frozen=True, gc=False):
    """A message came to a status, which is to be announced.

    What waits is this, and not the `Posting` that it becomes when its turn has come: that is ten
    times as large.
    """

    message: Message
    status: str
    at: int
    """Microseconds on the sandbox's clock."""
    error_code: int
