"""`/v1/Alerts`: what went wrong, newest first; routes, handlers and rendering.

The latest ten thousand of a sandbox are kept, and those of all its accounts together.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from mockserver.domain.alerts import LEVELS, level
from mockserver.domain.dates import read_range
from mockserver.domain.errors import MORE_INFO, PAGE_TOKEN_REQUIRED_ACCOUNTS
from mockserver.domain.message import SECOND
from mockserver.domain.paging import Page
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.listing import meta_envelope
from mockserver.edge.http.resource import read_ask
from mockserver.world.alerts import cut, own, shown, text
from mockserver.world.journal import Alert


async def list_(call: Call) -> Reply:
    """The account's alerts, a page at a time; requests and answers are in single ones only."""
    ask = read_ask(call, "monitor/v1/ListAlert", PAGE_TOKEN_REQUIRED_ACCOUNTS)
    fits = _filter(call, ask.filters)
    call.sandbox.engine.catch_up()
    alerts, more = cut(await own(call.sandbox.journal, call.account.sid), ask.page, fits)
    sids = [alert.sid for alert in alerts]
    page = Page(f"{call.base_url}{ROOT}", tuple(ask.filters.items()), ask.page, sids, more)
    return Reply(200, meta_envelope(page, "alerts", [render(call, alert) for alert in alerts]))


async def fetch(call: Call) -> Reply:
    """One alert, with what was asked and answered."""
    call.sandbox.engine.catch_up()
    for alert in await own(call.sandbox.journal, call.account.sid):
        if alert.sid == call.params["Sid"]:
            return Reply(200, render(call, alert, whole=True))
    raise call.missing()


def _filter(call: Call, filters: dict[str, Any]) -> Callable[[Alert], bool]:
    """What the filters leave; a date that cannot be read is ignored, as in lists of messages."""
    wanted = filters.get("LogLevel", "")
    if wanted and wanted not in LEVELS:
        call.warnings.append(f"`{wanted}` is no LogLevel: it is one of {', '.join(LEVELS)}")
    start, end = (read_range(filters.get(name, "")) for name in ("StartDate", "EndDate"))
    first, last = start[0] if start else 0, end[1] if end else 1 << 62
    return lambda alert: first <= alert.at <= last and (not wanted or level(alert.code) == wanted)


ROOT: Final = "/v1/Alerts"
SCHEMA: Final = "monitor/v1/Alert"

ROUTES: Final = (
    Route("GET", ROOT, "ListAlert", list_, schema=SCHEMA),
    Route("GET", f"{ROOT}/{{Sid}}", "FetchAlert", fetch, schema=SCHEMA),
)


# Rendering


def render(call: Call, alert: Alert, *, whole: bool = False) -> bytes:
    """An alert as Monitor renders it, in the key order of captures of 2016.

    The whole of it adds the request and the answer.
    """
    at, told = _date(alert.at), shown(call.sandbox.journal, alert)
    message = call.sandbox.tables.messages.get(alert.resource_sid)
    service_sid = message.messaging_service_sid if message is not None else ""

    def of(name: str) -> str | None:
        return getattr(told, name) if told is not None else None

    document = {
        "account_sid": alert.account_sid,
        "alert_text": text(alert),
        "api_version": "2010-04-01",
        "date_created": at,
        "date_generated": at,
        "date_updated": at,
        "error_code": str(alert.code),
        "log_level": level(alert.code),
        "more_info": f"{MORE_INFO}{alert.code}",
        **({"request_headers": of("request_headers")} if whole else {}),
        "request_method": of("method"),
        "request_url": of("url"),
        **({"request_variables": of("variables")} if whole else {}),
        "resource_sid": alert.resource_sid,
        **({name: of(name) for name in ("response_body", "response_headers")} if whole else {}),
        "service_sid": service_sid or None,
        "sid": alert.sid,
        "url": f"{call.base_url}{ROOT}/{alert.sid}",
    }
    return json.dumps(document).encode()


def _date(at: int) -> str:
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"
