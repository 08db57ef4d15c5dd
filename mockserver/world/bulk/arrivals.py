"""What handsets sent, as this API shows it: inbound messages and the sessions they belong to.

Their ids are computed: that of a message holds the place of the classic one, that of a session
follows from its two ends. One session per sender and person is our choice; Twilio says nothing.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from mockserver.domain.message import MILLISECOND, Message
from mockserver.domain.type_ids import mint, parts
from mockserver.world.bulk.ids import MESSAGE
from mockserver.world.tables import MessageTable

SESSION: Final = "comms_session"

CHANNELS: Final[Mapping[str, str]] = {
    "sms": "SMS",
    "mms": "SMS",
    "whatsapp": "WHATSAPP",
    "rcs": "RCS",
}
"""Channel of our sender, by that of the classic message; others are not of this API."""

_BEGINNING: Final = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z, the time in ids of sessions, which have no beginning; ours."""

_ROWS: Final = 250
"""Messages looked at before others have their turn."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """An inbound message."""

    message: Message
    id: str

    @property
    def channel(self) -> str:
        """`SMS`, `WHATSAPP` or `RCS`, by which it came."""
        return CHANNELS[self.message.channel]

    @property
    def session_id(self) -> str:
        return session_id(self.message)


def message_id(message: Message) -> str:
    """`comms_message_…` of an inbound message, the same in all copies of a sandbox."""
    entropy = _entropy(message.sid)
    return mint(MESSAGE, message.created_at, entropy, message.ordinal)


def session_id(message: Message) -> str:
    """`comms_session_…` of its two ends."""
    return mint(SESSION, _BEGINNING, _entropy(f"{message.to} {message.from_}"))


def _entropy(text: str) -> bytes:
    """No dice: a snapshot carries messages into sandboxes with other ones."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def number(address: str) -> str:
    """An address without its channel's prefix."""
    return address.rpartition(":")[2]


def is_shown(message: Message, account_sid: str, since: int) -> bool:
    """Whether an account sees it here: inbound, on a channel of this API, made after `since`."""
    return (
        message.direction == "inbound"
        and message.channel in CHANNELS
        and message.account_sid == account_sid
        and message.created_at > since
        and not message.test
    )


def find(table: MessageTable, account_sid: str, since: int, id_: str) -> Arrival | None:
    """One of them by its id."""
    said = parts(id_)
    message = table.places.at(said.ordinal) if said is not None else None
    if message is None or not is_shown(message, account_sid, since) or message_id(message) != id_:
        return None
    return Arrival(message, id_)


def newest_first(
    table: MessageTable, account_sid: str, since: int, until: int
) -> Iterator[Arrival | None]:
    """An account's, made after `since` and in the millisecond of `until` or before.

    None where others may have their turn.
    """
    places = table.lists.inbound(account_sid)
    for position in range(len(places) - 1, -1, -1):
        message = table.places.at(places[position])
        if position % _ROWS == 0:
            yield None
        if message is not None and message.created_at <= since:
            return
        if message is None or message.created_at // MILLISECOND > until // MILLISECOND:
            continue
        if is_shown(message, account_sid, since):
            yield Arrival(message, message_id(message))
