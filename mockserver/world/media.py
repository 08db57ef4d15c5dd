"""What is done with the media of messages: fetch it, judge it, keep it, hand it out, delete it."""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import msgspec

from mockserver.domain.errors import NOT_COMPLETE, TwilioError
from mockserver.domain.lifecycle import FINAL
from mockserver.domain.limits import DELETABLE_AFTER_SENT
from mockserver.domain.media import (
    TOO_LARGE,
    WRONG_TYPE,
    Media,
    actual_type,
    complaint,
    failure_code,
    file_name,
    plain_type,
    read_data_url,
    size_limit,
    type_by_ending,
)
from mockserver.domain.message import SECOND, Delivery, Message
from mockserver.domain.sids import mint
from mockserver.domain.signature import signed_url
from mockserver.world.dice import Dice
from mockserver.world.journal import Alert, Journal
from mockserver.world.media_table import MediaTable
from mockserver.world.ports import Fetched, Fetcher, Limits, Outlying, Unreachable
from mockserver.world.tables import Unit

LINK_SECONDS: Final = 14_400
"""How long a link to content is good, on the sandbox's clock; ours."""

log: Final = logging.getLogger("mockserver")


class Attachment(msgspec.Struct, frozen=True):
    """One of a message's media, fetched or given."""

    url: str
    content_type: str
    body: bytes | None = None
    """Nothing for a stand-in: a file on the internet that was not fetched."""
    filename: str = ""
    note: str = ""


class Haul(msgspec.Struct, frozen=True):
    """What came of fetching a message's media: all of it, or what ends the message."""

    attachments: tuple[Attachment, ...] = ()
    error_code: int = 0
    reason: str = ""
    url: str = ""
    """The one that could not be had, without its password."""


class Unfit(Exception):
    """A file that ends its message."""

    def __init__(self, code: int, reason: str, url: str) -> None:
        super().__init__(f"{signed_url(url)}: {reason}")
        self.haul = Haul((), code, reason, signed_url(url))


class Porter:
    """Fetches, keeps, and lets go the media of one sandbox."""

    def __init__(self, table: MediaTable, dice: Dice, fetcher: Fetcher, journal: Journal) -> None:
        self.table = table
        self._dice, self._fetcher, self._journal = dice, fetcher, journal
        self.routes: dict[str, tuple[str, str]] = {}
        """The sandbox's webhook map, as the postman's."""
        self._told: set[str] = set()
        """Hosts of stand-ins that the log has named."""

    # Fetching

    async def gather(self, message: Message) -> Haul:
        """Fetch all of a message's media, one after the other; the first that is unfit ends it."""
        left, found = size_limit(message.channel), []
        try:
            for url in message.media_urls:
                attachment = await self._fetch(message.channel, url, left)
                left -= len(attachment.body or b"")
                found.append(attachment)
        except Unfit as unfit:
            return unfit.haul
        except Exception as bug:
            log.exception("media of %s broke the mock: please report this", message.sid)
            said = f"the mock itself failed here, please report it: {bug!r}"
            return Haul((), failure_code(message.channel), said)
        return Haul(tuple(found))

    async def _fetch(self, channel: str, url: str, most: int) -> Attachment:
        code = failure_code(channel)
        try:
            routes = tuple(reversed(self.routes.values()))
            answer = await self._fetcher.fetch(url, Limits(), most, routes)
        except Outlying as refusal:
            return self._stand_in(channel, url, refusal.host)
        except Unreachable as failure:
            raise Unfit(code, failure.reason, url) from None
        if not 200 <= answer.status < 300:
            raise Unfit(code, f"HTTP {answer.status} instead of the file", url)
        if answer.over:
            limit = size_limit(channel)
            raise Unfit(TOO_LARGE, f"the media of a message may have {limit} bytes in all", url)
        if not answer.body:
            raise Unfit(code, "the file is empty", url)
        return _judged(channel, url, answer)

    def _stand_in(self, channel: str, url: str, host: str) -> Attachment:
        note = (
            f"{host} is on the internet, so nothing was fetched; "
            f"start the mock with `--webhook-allow {host}` if it may be called"
        )
        if host not in self._told:
            self._told.add(host)
            log.warning("media: %s", note)
        return Attachment(url, type_by_ending(url, channel), filename=file_name("", url), note=note)

    async def collect(self, channel: str, urls: tuple[str, ...]) -> tuple[Attachment, ...]:
        """What a handset attaches, `data:` URLs among it; raise `Unfit` for the first bad one."""
        left, found = size_limit(channel), []
        for url in urls:
            inline = url.lower().startswith("data:")
            attachment = _inline(channel, url) if inline else await self._fetch(channel, url, left)
            left -= len(attachment.body or b"")
            if left < 0:
                too_large = f"more than {size_limit(channel)} bytes in all"
                raise Unfit(TOO_LARGE, too_large, attachment.url)
            found.append(attachment)
        return tuple(found)

    # Keeping

    def keep(self, message: Message, haul: Haul, at: int, unit: Unit) -> int:
        """Put what was fetched into the tables, or raise the alert; the error code, 0 for none."""
        if haul.error_code:
            self._alert(message, haul, at)
        else:
            self.attach(message, haul.attachments, at, unit)
        return haul.error_code

    def attach(
        self, message: Message, attachments: tuple[Attachment, ...], at: int, unit: Unit
    ) -> list[Media]:
        """Give a message its media, which get their SIDs by message and place.

        Those that the message already has are replaced. Also for what a handset sends.
        """
        self.table.drop(message.sid, unit)
        made = []
        for place, each in enumerate(attachments):
            body = each.body
            media = Media(
                sid=mint("ME", self._dice.of("media", f"{message.sid}/{place}")),
                message_sid=message.sid,
                account_sid=message.account_sid,
                content_type=each.content_type,
                created_at=at,
                updated_at=at,
                url=each.url,
                size=len(body or b""),
                digest="" if body is None else hashlib.sha256(body).hexdigest(),
                filename=each.filename,
                note=each.note,
            )
            self.table.add(media, body, unit)
            made.append(media)
        return made

    def _alert(self, message: Message, haul: Haul, at: int) -> None:
        code, text = haul.error_code, f"{haul.url}: {haul.reason}"
        log.warning("media of %s: %s (%d)", message.sid, text, code)
        sid = mint("NO", self._dice.of("alert", f"{message.sid}/media/{code}"))
        self._journal.alerts.append(
            Alert(sid, at, code, text, message.sid, haul.url, message.account_sid)
        )

    # Letting go

    def delete(self, media: Media, delivery: Delivery, now: int, unit: Unit) -> None:
        """Forget one of a message's media; raise 20009 while the message is under way."""
        waited = now - delivery.sent_at
        over = delivery.status == "sent" and waited >= DELETABLE_AFTER_SENT * SECOND
        if delivery.status not in FINAL and not over:
            raise TwilioError(NOT_COMPLETE, state=delivery.status.upper())
        self.table.delete(media.sid, unit)

    # Handing out

    def link(self, media: Media, now: int) -> str:
        """Path and query under which the content is good for a while, as a CDN signs them."""
        name, expires = media.sid[2:], now // SECOND + LINK_SECONDS
        return (
            f"/twiliocdn/{media.account_sid}/{name}?Expires={expires}"
            f"&Signature={self._signature(name, str(expires))}&Key-Pair-Id={self._key_pair()}"
        )

    def genuine(self, name: str, query: Mapping[str, str], now: int) -> bool:
        """Whether a link to `name` was made here, and is still good."""
        expires, signature = query.get("Expires", ""), query.get("Signature", "")
        if not hmac.compare_digest(self._signature(name, expires).encode(), signature.encode()):
            return False
        return int(expires) * SECOND > now

    def named(self, name: str) -> Media | None:
        """The media behind a link's name."""
        return self.table.get(f"ME{name}")

    def _signature(self, name: str, expires: str) -> str:
        """Not over the account, whose SID is another in each run."""
        return (self._dice.of("link", name) + self._dice.of("link", f"{name}/{expires}")).hex()

    def _key_pair(self) -> str:
        return f"APKA{self._dice.of('link', 'key pair').hex()[:16].upper()}"


def _inline(channel: str, url: str) -> Attachment:
    """The file in a `data:` URL, which may give its `name`; raise `Unfit` for a broken one."""
    head, _, _ = url.partition(",")
    try:
        kind, body = read_data_url(url)
    except ValueError as bad:
        raise Unfit(failure_code(channel), str(bad), head[:80]) from None
    kind, _, named = kind.partition(";name=")
    disposition = f'inline; filename="{unquote(named or "file")}"'
    return _judged(channel, head, Fetched(200, kind, disposition, body))


def _judged(channel: str, url: str, answer: Fetched) -> Attachment:
    """A file that came; raise `Unfit` where it is not of a type that is taken, or not what it says.

    The library that looks at the bytes is loaded with the first file.
    """
    import filetype

    declared = plain_type(answer.content_type)
    actual = actual_type(declared, answer.body, filetype.guess_mime(answer.body) or "")
    if wrong := complaint(declared, actual, channel):
        raise Unfit(WRONG_TYPE, wrong, url)
    return Attachment(url, declared, answer.body, file_name(answer.disposition, url))
