"""`…/SMS/ShortCodes`: an account's short codes. Twilio rents them out by hand, here a seed does."""

import json
from functools import partial
from typing import Any, Final

from mockserver.domain.dates import rfc2822
from mockserver.domain.numbers import Number
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import listed, read_ask, read_form
from mockserver.world.numbers import Numbers

FOLDER: Final = "api/2010-04-01"


async def fetch(call: Call) -> Reply:
    """One short code."""
    return Reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Change what is given; the rest stays."""
    number = _find(call)
    form = read_form(call, f"{FOLDER}/UpdateShortCode")
    return Reply(200, render(call, await Numbers(call.sandbox).update(call.account, number, form)))


async def list_(call: Call) -> Reply:
    """The account's short codes, newest first, a page at a time."""
    ask = read_ask(call, f"{FOLDER}/ListShortCode")
    found = Numbers(call.sandbox).page(call.account, ask.page, partial(_fits, ask.filters))
    return listed(call, "short_codes", ask, found, partial(render, call))


CODES: Final = f"{ACCOUNT}/SMS/ShortCodes"
SCHEMA: Final = f"{FOLDER}/ShortCode"

ROUTES: Final = (
    Route("GET", CODES, "ListShortCode", list_, schema=SCHEMA),
    Route("GET", f"{CODES}/{{Sid}}", "FetchShortCode", fetch, schema=SCHEMA),
    Route("POST", f"{CODES}/{{Sid}}", "UpdateShortCode", update, schema=SCHEMA),
)


def _find(call: Call) -> Number:
    """The short code that the path names, or 20404."""
    number = Numbers(call.sandbox).find(call.account, call.params["Sid"])
    if number is None or not number.is_short_code:
        raise call.missing()
    return number


def _fits(filters: dict[str, Any], number: Number) -> bool:
    if not number.is_short_code or filters.get("FriendlyName", number.name) != number.name:
        return False
    return bool(filters.get("ShortCode", number.phone_number) == number.phone_number)


def render(call: Call, number: Number) -> bytes:
    """A short code as Twilio renders it; one of the seed has existed as long as its sandbox."""
    start = call.sandbox.accounts.first.created_at
    base = f"/2010-04-01/Accounts/{number.account_sid}"
    document = {
        "account_sid": number.account_sid,
        "api_version": number.api_version,
        "date_created": rfc2822(number.created_at or start),
        "date_updated": rfc2822(number.updated_at or start),
        "friendly_name": number.name,
        "short_code": number.phone_number,
        "sid": number.sid,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url or None,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url or None,
        "uri": f"{base}/SMS/ShortCodes/{number.sid}.json",
    }
    return json.dumps(document).encode()
