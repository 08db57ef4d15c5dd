"""What operations return: objects with the members that the module's tables name."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from mockserver.domain.dates import rfc2822
from mockserver.domain.errors import NOT_FOUND, TwilioError
from mockserver.domain.message import SECOND
from mockserver.domain.notify.services import NotifyService
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.twilionotify.arguments import Arguments, read_checked
from mockserver.world.notify.services import NotifyServices

Document = dict[str, Any]

Answer = Callable[[Call, Arguments], Awaitable[Reply]]


def operation(name: str, answer: Answer, record: str = "") -> Route:
    """One operation; `record` is what it answers with, of a list each."""

    async def handle(call: Call) -> Reply:
        return await answer(call, read_checked(call, name))

    return Route("POST", f"/{name}", name, handle, schema=record and f"twilionotify/{record}")


def find_service(call: Call, arguments: Arguments, below: str) -> NotifyService:
    """The service that is named, or Notify's 20404, which names what was wanted `below` it."""
    sid = arguments["ServiceSid"]
    service = NotifyServices(call.sandbox).find(call.account, sid)
    if service is None:
        raise missing(sid, below)
    return service


def missing(service_sid: str, below: str) -> TwilioError:
    """Notify's 20404 for what is below a service."""
    return TwilioError(NOT_FOUND, path=f"/Services/{service_sid}/{below}")


def notify_url(call: Call, service_sid: str, below: str) -> str:
    """Where Notify has it on this server."""
    return f"{call.origin}/notify/v1/Services/{service_sid}/{below}"


# Rendering


def nil() -> Reply:
    """Nothing, as JSON has it."""
    return Reply(200, b"null")


def answered(call: Call, document: Document) -> Reply:
    """A record."""
    return Reply(200, fragment(call, document))


def fragment(call: Call, document: Document) -> bytes:
    """A record as JSON; under `murano_strict_strings` its members are text or null."""
    if call.sandbox.rules.options.murano_strict_strings:
        document = {name: _as_text(value) for name, value in document.items()}
    return json.dumps(document).encode()


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def date(call: Call, at: int) -> str:
    """From microseconds: ISO 8601 as Notify, or RFC 2822 as the tables say."""
    if call.sandbox.rules.options.murano_strict_strings:
        return rfc2822(at)
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"
