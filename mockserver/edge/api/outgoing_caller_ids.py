"""`…/OutgoingCallerIds`: numbers that were verified, and the calls that verify them.

The number that is called answers, and enters the code, two seconds later by the sandbox's clock;
calls that fail are not made in this version.
"""

import json
from functools import partial
from typing import Any, Final

from mockserver.domain.addresses import normalise
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.dates import rfc2822
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import listed, read_ask, read_form
from mockserver.world.caller_ids import CallerIds

FOLDER: Final = "api/2010-04-01"


async def validate(call: Call) -> Reply:
    """Call a number. Answers 200, as the description says; old samples have 201."""
    form = read_form(call, f"{FOLDER}/CreateValidationRequest")
    strict = call.sandbox.rules.options.numbers == "strict"
    made = await CallerIds(call.sandbox).validate(call.account, form, strict=strict)
    document = {
        "account_sid": call.account.sid,
        "call_sid": made.call_sid,
        "friendly_name": made.caller_id.name,
        "phone_number": made.caller_id.phone_number,
        "validation_code": made.code,
    }
    return Reply(200, json.dumps(document).encode(), release=made.callback)


async def fetch(call: Call) -> Reply:
    """One caller id."""
    return Reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Rename."""
    caller_id = _find(call)
    form = read_form(call, f"{FOLDER}/UpdateOutgoingCallerId")
    return Reply(200, render(call, await CallerIds(call.sandbox).rename(caller_id, form)))


async def delete(call: Call) -> Reply:
    """Trial accounts may not write to its number any more."""
    await CallerIds(call.sandbox).delete(_find(call))
    return Reply(204)


async def list_(call: Call) -> Reply:
    """The account's caller ids, newest first, a page at a time."""
    ask = read_ask(call, f"{FOLDER}/ListOutgoingCallerId")
    found = CallerIds(call.sandbox).page(call.account, ask.page, partial(_fits, ask.filters))
    return listed(call, "outgoing_caller_ids", ask, found, partial(render, call))


CALLER_IDS: Final = f"{ACCOUNT}/OutgoingCallerIds"
SCHEMA: Final = f"{FOLDER}/OutgoingCallerId"

ROUTES: Final = (
    Route(
        "POST",
        CALLER_IDS,
        "CreateValidationRequest",
        validate,
        schema=f"{FOLDER}/ValidationRequest",
    ),
    Route("GET", CALLER_IDS, "ListOutgoingCallerId", list_, schema=SCHEMA),
    Route("GET", f"{CALLER_IDS}/{{Sid}}", "FetchOutgoingCallerId", fetch, schema=SCHEMA),
    Route("POST", f"{CALLER_IDS}/{{Sid}}", "UpdateOutgoingCallerId", update, schema=SCHEMA),
    Route("DELETE", f"{CALLER_IDS}/{{Sid}}", "DeleteOutgoingCallerId", delete),
)


def _find(call: Call) -> CallerId:
    """The caller id that the path names, or 20404."""
    caller_id = CallerIds(call.sandbox).find(call.account, call.params["Sid"])
    if caller_id is None:
        raise call.missing()
    return caller_id


def _fits(filters: dict[str, Any], caller_id: CallerId) -> bool:
    if filters.get("FriendlyName", caller_id.name) != caller_id.name:
        return False
    return normalise(filters.get("PhoneNumber", caller_id.phone_number)) == caller_id.phone_number


def render(call: Call, caller_id: CallerId) -> bytes:
    """A caller id as Twilio renders it; one of the seed has existed as long as its sandbox."""
    start = call.sandbox.accounts.first.created_at
    base = f"/2010-04-01/Accounts/{caller_id.account_sid}"
    document = {
        "sid": caller_id.sid,
        "account_sid": caller_id.account_sid,
        "friendly_name": caller_id.name,
        "phone_number": caller_id.phone_number,
        "date_created": rfc2822(caller_id.created_at or start),
        "date_updated": rfc2822(caller_id.updated_at or start),
        "uri": f"{base}/OutgoingCallerIds/{caller_id.sid}.json",
    }
    return json.dumps(document).encode()
