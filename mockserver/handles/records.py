"""What the control API tells, as typed records; each keeps its document. PYTEST_DONT_REWRITE

A key that a record does not know is left in `raw`, and one that is absent has its default, so that
handle and server need not be of one version.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, TypeVar

Document = Mapping[str, Any]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a message's timeline."""

    status: str = ""
    at: datetime | None = None
    error_code: int | None = None
    raw: Document = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Callback:
    """One attempt to post a webhook."""

    id: str = ""
    kind: str = ""
    """`status`, `inbound`, `fallback`, `event` or `notify`."""
    message_sid: str = ""
    url: str = ""
    method: str = ""
    params: Document = field(default_factory=dict)
    """Text, or a list where a parameter is repeated."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    signature: str = field(default="", repr=False)
    response_status: int | None = None
    duration_ms: float | None = None
    error: str | None = None
    error_code: int | None = None
    attempt: int = 1
    status: str | None = None
    """The message's, as it was reported."""
    account_sid: str = ""
    idempotency_token: str = field(default="", repr=False)
    """The same in all attempts at one webhook."""
    body: str = field(default="", repr=False)
    """The JSON that was posted instead of a form."""
    weather: str | None = None
    """The weather rule that something was done to it by."""
    due: datetime | None = None
    at: datetime | None = None
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        what = self.status or self.kind
        outcome = self.response_status or self.error or "no answer"
        return f"{what} of {self.message_sid} → {self.method} {self.url} {outcome}"


@dataclass(frozen=True, slots=True)
class Media:
    """What is attached to a message."""

    url: str = ""
    sid: str = ""
    """"" until it was fetched."""
    content_type: str = ""
    size: int = 0
    """Bytes."""
    fetched: bool = False
    note: str = ""
    """Why a file on the internet was not fetched."""
    raw: Document = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its sandbox has it at the time of asking."""

    sid: str = ""
    account_sid: str = ""
    sandbox: str = ""
    direction: str = ""
    channel: str = ""
    origin: str = ""
    from_: str = ""
    to: str = ""
    messaging_service_sid: str | None = None
    body: str = ""
    media: list[Media] = field(default_factory=list)
    num_segments: int = 0
    encoding: str = ""
    status: str = ""
    error_code: int | None = None
    error_message: str | None = None
    created_at: datetime | None = None
    """On the sandbox's clock."""
    timeline: list[Step] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    """Those that the journal holds; it has forgotten `callbacks_dropped`."""
    callbacks_dropped: int = 0
    codes: list[str] = field(default_factory=list)
    """One-time codes found in the body."""
    links: list[str] = field(default_factory=list)
    tags: Mapping[str, str] | None = None
    operation_id: str | None = None
    send_at: datetime | None = None
    content: Document | None = None
    """What it shows, where it was made from a content template: `sid`, `type` and `shows`."""
    automatic: bool = False
    """Twilio's own answer to a keyword, which its API does not show."""
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        code = f" ({self.error_code})" if self.error_code else ""
        who = self.from_ or self.messaging_service_sid
        return f"{self.sid} {who} → {self.to} {self.status}{code} {self.body!r}"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What was asked."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Document = field(default_factory=dict)
    body: str = ""
    raw: Document = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What was answered."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    """At most 4 kB of it."""
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def json(self) -> Any:
        """The body as a document; raise `ValueError` for what is none, or was cut."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request to one of Twilio's APIs, out of the journal."""

    id: str = ""
    at: datetime | None = None
    method: str = ""
    host: str = ""
    path: str = ""
    operation: str = ""
    """Product, version and operationId: `api.v2010.CreateMessage`."""
    account_sid: str = ""
    request: HttpRequest = HttpRequest()
    response: HttpResponse = HttpResponse()
    duration_ms: float = 0.0
    fault: str | None = None
    error: int | None = None
    """Twilio's code."""
    warnings: list[str] = field(default_factory=list)
    """What the hosted service would have refused, or the program probably did not mean."""
    served: bool = True
    """False for what is Twilio's, and which this mock does not serve."""
    query: str = ""
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        error = f" error {self.error}" if self.error else ""
        fault = f" by fault {self.fault}" if self.fault else ""
        return f"{self.method} {self.host}{self.path} {self.response.status}{error}{fault}"


@dataclass(frozen=True, slots=True)
class Inbound:
    """What became of a message that a handset sent."""

    message: Message = Message()
    webhook: Callback | None = None
    """The last attempt to call it."""
    replies: list[Message] = field(default_factory=list)
    """Twilio's own answer to a keyword first, then what the TwiML says."""
    opt_out: str = ""
    """`stop`, `start` or `help` where the text was such a keyword."""
    stored: bool = True
    """Whether Twilio's API shows the message."""
    warnings: list[str] = field(default_factory=list)
    """Why nobody was called, or what is wrong with the answer."""
    raw: Document = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class OptOut:
    """A recipient who wrote STOP."""

    from_: str = ""
    """The number that was stopped, or the SID of the Messaging Service it was in."""
    to: str = ""
    """The recipient."""
    at: datetime | None = None
    """On the sandbox's clock; `None` where it was set up."""
    raw: Document = field(default_factory=dict, repr=False, compare=False)


class Stats(dict[str, int]):
    """How many messages stand where: `stats["delivered"]`, or `stats.delivered`."""

    def __getattr__(self, name: str) -> int:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name} among {', '.join(self)}") from None


_SUMS: Final = ("total", "recipients", "attempts")
"""What of `Stats` is no status."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A send of the Communications API as it is at the time of asking."""

    id: str = ""
    account_sid: str = ""
    sandbox: str = ""
    status: str = ""
    """`SCHEDULED`, `PROCESSING`, `COMPLETED` or `CANCELED`."""
    stats: Stats = field(default_factory=Stats)
    under_way: bool = False
    """Whether some of its messages have steps to take, but for those that wait for their time."""
    created_at: datetime | None = None
    """On the sandbox's clock."""
    updated_at: datetime | None = None
    scheduled_for: datetime | None = None
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        others = {name: self.stats[name] for name in self.stats if name not in _SUMS}
        counted = ", ".join(f"{number} {name}" for name, number in others.items() if number)
        count = self.stats.get("recipients", 0)
        whole = f"{self.id} {self.status}, {count} recipient{'' if count == 1 else 's'}"
        return f"{whole}: {counted}" if counted else whole


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """What the Communications API tells of, or somebody has subscribed to.

    It is as Event Streams delivers it.
    """

    id: str = ""
    type: str = ""
    """`com.twilio.comms-api.message.delivered`, …"""
    source: str = ""
    time: datetime | None = None
    data: Document = field(default_factory=dict)
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.type} {self.source}"


@dataclass(frozen=True, slots=True)
class Notification:
    """What Notify was asked to send, as it is at the time of asking."""

    sid: str = ""
    account_sid: str = ""
    service_sid: str = ""
    sandbox: str = ""
    created_at: datetime | None = None
    """On the sandbox's clock."""
    identities: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    to_binding: list[Document] = field(default_factory=list)
    """The first hundred."""
    title: str | None = None
    body: str | None = None
    sound: str | None = None
    action: str | None = None
    data: Document | None = None
    priority: str = ""
    ttl: int = 0
    """Seconds."""
    apn: Document | None = None
    fcm: Document | None = None
    gcm: Document | None = None
    sms: Document | None = None
    facebook_messenger: Document | None = None
    alexa: Document | None = None
    delivery_callback_url: str | None = None
    log_enabled: bool = True
    """Without it, there are no push deliveries to be looked at."""
    recipients: int = 0
    """Bindings or addresses that it means."""
    sent: int = 0
    failed: int = 0
    under_way: bool = False
    """Whether there are recipients that it has not come to."""
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        counted = f"{self.recipients} recipients: {self.sent} sent, {self.failed} failed"
        return f"{self.sid} {self.body!r}, {counted}"


@dataclass(frozen=True, slots=True)
class PushDelivery:
    """What Notify handed to another channel than text messages, or could not."""

    sid: str | None = None
    """What its provider calls it; of Messenger its Message's."""
    notification_sid: str = ""
    account_sid: str = ""
    service_sid: str = ""
    sandbox: str = ""
    channel: str = ""
    """`apn`, `fcm`, `gcm`, `facebook-messenger`, `alexa`; `sms` for what became no Message."""
    address: str = ""
    identity: str | None = None
    binding_sid: str | None = None
    credential_sid: str | None = None
    title: str | None = None
    body: str | None = None
    payload: Document = field(default_factory=dict)
    """Exactly what the provider would have got."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What stands beside it: APNs' priority and expiration."""
    priority: str = ""
    ttl: int = 0
    """Seconds."""
    status: str = ""
    """`SENT` or `FAILED`."""
    error_code: int | None = None
    error_message: str | None = None
    created_at: datetime | None = None
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        code = f" ({self.error_code})" if self.error_code else ""
        return f"{self.channel} → {self.address} {self.status}{code} {self.body!r}"


# -- reading ---------------------------------------------------------------------------------------


def read(record: type[R], document: Document) -> R:
    """The record that a document tells of."""
    values: dict[str, Any] = {"raw": document}
    for each in fields(record):  # type: ignore[arg-type]  # all of them are dataclasses
        key = each.name.rstrip("_")
        if each.name != "raw" and document.get(key) is not None:
            convert = CONVERT.get((record, each.name)) or CONVERT.get((None, each.name))
            values[each.name] = convert(document[key]) if convert else document[key]
    return record(**values)


def moment(text: str) -> datetime:
    """A time of the control API, aware of its zone."""
    return datetime.fromisoformat(text)


def _many(record: type[R]) -> Callable[[Any], list[R]]:
    """Documents as records; what is no document (an id alone) is left out."""
    return lambda items: [read(record, each) for each in items if isinstance(each, Mapping)]


CONVERT: Final[Mapping[tuple[type[Any] | None, str], Callable[[Any], object]]] = {
    (None, "at"): moment,
    (None, "created_at"): moment,
    (None, "due"): moment,
    (None, "send_at"): moment,
    (None, "updated_at"): moment,
    (None, "scheduled_for"): moment,
    (CloudEvent, "time"): moment,
    (Operation, "stats"): Stats,
    (None, "timeline"): _many(Step),
    (None, "callbacks"): _many(Callback),
    (None, "replies"): _many(Message),
    (None, "media"): _many(Media),
    (ApiCall, "request"): lambda one: read(HttpRequest, one),
    (ApiCall, "response"): lambda one: read(HttpResponse, one),
    (Inbound, "message"): lambda one: read(Message, one),
    (Inbound, "webhook"): lambda one: read(Callback, one),
}
"""How a field is made out of a document's value, where it is not the value itself."""
