"""Makes messages out of their parts, whichever door they come through."""

from collections.abc import Mapping
from typing import Final

from mockserver.domain.addresses import Address
from mockserver.domain.message import Message
from mockserver.domain.sids import mint
from mockserver.domain.text import measure
from mockserver.world.dice import Dice
from mockserver.world.tables import MessageTable

DIRECTION: Final[Mapping[str, str]] = {
    "messages": "outbound-api",
    "notify": "outbound-api",
    "inbound": "inbound",
    "reply": "outbound-reply",
}
"""Direction by the door that a message came through."""


class Composer:
    """Gives a message its SID, its place and its size."""

    __slots__ = ("_dice", "_table")

    def __init__(self, table: MessageTable, dice: Dice) -> None:
        self._table, self._dice = table, dice

    def compose(
        self,
        account_sid: str,
        origin: str,
        to: Address,
        from_: str,
        body: str,
        media: tuple[str, ...],
        now: int,
        *,
        smart: bool = False,
        as_mms: bool = False,
        template: bool = False,
        messaging_service_sid: str = "",
        status_callback: str = "",
        send_at: int = 0,
        tags: str = "",
        test: bool = False,
    ) -> Message:
        """The next message of the table, which does not hold it yet. `from_` "" is for a service.

        `smart` is smart encoding; `as_mms` makes an MMS of a text message, `template` an `MM` SID
        of one to WhatsApp.
        """
        channel = to.channel
        rich = bool(media) or (as_mms if channel == "sms" else template and channel == "whatsapp")
        size = measure(body, smart=smart)
        sender = from_ or messaging_service_sid
        return Message(
            sid=self._mint_sid("MM" if rich else "SM", sender, to.value, body),
            ordinal=len(self._table.places),
            account_sid=account_sid,
            direction=DIRECTION[origin],
            channel="mms" if rich and channel == "sms" else channel,
            origin=origin,
            to=to.value,
            from_=from_,
            body=body,
            encoding=size.encoding,
            num_segments=1 if rich or channel != "sms" else size.segments,
            num_media=len(media),
            created_at=now,
            messaging_service_sid=messaging_service_sid,
            status_callback=status_callback,
            send_at=send_at,
            media_urls=media,
            tags=tags,
            test=test,
        )

    def _mint_sid(self, prefix: str, sender: str, to: str, body: str) -> str:
        """From the message itself and how many equal ones came before, so arrival is no matter."""
        key, table = f"{sender}\0{to}\0{body}", self._table
        first = mint(prefix, self._dice.of("message", key))
        if not table.taken(first):
            return first
        count = table.repeats[first] = table.repeats.get(first, 0) + 1
        return mint(prefix, self._dice.of("message", f"{key}\0{count}"))
