"""`/2010-04-01/Accounts/{AccountSid}/Messages`: routes, handlers and rendering."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.addresses import normalise
from mockserver.domain.creation.doubts import doubts
from mockserver.domain.dates import read_day, read_range, rfc2822
from mockserver.domain.errors import INVALID_PAGE_TOKEN, NOT_FOUND, TwilioError
from mockserver.domain.message import Delivery, Message
from mockserver.domain.paging import Page, PageAsk, read_page
from mockserver.domain.prices import PRICED
from mockserver.domain.titles import TITLES
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.listing import envelope
from mockserver.world.messages import Messages
from mockserver.world.schemas import request_schemas

SCHEMAS: Final = request_schemas(
    "api/2010-04-01", ("CreateMessage", "ListMessage", "UpdateMessage")
)

_UNCHOSEN: Final = frozenset({"accepted", "scheduled", "canceled"})
"""While the service has not chosen its sender, there is no price unit, and segments are "0".

An MMS has its one segment all the same.
"""


async def create(call: Call) -> Reply:
    """Accept a message and answer before it moves."""
    reading = call.read(SCHEMAS["CreateMessage"])
    sandbox = call.sandbox
    message, delivery = await sandbox.messages.create(call.account, reading)
    if found := doubts(message.from_, message.to, mms=message.channel == "mms"):
        call.warnings.extend(found)
    if "ContentSid" in reading.values or "SendAt" in reading.values:
        call.warnings.extend(_ignored(reading.values))
    if "ContentSid" in reading.values and message.messaging_service_sid:
        return Reply(201, _unsaid(message, delivery), message.sid[2:], message.sid, kept=True)
    body = render(message, delivery, fetched=False)
    return Reply(201, body, message.sid[2:], message.sid, kept=True)


def _unsaid(message: Message, delivery: Delivery) -> bytes:
    """A template's message that a service is to send: its text is not shown at first.

    Source: twilio-node, issue 1081 (2025).
    """
    return render(replace(message, body=""), delivery, fetched=False)


def _ignored(form: Mapping[str, Any]) -> Iterator[str]:
    """What a create asked for and does not get."""
    if "ContentSid" in form:
        for name in ("Body", "MediaUrl"):
            if name in form:
                yield f"`{name}` was ignored: what is sent is the template of `ContentSid`"
    if "SendAt" in form and "ScheduleType" not in form:
        yield "`SendAt` was ignored: without `ScheduleType=fixed` the message goes out at once"


async def fetch(call: Call) -> Reply:
    """One message as it is now."""
    message = find(call)
    return Reply(200, fragment(call.sandbox.messages, message))


async def update(call: Call) -> Reply:
    """Redact a message, or cancel a scheduled one."""
    message = find(call)
    reading = call.read(SCHEMAS["UpdateMessage"])
    return Reply(200, render(*await call.sandbox.messages.update(message, reading)))


async def delete(call: Call) -> Reply:
    """Forget a complete message."""
    await call.sandbox.messages.delete(find(call))
    return Reply(204)


async def list_(call: Call) -> Reply:
    """The account's messages, newest first, a page at a time.

    Test credentials, whose messages are not to be seen, do not get here.
    """
    filters = call.read_query(SCHEMAS["ListMessage"]).values
    ask = read_page(*(filters.pop(name, "") for name in ("Page", "PageSize", "PageToken")))
    call.sandbox.engine.catch_up()
    if filters:
        call.warnings.extend(_unread(filters))
    messages, more = _page(call, ask, filters)
    kept = call.sandbox.messages
    path = call.path[call.path.index(API_ROOT) :]
    page = Page(path, tuple(filters.items()), ask, [m.sid for m in messages], more)
    known = kept.table.fragments
    fragments = [known.get(m.sid) or fragment(kept, m) for m in messages]
    return Reply(200, envelope(page, "messages", fragments))


ACCOUNT: Final = "/2010-04-01/Accounts/{AccountSid}"

MESSAGE: Final = "api/2010-04-01/Message"
"""The schema of what these operations answer with."""

ROUTES: Final = (
    Route(
        "POST",
        f"{ACCOUNT}/Messages",
        "CreateMessage",
        create,
        test_credentials=True,
        schema=MESSAGE,
    ),
    Route("GET", f"{ACCOUNT}/Messages", "ListMessage", list_, schema=MESSAGE),
    Route("GET", f"{ACCOUNT}/Messages/{{Sid}}", "FetchMessage", fetch, schema=MESSAGE),
    Route("POST", f"{ACCOUNT}/Messages/{{Sid}}", "UpdateMessage", update, schema=MESSAGE),
    Route("DELETE", f"{ACCOUNT}/Messages/{{Sid}}", "DeleteMessage", delete),
)


def find(call: Call) -> Message:
    """The message that the path names, or 20404."""
    call.sandbox.engine.catch_up()
    message = call.sandbox.messages.table.get(call.params["Sid"])
    if message is None or message.account_sid != call.account.sid or message.test:
        raise TwilioError(NOT_FOUND, path=call.path)
    return message


# Listing


def _page(call: Call, ask: PageAsk, filters: dict[str, str]) -> tuple[list[Message], bool]:
    """The messages of a page, and whether more are behind them."""
    table = call.sandbox.messages.table
    to, from_ = _address(filters, "To"), _address(filters, "From")
    matches = _seen(call, _matcher(call.sandbox.messages, filters))

    def older(than: int | None) -> Iterator[Message]:
        return filter(matches, table.lists.newest_first(call.account.sid, than, to, from_))

    if ask.before:
        place = _place(call, ask.before)
        newer = table.lists.oldest_first_after(call.account.sid, place, to, from_)
        found = list(islice(filter(matches, newer), ask.size))[::-1]
        return found, any(older(found[-1].ordinal)) if found else False
    found = list(islice(older(_place(call, ask.after) if ask.after else None), ask.size + 1))
    return found[: ask.size], len(found) > ask.size


def _seen(call: Call, matches: Callable[[Message], bool]) -> Callable[[Message], bool]:
    """Less what a fault hides."""
    unseen = call.asked.unseen
    if unseen is None:
        return matches
    return lambda message: not unseen.hides(message) and matches(message)


def _unread(filters: dict[str, str]) -> Iterator[str]:
    """What is ignored because it cannot be read."""
    for name, text in filters.items():
        if name.startswith("Date") and read_range(text) is None:
            yield f"`{name}` was ignored: {text[:100]!r} is no date"


def _address(filters: dict[str, str], name: str) -> str | None:
    """A filter as messages hold it: the plus of a number may have become a space on its way."""
    return normalise(filters[name]) if name in filters else None


def _place(call: Call, sid: str) -> int:
    """Where a token points, also when its message is gone."""
    table = call.sandbox.messages.table
    place, message = table.place(sid), table.get(sid)
    if place is None or (message is not None and message.account_sid != call.account.sid):
        raise TwilioError(INVALID_PAGE_TOKEN)
    return place


def _matcher(messages: Messages, filters: dict[str, str]) -> Callable[[Message], bool]:
    """What the filters on `DateSent` leave; one that cannot be read is ignored, as at Twilio.

    Hidden messages are never listed: Twilio's own answers to keywords.
    """
    first, last = 0, 0
    if "DateSent" in filters and (day := read_day(filters["DateSent"])):
        first, last = day
    if "DateSent>" in filters and (lower := read_range(filters["DateSent>"])):
        first = max(first, lower[0])
    if "DateSent<" in filters and (upper := read_range(filters["DateSent<"])):
        last = min(last or upper[1], upper[1])
    if not first and not last:
        return lambda message: not message.test

    def sent_between(message: Message) -> bool:
        at = messages.table.delivery(message.sid).sent_at
        return bool(at) and first <= at and (not last or at <= last) and not message.test

    return sent_between


# Rendering


def fragment(messages: Messages, message: Message) -> bytes:
    """A message's JSON, kept until it changes."""
    table = messages.table
    kept = table.fragments.get(message.sid)
    if kept is None:
        kept = render(message, table.delivery(message.sid))
        table.fragments.keep(message.sid, kept)
    return kept


def render(message: Message, delivery: Delivery, *, fetched: bool = True) -> bytes:
    """A message field for field as Twilio renders it, in the key order of late 2023.

    The answer of a create names only the subresource `media`.
    """
    base = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}"
    status, code = delivery.status, delivery.error_code
    unchosen = status in _UNCHOSEN
    segments = "0" if unchosen and message.sid[0] == "S" else message.num_segments
    unit = "null" if unchosen or message.channel not in PRICED else '"USD"'
    feedback = f', "feedback": "{base}/Feedback.json"' if fetched else ""
    return (
        f'{{"body": {quoted(message.body)}, "num_segments": "{segments}", '
        f'"direction": "{message.direction}", '
        f'"from": {quoted(message.from_) if message.from_ else "null"}, '
        f'"date_updated": "{rfc2822(delivery.updated_at)}", '
        f'"price": {_text(delivery.price)}, '
        f'"error_message": {quoted(TITLES[code]) if code in TITLES else "null"}, '
        f'"uri": "{base}.json", "account_sid": "{message.account_sid}", '
        f'"num_media": "{message.num_media}", "to": {quoted(message.to)}, '
        f'"date_created": "{rfc2822(message.created_at)}", "status": "{status}", '
        f'"sid": "{message.sid}", '
        f'"date_sent": {_text(rfc2822(delivery.sent_at) if delivery.sent_at else "")}, '
        f'"messaging_service_sid": {_text(message.messaging_service_sid)}, '
        f'"error_code": {code or "null"}, "price_unit": {unit}, "api_version": "2010-04-01", '
        f'"subresource_uris": {{"media": "{base}/Media.json"{feedback}}}}}'
    ).encode()


def _text(value: str) -> str:
    return f'"{value}"' if value else "null"
