"""`…/Notifications`: the alerts of Monitor as the v2010 API shows them, newest first."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mockserver.domain.alerts import level
from mockserver.domain.dates import read_day, read_range, rfc2822
from mockserver.domain.errors import MORE_INFO
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.resource import listed, read_ask
from mockserver.world.alerts import cut, own, shown, text
from mockserver.world.journal import Alert

LOGS: Final = {"error": "0", "warning": "1"}
"""`log` by level. Source: OpenAPI description of the resource."""


async def list_(call: Call) -> Reply:
    """The account's notifications; requests and answers are in single ones only."""
    ask = read_ask(call, "api/2010-04-01/ListNotification")
    call.sandbox.engine.catch_up()
    found = cut(await own(call.sandbox.journal, call.account.sid), ask.page, _filter(ask.filters))
    return listed(call, "notifications", ask, found, partial(render, call))


async def fetch(call: Call) -> Reply:
    """One notification, with what was asked and answered."""
    call.sandbox.engine.catch_up()
    for alert in await own(call.sandbox.journal, call.account.sid):
        if alert.sid == call.params["Sid"]:
            return Reply(200, render(call, alert, whole=True))
    raise call.missing()


def _filter(filters: dict[str, Any]) -> Callable[[Alert], bool]:
    """What the filters leave; a date that cannot be read is ignored, as in lists of messages."""
    log, first, last = filters.get("Log"), 0, 1 << 62
    if day := read_day(filters.get("MessageDate", "")):
        first, last = day
    if lower := read_range(filters.get("MessageDate>", "")):
        first = max(first, lower[0])
    if upper := read_range(filters.get("MessageDate<", "")):
        last = min(last, upper[1])
    return lambda alert: first <= alert.at <= last and log in (None, LOGS[level(alert.code)])


SCHEMA: Final = "api/2010-04-01/Notification"

ROUTES: Final = (
    Route("GET", f"{ACCOUNT}/Notifications", "ListNotification", list_, schema=SCHEMA),
    Route("GET", f"{ACCOUNT}/Notifications/{{Sid}}", "FetchNotification", fetch, schema=SCHEMA),
)


def render(call: Call, alert: Alert, *, whole: bool = False) -> bytes:
    """A notification as Twilio renders it; where there was no request, as in captures of 2015."""
    at, told = rfc2822(alert.at), shown(call.sandbox.journal, alert)

    def of(name: str) -> str:
        return getattr(told, name) if told is not None else ""

    document = {
        "account_sid": alert.account_sid,
        "api_version": "2010-04-01",
        "call_sid": None,
        "date_created": at,
        "date_updated": at,
        "error_code": str(alert.code),
        "log": LOGS[level(alert.code)],
        "message_date": at,
        "message_text": text(alert),
        "more_info": f"{MORE_INFO}{alert.code}",
        "request_method": of("method") or None,
        "request_url": of("url"),
        **(
            {
                "request_variables": of("variables"),
                "response_body": of("response_body"),
                "response_headers": of("response_headers"),
            }
            if whole
            else {}
        ),
        "sid": alert.sid,
        "uri": f"{API_ROOT}Accounts/{alert.account_sid}/Notifications/{alert.sid}.json",
    }
    return json.dumps(document).encode()
