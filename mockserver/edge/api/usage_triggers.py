"""`…/Usage/Triggers`: thresholds of usage; routes, handlers and rendering.

They are kept, and show what is used now; none ever fires: `date_fired` is always null, and
`CallbackUrl` is never called.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mockserver.domain.dates import DAY, rfc2822
from mockserver.domain.errors import MALFORMED, MISSING_PARAMETER, TwilioError
from mockserver.domain.services import check
from mockserver.domain.usage import Tally, is_category
from mockserver.domain.usage_triggers import ONCE, UsageTrigger, current_value, threshold
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.api.usage import RECORDS, count
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.resource import listed, read_ask, schema
from mockserver.world.usage_triggers import UsageTriggers

FOLDER: Final = "api/2010-04-01"

REQUIRED: Final = ("CallbackUrl", "TriggerValue", "UsageCategory")


async def create(call: Call) -> Reply:
    """Set a threshold: a value, or so much more (`+30`) than is used now."""
    form = _form(call, "CreateUsageTrigger")
    for name in REQUIRED:
        if name not in form:
            raise TwilioError(MISSING_PARAMETER, parameter=name)
    category = form["UsageCategory"]
    if not is_category(category):
        raise TwilioError(MALFORMED, said="UsageCategory must be a usage category")
    tally, given = await count(call), form["TriggerValue"]
    by, recurring = form.get("TriggerBy", "usage"), form.get("Recurring", ONCE)
    probe = UsageTrigger("", "", category, "", "", trigger_by=by, recurring=recurring)
    value = threshold(given, current_value(probe, tally, _today(call)))
    if value is None:
        raise TwilioError(MALFORMED, said="TriggerValue must be a positive number")
    made = await UsageTriggers(call.sandbox).create(call.account, category, value, form)
    return Reply(201, render(call, tally, made))


async def fetch(call: Call) -> Reply:
    """One trigger."""
    trigger = _find(call)
    return Reply(200, render(call, await count(call), trigger))


async def update(call: Call) -> Reply:
    """Change whom to tell; the threshold stays."""
    trigger, form = _find(call), _form(call, "UpdateUsageTrigger")
    trigger = await UsageTriggers(call.sandbox).update(trigger, form)
    return Reply(200, render(call, await count(call), trigger))


async def delete(call: Call) -> Reply:
    """Forget one."""
    await UsageTriggers(call.sandbox).delete(_find(call))
    return Reply(204)


async def list_(call: Call) -> Reply:
    """The account's triggers, newest first, a page at a time."""
    ask = read_ask(call, f"{FOLDER}/ListUsageTrigger")
    tally = await count(call)
    found = UsageTriggers(call.sandbox).page(call.account, ask.page, _filter(ask.filters))
    return listed(call, "usage_triggers", ask, found, partial(render, call, tally))


PATH: Final = f"{ACCOUNT}/Usage/Triggers"
ONE: Final = f"{PATH}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/UsageTrigger"

ROUTES: Final = (
    Route("POST", PATH, "CreateUsageTrigger", create, schema=SCHEMA),
    Route("GET", PATH, "ListUsageTrigger", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchUsageTrigger", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateUsageTrigger", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteUsageTrigger", delete),
)


def _form(call: Call, operation: str) -> dict[str, Any]:
    """The parameters; raise what is wrong with them."""
    reading = call.read(schema(f"{FOLDER}/{operation}"))
    check(reading.values, reading.breaches)
    return reading.values


def _find(call: Call) -> UsageTrigger:
    """The trigger that the path names, or 20404."""
    trigger = UsageTriggers(call.sandbox).find(call.account, call.params["Sid"])
    if trigger is None:
        raise call.missing()
    return trigger


def _filter(filters: dict[str, str]) -> Callable[[UsageTrigger], bool]:
    """What the filters leave; an empty `Recurring` asks for those that do not recur."""
    recurring = (filters["Recurring"] or ONCE) if "Recurring" in filters else None
    by, category = filters.get("TriggerBy"), filters.get("UsageCategory")
    return lambda trigger: (
        recurring in (None, trigger.recurring)
        and by in (None, trigger.trigger_by)
        and category in (None, trigger.category)
    )


def _today(call: Call) -> int:
    return call.sandbox.clock.now() // DAY


def render(call: Call, tally: Tally, trigger: UsageTrigger) -> bytes:
    """A trigger as Twilio renders it. Key order: published samples."""
    base = f"{API_ROOT}Accounts/{trigger.account_sid}"
    document = {
        "account_sid": trigger.account_sid,
        "api_version": "2010-04-01",
        "callback_method": trigger.callback_method,
        "callback_url": trigger.callback_url,
        "current_value": current_value(trigger, tally, _today(call)),
        "date_created": rfc2822(trigger.created_at),
        "date_fired": None,
        "date_updated": rfc2822(trigger.updated_at),
        "friendly_name": trigger.friendly_name or None,
        "recurring": trigger.recurring,
        "sid": trigger.sid,
        "trigger_by": trigger.trigger_by,
        "trigger_value": trigger.trigger_value,
        "uri": f"{base}/Usage/Triggers/{trigger.sid}.json",
        "usage_category": trigger.category,
        "usage_record_uri": f"{base}/{RECORDS}.json?Category={trigger.category}",
    }
    return json.dumps(document).encode()
