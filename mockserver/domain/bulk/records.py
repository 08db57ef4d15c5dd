"""A send request as it is kept: small structs for the whole, columns for the recipients.

`examine` makes them, the operation that comes of the request owns them from then on, and nobody
changes them: a million recipients are a thousand blocks that are shared, never copied.
"""

from functools import lru_cache
from typing import Final, Literal

import msgspec

from mockserver.domain.bulk import zones

SenderChannel = Literal["SMS", "RCS", "WHATSAPP"]
RecipientChannel = Literal["PHONE", "WHATSAPP"]

PHONE: Final = 0
WHATSAPP: Final = 1
SEVERAL: Final = 2
PROFILE: Final = 3
COHORT: Final = 4
"""What a recipient is: the bytes of `RecipientBlock.kinds`."""

CHANNELS: Final[tuple[RecipientChannel, ...]] = ("PHONE", "WHATSAPP")
"""The recipient's channel by kind."""


class SenderChoice(msgspec.Struct, frozen=True, gc=False):
    """`from`: an address on a channel, a sender, or a pool; one of the three is given."""

    address: str = ""
    channel: SenderChannel | Literal[""] = ""
    """Of `address`."""
    sender_id: str = ""
    pool_id: str = ""
    only: tuple[SenderChannel, ...] = ()
    """The channels of the pool that may be used; all when empty."""
    order: tuple[SenderChannel, ...] = ()
    """Channels of the pool, first choice first; those not named come after."""


class Module(msgspec.Struct, frozen=True, gc=False):
    """What one channel sends."""

    channel: SenderChannel
    text: str = ""
    """Liquid, not yet rendered."""
    media: tuple[str, ...] = ()
    """URLs, not yet rendered."""
    rich: bytes = b""
    """Of RCS, instead of text and media: the module as JSON, without what is not known of it."""


class Content(msgspec.Struct, frozen=True):
    """`content`: text and media, or a template, or modules."""

    text: str = ""
    """Liquid, not yet rendered."""
    media: tuple[str, ...] = ()
    """URLs, not yet rendered."""
    template: str = ""
    """`contentId`: HX…"""
    modules: tuple[Module, ...] = ()


class Schedule(msgspec.Struct, frozen=True, gc=False):
    """`schedule`: moments that must all be the same for a recipient."""

    instants: tuple[int, ...] = ()
    """Microseconds since 1970."""
    walls: tuple[int, ...] = ()
    """Times of the recipient's own clock, in microseconds as if that clock were UTC's."""

    def moment(self, country: str) -> int | None:
        """When to send to somebody in a country, "" for UTC; None where no time fits all."""
        moments = {*self.instants, *(zones.instant(wall, country) for wall in self.walls)}
        return moments.pop() if len(moments) == 1 else None


class Recipient(msgspec.Struct, frozen=True, gc=False):
    """One recipient, as made for whoever looks."""

    kind: int
    addresses: tuple[str, ...] = ()
    """Of `PHONE`, `WHATSAPP` and `SEVERAL`, in the order in which they are tried."""
    channels: tuple[RecipientChannel, ...] = ()
    """One for each address."""
    store_id: str = ""
    profile_id: str = ""
    cohort_id: str = ""


class RecipientBlock(msgspec.Struct, frozen=True, gc=False):
    """Up to 1,000 recipients that follow each other, in columns."""

    start: int
    """The place in the request of the first one."""
    to: tuple[str, ...]
    """One text each: the address, or what `recipient` reads."""
    kinds: bytes
    """One byte each."""
    variables: bytes
    """Their variables: a JSON array of objects and nulls; "" where nobody has any."""
    everyone_has: tuple[str, ...]
    """Names of the variables that each of them has, sorted."""

    def recipient(self, place: int) -> Recipient:
        """The one at a place of this block, from 0."""
        text, kind = self.to[place], self.kinds[place]
        if kind <= WHATSAPP:
            return Recipient(kind, (text,), (CHANNELS[kind],))
        if kind == SEVERAL:
            parts = text.split(" ")
            channels = tuple(CHANNELS[int(part[0])] for part in parts)
            return Recipient(kind, tuple(part[1:] for part in parts), channels)
        if kind == PROFILE:
            store, _, profile = text.partition(" ")
            return Recipient(kind, store_id=store, profile_id=profile)
        return Recipient(kind, cohort_id=text)

    def all_variables(self) -> list[dict[str, str] | None]:
        """Of all, in order; for who goes through the block."""
        if not self.variables:
            return [None] * len(self.to)
        return msgspec.json.decode(self.variables, type=list[dict[str, str] | None])

    def variables_of(self, place: int) -> dict[str, str]:
        """Of one; for who looks at a single message."""
        if not self.variables:
            return {}
        raw = _cut_up(self.variables)[place]
        return msgspec.json.decode(raw, type=dict[str, str] | None) or {}


@lru_cache(16)
def _cut_up(variables: bytes) -> list[msgspec.Raw]:
    """Those of each recipient; kept, because who looks at one often looks at the next."""
    return msgspec.json.decode(variables, type=list[msgspec.Raw])


class Send(msgspec.Struct, frozen=True):
    """A request without fault."""

    content: Content
    blocks: tuple[RecipientBlock, ...]
    count: int
    """Recipients in `blocks`; a cohort is one."""
    sender: SenderChoice | None = None
    """None: one of the account's is chosen for each recipient."""
    schedule: Schedule | None = None
    """None: at once."""
    tags: tuple[tuple[str, str], ...] = ()
    """Not yet rendered."""
    notes: tuple[str, ...] = ()
    """A sentence for each field that is not known and was ignored."""


class Terms(msgspec.Struct, frozen=True):
    """What checking depends on besides the request."""

    now: int
    """The sandbox's clock, in microseconds since 1970."""
    horizon: int = 7 * 24 * 3600 * 1_000_000
    """How far ahead `sendAt` may lie, in microseconds. The default is from an app's report."""
