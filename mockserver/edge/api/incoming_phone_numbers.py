"""`…/IncomingPhoneNumbers`, also `/Local`, `/Mobile` and `/TollFree`: an account's numbers.

Add-ons of a number are not served.
"""

import json
from functools import partial
from typing import Any, Final

from mockserver.domain.dates import rfc2822
from mockserver.domain.market import KINDS, Pattern, kind_of, requirement
from mockserver.domain.numbers import Number
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Handler, Reply, Route
from mockserver.edge.http.resource import listed, read_ask, read_form
from mockserver.world.numbers import Numbers

FOLDER: Final = "api/2010-04-01"


async def create(call: Call, *, kind: str = "") -> Reply:
    """Buy a number, or the first that there is with an area code."""
    form = read_form(call, f"{FOLDER}/CreateIncomingPhoneNumber")
    strict = call.sandbox.rules.options.numbers == "strict"
    number = await Numbers(call.sandbox).buy(call.account, form, kind, strict=strict)
    return Reply(201, render(call, number))


async def fetch(call: Call) -> Reply:
    """One number, whoever set it up."""
    return Reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Change what is given; `AccountSid` hands the number over to another account."""
    number = _find(call)
    form = read_form(call, f"{FOLDER}/UpdateIncomingPhoneNumber")
    return Reply(200, render(call, await Numbers(call.sandbox).update(call.account, number, form)))


async def delete(call: Call) -> Reply:
    """Release a number."""
    await Numbers(call.sandbox).release(_find(call))
    return Reply(204)


async def list_(call: Call, *, kind: str = "") -> Reply:
    """The account's numbers, newest first, a page at a time."""
    ask = read_ask(call, f"{FOLDER}/ListIncomingPhoneNumber")
    found = Numbers(call.sandbox).page(call.account, ask.page, partial(_fits, ask.filters, kind))
    return listed(call, "incoming_phone_numbers", ask, found, partial(render, call))


NUMBERS: Final = f"{ACCOUNT}/IncomingPhoneNumbers"
SCHEMA: Final = f"{FOLDER}/IncomingPhoneNumber"


def _of_kind(kind: str) -> tuple[Route, Route]:
    """The routes of one kind of numbers; "" for all of them."""
    path = f"{NUMBERS}/{kind}" if kind else NUMBERS
    buying: Handler = partial(create, kind=kind)
    listing: Handler = partial(list_, kind=kind)
    name = f"IncomingPhoneNumber{kind}"
    return (
        Route("POST", path, f"Create{name}", buying, test_credentials=True, schema=SCHEMA),
        Route("GET", path, f"List{name}", listing, schema=SCHEMA),
    )


ROUTES: Final = (
    *(route for kind in ("", "Local", "Mobile", "TollFree") for route in _of_kind(kind)),
    Route("GET", f"{NUMBERS}/{{Sid}}", "FetchIncomingPhoneNumber", fetch, schema=SCHEMA),
    Route("POST", f"{NUMBERS}/{{Sid}}", "UpdateIncomingPhoneNumber", update, schema=SCHEMA),
    Route("DELETE", f"{NUMBERS}/{{Sid}}", "DeleteIncomingPhoneNumber", delete),
)


def _find(call: Call) -> Number:
    """The number that the path names, or 20404."""
    number = Numbers(call.sandbox).find(call.account, call.params["Sid"])
    if number is None or not number.is_phone:
        raise call.missing()
    return number


def _fits(filters: dict[str, Any], kind: str, number: Number) -> bool:
    """Whether a list shows a number. None is beta, and all are Twilio's own."""
    if not number.is_phone or (kind and kind_of(number.phone_number) != kind):
        return False
    if filters.get("Origin", "twilio") != "twilio":
        return False
    if filters.get("FriendlyName", number.name) != number.name:
        return False
    wanted = filters.get("PhoneNumber")
    return wanted is None or Pattern.parse(wanted).matches(number.phone_number)


# Rendering


EMERGENCY: Final = ("unregistered", "registered")
"""Without an emergency address, and with one."""


def render(call: Call, number: Number) -> bytes:
    """A number field for field as Twilio renders it.

    One that was set up with the sandbox has existed as long as that.
    """
    start = call.sandbox.accounts.first.created_at
    base = f"/2010-04-01/Accounts/{number.account_sid}"
    document = {
        "account_sid": number.account_sid,
        "address_requirements": requirement(number.phone_number),
        "address_sid": number.address_sid or None,
        "api_version": number.api_version,
        "beta": False,
        "capabilities": {
            "voice": number.voice,
            "sms": number.sms,
            "mms": number.mms,
            "fax": number.fax,
        },
        "date_created": rfc2822(number.created_at or start),
        "date_updated": rfc2822(number.updated_at or start),
        "emergency_status": number.emergency_status,
        "emergency_address_sid": number.emergency_address_sid or None,
        "emergency_address_status": EMERGENCY[bool(number.emergency_address_sid)],
        "friendly_name": number.name,
        "identity_sid": number.identity_sid or None,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        **_webhooks(number),
        "uri": f"{base}/IncomingPhoneNumbers/{number.sid}.json",
        "status": "in-use",
        "bundle_sid": number.bundle_sid or None,
        "type": KINDS[kind_of(number.phone_number)].replace("_", "-"),
    }
    return json.dumps(document).encode()


def _webhooks(number: Number) -> dict[str, object]:
    """Who is asked about what comes in; some are "" and some are null, as in samples.

    Samples have "" for no application too, which the description does not allow.
    """
    return {
        "sms_application_sid": number.sms_application_sid or None,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url,
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "trunk_sid": number.trunk_sid or None,
        "voice_application_sid": number.voice_application_sid or None,
        "voice_caller_id_lookup": number.voice_caller_id_lookup,
        "voice_fallback_method": number.voice_fallback_method,
        "voice_fallback_url": number.voice_fallback_url or None,
        "voice_method": number.voice_method,
        "voice_url": number.voice_url or None,
        "voice_receive_mode": number.voice_receive_mode,
    }
