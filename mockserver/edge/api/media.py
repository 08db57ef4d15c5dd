"""`…/Messages/{Sid}/Media`: what is attached to a message, and the files themselves.

A medium's address without `.json` leads to its file, by a signed link as Twilio's CDN has them.
"""

import json
from collections.abc import Callable
from typing import Final

from mockserver.domain.dates import read_day, read_range, rfc2822
from mockserver.domain.errors import INVALID_PAGE_TOKEN, TEST_CREDENTIALS, TwilioError
from mockserver.domain.media import Media
from mockserver.domain.message import Message
from mockserver.domain.paging import Page, PageAsk, read_page
from mockserver.edge.api.messages import ACCOUNT, find
from mockserver.edge.http.call import XML, Call, Reply, Route
from mockserver.edge.http.forms import parse_form
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.listing import envelope
from mockserver.edge.http.routing import SUFFIX
from mockserver.world.schemas import request_schemas
from mockserver.world.tables import Unit

SCHEMAS: Final = request_schemas("api/2010-04-01", ("ListMedia",))

DENIED: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"
)
"""What a CDN says to a link that is wrong, or good no longer."""


async def list_(call: Call) -> Reply:
    """A message's media in the order of its `MediaUrl`s, a page at a time."""
    message = find(call)
    filters = call.read_query(SCHEMAS["ListMedia"]).values
    ask = read_page(*(filters.pop(name, "") for name in ("Page", "PageSize", "PageToken")))
    found, more = _page(call, message, ask, filters)
    path = call.path[call.path.index(API_ROOT) :]
    page = Page(path, tuple(filters.items()), ask, [media.sid for media in found], more)
    return Reply(200, envelope(page, "media_list", [render(media) for media in found]))


async def fetch(call: Call) -> Reply:
    """With `.json` what is known of one; without it, the way to the file, for everybody."""
    if call.path.endswith(SUFFIX):
        call.authorize()
        if call.account.test:
            raise TwilioError(TEST_CREDENTIALS)
        return Reply(200, render(_find(call)))
    if call.sandbox.rules.options.media_auth:
        call.authorize()
    media = _find(call)
    _content(call, media)
    link = call.sandbox.porter.link(media, call.sandbox.clock.now())
    return Reply(307, headers=(("Location", f"{call.origin}{link}"),))


async def content(call: Call) -> Reply:
    """A file, as the CDN hands it out to whoever has the link."""
    sandbox, name = call.sandbox, call.params["Name"]
    sandbox.engine.catch_up()
    query = dict(parse_form(call.query.encode("utf-8", "surrogateescape")))
    if not sandbox.porter.genuine(name, query, sandbox.clock.now()):
        call.warnings.append(
            "this link to media was not made here, or is good no longer: ask for the medium again"
        )
        return Reply(403, DENIED, content_type=XML)
    media = sandbox.porter.named(name)
    if media is None or media.account_sid != call.account.sid:
        raise call.missing()
    named = f'; filename="{media.filename}"' if media.filename else ""
    return Reply(
        200,
        _content(call, media),
        headers=(("Content-Disposition", f"inline{named}"),),
        content_type=media.content_type,
    )


async def delete(call: Call) -> Reply:
    """Forget one; the message still says how many it had."""
    media, sandbox, unit = _find(call), call.sandbox, Unit()
    sandbox.porter.delete(
        media, sandbox.messages.table.delivery(media.message_sid), sandbox.clock.now(), unit
    )
    await sandbox.engine.commit(unit)
    return Reply(204)


MEDIA: Final = "api/2010-04-01/Media"
"""The schema of what these operations answer with."""

LIST: Final = f"{ACCOUNT}/Messages/{{Sid}}/Media"

ROUTES: Final = (
    Route("GET", LIST, "ListMedia", list_, schema=MEDIA),
    Route("GET", f"{LIST}/{{MediaSid}}", "FetchMedia", fetch, schema=MEDIA, public=True),
    Route("DELETE", f"{LIST}/{{MediaSid}}", "DeleteMedia", delete),
    Route("GET", "/twiliocdn/{AccountSid}/{Name}", "FetchMediaContent", content, public=True),
)


def _find(call: Call) -> Media:
    """The medium that the path names, or 20404."""
    message = find(call)
    media = call.sandbox.tables.media.get(call.params["MediaSid"])
    if media is None or media.message_sid != message.sid:
        raise call.missing()
    return media


def _content(call: Call, media: Media) -> bytes:
    """The bytes of one, or 20404 and a word in the journal why they are not there."""
    found = call.sandbox.tables.media.content(media)
    if found is None:
        why = media.note or "its content had to make room for that of younger media"
        call.warnings.append(f"{media.sid} has no content here: {why}")
        raise call.missing()
    return found


# Listing


def _page(
    call: Call, message: Message, ask: PageAsk, filters: dict[str, str]
) -> tuple[list[Media], bool]:
    """The media of a page, and whether more are behind them."""
    table, matches = call.sandbox.tables.media, _matcher(filters)
    places = table.places(message.sid)
    token = ask.after or ask.before
    if token and token not in places:
        raise TwilioError(INVALID_PAGE_TOKEN)
    bound = places.index(token) if token else 0
    found = [
        (place, media)
        for place, sid in enumerate(places)
        if (media := table.get(sid)) is not None and matches(media)
    ]
    if ask.before:
        page = [media for place, media in found if place < bound][-ask.size :]
        return page, any(place >= bound for place, _ in found)
    page = [media for place, media in found if not token or place > bound]
    return page[: ask.size], len(page) > ask.size


def _matcher(filters: dict[str, str]) -> Callable[[Media], bool]:
    """What the filters on `DateCreated` leave; one that cannot be read is ignored, as at Twilio."""
    first, last = 0, 1 << 62
    if (text := filters.get("DateCreated")) and (day := read_day(text)):
        first, last = day
    if (text := filters.get("DateCreated>")) and (lower := read_range(text)):
        first = max(first, lower[0])
    if (text := filters.get("DateCreated<")) and (upper := read_range(text)):
        last = min(last, upper[1])
    return lambda media: first <= media.created_at <= last


def render(media: Media) -> bytes:
    """One as Twilio renders it."""
    base = f"/2010-04-01/Accounts/{media.account_sid}/Messages/{media.message_sid}"
    document = {
        "sid": media.sid,
        "account_sid": media.account_sid,
        "parent_sid": media.message_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created_at),
        "date_updated": rfc2822(media.updated_at),
        "uri": f"{base}/Media/{media.sid}.json",
    }
    return json.dumps(document).encode()
