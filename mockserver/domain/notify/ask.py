"""What a request for a notification asks for: read, checked, and frozen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from mockserver.domain.errors import (
    DIRECT_AND_QUERY,
    NO_RECIPIENT,
    Problem,
    TwilioError,
)
from mockserver.domain.notify.documents import Document, read_object
from mockserver.domain.notify.forms import check, not_convertible
from mockserver.domain.notify.limits import TTL
from mockserver.domain.notify.recipients import Recipient, read_recipients
from mockserver.domain.notify.sms import fits_sms

KIND: Final = "Notification"


class Ask(msgspec.Struct, frozen=True):
    """A notification as it was asked for; "" and `None` stand for what was not given."""

    identities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    """Direct ones; with them there are no identities, tags or segments."""
    body: str = ""
    title: str = ""
    sound: str = ""
    action: str = ""
    data: Document | None = None
    priority: str = "high"
    """`high` or `low`."""
    ttl: int = TTL
    """Seconds; 0: one attempt at once."""
    apn: Document | None = None
    fcm: Document | None = None
    gcm: Document | None = None
    sms: Document | None = None
    facebook_messenger: Document | None = None
    alexa: Document | None = None
    delivery_callback_url: str = ""


FIELDS: Final[Mapping[str, str]] = {
    "Identity": "identities",
    "Tag": "tags",
    "Segment": "segments",
    "Body": "body",
    "Title": "title",
    "Sound": "sound",
    "Action": "action",
    "Priority": "priority",
    "Ttl": "ttl",
    "DeliveryCallbackUrl": "delivery_callback_url",
}
"""Parameters, and what each sets; those of JSON are in `DOCUMENTS`."""

DOCUMENTS: Final[Mapping[str, str]] = {
    "Data": "data",
    "Apn": "apn",
    "Fcm": "fcm",
    "Gcm": "gcm",
    "Sms": "sms",
    "FacebookMessenger": "facebook_messenger",
    "Alexa": "alexa",
}

QUERY: Final = ("Identity", "Tag", "Segment")
"""Parameters that choose among a service's bindings."""

FORBIDDEN: Final[Mapping[str, frozenset[str]]] = {
    "Fcm": frozenset({"to", "registration_ids", "condition", "notification_key"}),
    "Gcm": frozenset({"to", "registration_ids", "notification_key"}),
    "FacebookMessenger": frozenset({"recipient"}),
}
"""Keys that would send it elsewhere. Source: OpenAPI description of the Notification resource."""

RESERVED: Final = "twi_"
"""How no custom key may begin. Source: the same."""

CUSTOM: Final = ("Data", "Apn", "Fcm", "Gcm")
"""Parameters that have custom keys."""


def read_ask(
    form: Mapping[str, Any], wrong: Sequence[str] = (), breaches: Sequence[Problem] = ()
) -> Ask:
    """The request that typed parameters make; raise the `TwilioError` that refuses it.

    52302 for too many recipients, 20001 for all else.
    """
    check(KIND, form, (), wrong, breaches)
    direct = "ToBinding" in form
    if direct and any(name in form for name in QUERY):
        raise TwilioError(DIRECT_AND_QUERY)
    if not direct and not any(name in form for name in QUERY):
        raise TwilioError(NO_RECIPIENT)
    fields = {FIELDS[name]: _frozen(value) for name, value in form.items() if name in FIELDS}
    for name, field in DOCUMENTS.items():
        if name in form:
            fields[field] = _document(name, form[name])
    return Ask(recipients=_recipients(form.get("ToBinding", ())), **fields)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _document(name: str, text: str) -> Document:
    document = read_object(text)
    if document is None or not _allowed(name, document):
        raise not_convertible(KIND, name)
    return document


def _recipients(texts: Sequence[str]) -> tuple[Recipient, ...]:
    recipients = read_recipients(texts)
    if recipients is None:
        raise not_convertible(KIND, "ToBinding")
    return recipients


def _allowed(name: str, document: Document) -> bool:
    """Whether a parameter's JSON has no key that it may not have, and sms only what fits."""
    if not FORBIDDEN.get(name, frozenset()).isdisjoint(document):
        return False
    if name in CUSTOM and any(key.startswith(RESERVED) for key in _custom_keys(name, document)):
        return False
    return name != "Sms" or fits_sms(document)


def _custom_keys(name: str, document: Document) -> Sequence[str]:
    """Those of its root, and of FCM and GCM those of `data` too."""
    data = document.get("data") if name in ("Fcm", "Gcm") else None
    return [*document, *(data if isinstance(data, dict) else ())]
