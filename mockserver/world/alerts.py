"""Alerts: those that the sandbox itself raises, how they are looked up, and what they tell."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import count, islice
from typing import TYPE_CHECKING, Final

import msgspec

from mockserver.domain.alerts import call_text, webhook_text
from mockserver.domain.errors import INVALID_PAGE_TOKEN, TwilioError
from mockserver.domain.forms import encode_form
from mockserver.domain.message import Delivery, Message
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import mint
from mockserver.domain.titles import TITLES
from mockserver.world.clock import Clock
from mockserver.world.dice import Dice
from mockserver.world.journal import Alert, Journal, RequestEntry

if TYPE_CHECKING:
    from mockserver.domain.content import ContentTemplate

SLICE: Final = 1_000
"""Alerts looked at before other work gets its turn: a few milliseconds."""

REVIEWED: Final[Mapping[str, int]] = {
    "rejected": 63040,
    "paused": 63041,
    "disabled": 63042,
    "approved": 63046,
}
"""Codes by what WhatsApp says of a content template. Source: Twilio's dictionary."""

FAILED: Final = frozenset({"failed", "undelivered"})


class Shown(msgspec.Struct, frozen=True):
    """The request that an alert is about, and its answer; parameters and headers as forms."""

    method: str
    url: str
    variables: str
    request_headers: str
    response_headers: str
    response_body: str


class Alarms:
    """Raises alerts about creates that are refused, messages that fail, and templates."""

    __slots__ = ("_clock", "_dice", "_journal", "_refused")

    def __init__(self, journal: Journal, dice: Dice, clock: Clock) -> None:
        self._journal, self._dice, self._clock = journal, dice, clock
        self._refused = count(1)

    def refused(self, account_sid: str, code: int, text: str) -> None:
        """A create was refused, by the API call that the journal will record next."""
        call, sid = self._journal.calls, self._mint(f"{code}/{next(self._refused)}")
        now = self._clock.now()
        self._journal.alerts.append(
            Alert(sid, now, code, text, account_sid, account_sid=account_sid, call=call)
        )

    def failed(self, message: Message, delivery: Delivery) -> None:
        """A message has come to its end with an error code; nothing, where it was delivered."""
        code, alerts = delivery.error_code, self._journal.alerts
        if delivery.status not in FAILED:
            return
        if message.media_urls and self._told_last(message.sid, code):
            return  # the media could not be had, which has been said
        sid, text = self._mint(f"{message.sid}/{delivery.status}/{code}"), TITLES.get(code, "")
        alerts.append(
            Alert(
                sid, delivery.updated_at, code, text, message.sid, account_sid=message.account_sid
            )
        )

    def reviewed(self, template: "ContentTemplate", before: str, at: int) -> None:
        """WhatsApp says something of a template, at a time in microseconds, and said another."""
        code = REVIEWED.get(template.approval, 0)
        if not code or template.approval == before:
            return
        sid, owner = self._mint(f"{template.sid}/{code}/{at}"), template.account_sid
        alert = Alert(sid, at, code, TITLES[code], template.sid, account_sid=owner)
        self._journal.alerts.append(alert)

    def undelivered(
        self, account_sid: str, key: str, resource_sid: str, at: int, code: int, text: str
    ) -> None:
        """A delivery of a notification failed, at a time in microseconds; `key` is its own."""
        sid = self._mint(f"{key}/{code}")
        alert = Alert(sid, at, code, text, resource_sid, account_sid=account_sid)
        self._journal.alerts.append(alert)

    def _told_last(self, sid: str, code: int) -> bool:
        alerts = self._journal.alerts
        last = alerts.entry(alerts.first + len(alerts) - 1)
        return last is not None and (last.resource_sid, last.code) == (sid, code)

    def _mint(self, key: str) -> str:
        return mint("NO", self._dice.of("alert", key))


async def own(journal: Journal, account_sid: str) -> list[Alert]:
    """An account's alerts as far as they are kept, newest first; none of its subaccounts'."""
    found: list[Alert] = []
    left = iter(journal.alerts)
    while part := tuple(islice(left, SLICE)):
        found += (alert for alert in part if alert.account_sid == account_sid)
        await asyncio.sleep(0)
    return found[::-1]


def cut(
    alerts: list[Alert], ask: PageAsk, fits: Callable[[Alert], bool]
) -> tuple[list[Alert], bool]:
    """The page of those that fit, and whether more are behind it.

    Raise `TwilioError` 21481 for a token that names none of them.
    """
    pivot = ask.after or ask.before
    place = next((n for n, alert in enumerate(alerts) if alert.sid == pivot), -1)
    if pivot and place < 0:
        raise TwilioError(INVALID_PAGE_TOKEN)
    if ask.before:
        return [*filter(fits, alerts[:place])][-ask.size :], any(map(fits, alerts[place:]))
    found = [*islice(filter(fits, alerts[place + 1 :]), ask.size + 1)]
    return found[: ask.size], len(found) > ask.size


def shown(journal: Journal, alert: Alert) -> Shown | None:
    """The webhook or the API call behind an alert; `None` where there was none.

    Also for an API call that the journal holds no longer.
    """
    if (told := alert.exchange) is not None:
        return Shown(
            told.method,
            alert.url,
            encode_form(told.params),
            encode_form(told.sent_headers),
            encode_form(told.headers),
            told.body.decode("utf-8", "replace"),
        )
    if alert.url:
        return Shown("GET", alert.url, "", "", "", "")  # a file
    call = journal.requests.entry(alert.call) if alert.call >= 0 else None
    return _api_call(call) if call is not None else None


def _api_call(call: RequestEntry) -> Shown:
    sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in call.headers]
    answered = [("Content-Type", call.reply_type), ("Twilio-Request-Id", call.request_id)]
    return Shown(
        call.method,
        f"https://{call.domain}{call.path}",
        call.body.decode("utf-8", "replace"),
        encode_form(sent),
        encode_form((*answered, *call.reply_headers)),
        call.reply_body.decode("utf-8", "replace"),
    )


def text(alert: Alert) -> str:
    """`alert_text` of Monitor, `message_text` of a notification."""
    if alert.url:
        status = alert.exchange.status if alert.exchange is not None else None
        return webhook_text(alert.code, alert.text, alert.url, status)
    return call_text(alert.code, alert.text)
