"""Which Twilio product a request is for: by its Host, else by the first segment of its path."""

import re
from functools import lru_cache
from typing import Final

import msgspec

SHORT_NAMES: Final = (
    "api",
    "messaging",
    "notify",
    "comms",
    "content",
    "events",
    "monitor",
    "accounts",
    "oauth",
)
"""Products that may stand as the first path segment, in place of a host."""

ELSEWHERE: Final = frozenset(
    (
        *("ai", "assistants", "bulkexports", "chat", "conversations", "flex-api"),
        *("frontline-api", "iam", "insights", "intelligence", "ip-messaging", "knowledge"),
        *("lookups", "marketplace", "numbers", "preview", "preview-iam", "pricing"),
        *("proxy", "routes", "serverless", "studio", "supersim", "sync", "taskrouter"),
        *("trunking", "trusthub", "verify", "video", "voice", "wireless"),
    )
)
"""Twilio's other products, so that a call of one is named for what it is; none is served.

Source: the hosts that Twilio's own client libraries call.
"""

CDN: Final = "twiliocdn.com"
"""Where media content lies: `mms.twiliocdn.com`, formerly `media.twiliocdn.com`; no product."""

_TWILIO: Final = re.compile(
    r"(?:(?P<product>[a-z0-9-]+)(?:\.[a-z0-9-]+){0,2}\.twilio\.com|(?:mms|media)\.twiliocdn\.com)"
    r"\.?(?::[0-9]+)?",
    re.IGNORECASE,
).fullmatch
"""`api.twilio.com`, also with edge and region: `api.dublin.ie1.twilio.com`."""

API_ROOT: Final = "/2010-04-01/"

CDN_ROOT: Final = "/twiliocdn"
"""Before a path of the CDN, so that it can be asked for at any host; the api product serves it."""

EVENT_SCHEMAS: Final = "events-schemas"
"""Where the schemas of events lie: a host of its own at Twilio; the events product serves it."""

TWILIONOTIFY: Final = "twilionotify"
"""The module of another platform that speaks to Notify; it has a path here, and no host."""

DEFAULT_HOST: Final = "api.twilio.com"
"""Who answers where no host is named."""

_API: Final = DEFAULT_HOST

_BELOW_TWILIO: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*twilio\.com\.?", re.IGNORECASE
).fullmatch


class Destination(msgspec.Struct, frozen=True):
    """The product asked for, and the path as that product sees it."""

    product: str
    """"" where neither host nor path names one."""
    path: str
    domain: str
    """The host as Twilio names it, e.g. `api.twilio.com`."""


@lru_cache(1024)
def product_of(host: str) -> str:
    """The product that a Host header names, or `CDN`; "" for a host that is not Twilio's."""
    match = _TWILIO(host)
    if match is None:
        return ""
    return match["product"].lower() if match["product"] else CDN


@lru_cache(1024)
def is_twilios(host: str) -> bool:
    """Whether a host, without its port, is `twilio.com` or anything below it, served or not."""
    return len(host) <= 253 and _BELOW_TWILIO(host) is not None


def destination(host: str, path: str) -> Destination:
    """Where a request goes. Nothing is guessed: `/v1/…` with neither leads nowhere."""
    product = product_of(host)
    if product == "api" or (not product and path.startswith(API_ROOT)):
        if path[1:2] == "/":  # of a URL that was put together; Twilio takes it, on this host
            path = f"/{path.lstrip('/')}"
        return Destination("api", path, _API)
    if path.startswith(f"{CDN_ROOT}/"):
        return Destination("api", path, _API)
    if product == CDN:
        return Destination("api", CDN_ROOT + path, _API)
    if product == EVENT_SCHEMAS:
        return _event_schemas(path)
    if product:
        served = product if product != TWILIONOTIFY else ""
        return Destination(served, path, f"{product}.twilio.com")
    first, slash, rest = path[1:].partition("/")
    if first == EVENT_SCHEMAS and slash:
        return _event_schemas(f"/{rest}")
    if first == TWILIONOTIFY and slash:
        return Destination(first, f"/{rest}", first)
    if slash and (first in SHORT_NAMES or first in ELSEWHERE):
        return Destination(first, f"/{rest}", f"{first}.twilio.com")
    return Destination("", path, _API)


def names(host: str, path: str, where: Destination) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hosts and paths that a request may be called by: as it was sent, and as Twilio has it.

    They are the same where it was sent to a host of Twilio's, and where no product was meant.
    """
    if not where.product or product_of(host):
        return (host,), (path,)
    return (host, where.domain), (path, where.path)


def _event_schemas(path: str) -> Destination:
    return Destination("events", f"/{EVENT_SCHEMAS}{path}", f"{EVENT_SCHEMAS}.twilio.com")
