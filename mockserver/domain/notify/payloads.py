"""What a channel is handed for a notification: generic attributes, and its overrides on them.

Rendered once for a channel; the address is put in for each delivery. Sources: OpenAPI description
of the Notification resource and, of Alexa, its documents of 2019.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.addresses import is_phone_number
from mockserver.domain.message import SECOND
from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.documents import Document, merged, size
from mockserver.domain.notify.limits import APN_PAYLOAD, FCM_PAYLOAD
from mockserver.domain.notify.messenger import messenger_form
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.sms import message_form


class Payload(msgspec.Struct, frozen=True):
    """What all deliveries of a notification on one channel have in common."""

    channel: str
    document: Document
    """Without the address. Of sms: the parameters of a Message, by name."""
    headers: Mapping[str, str] = {}
    """Beside the document; APNs alone has some."""
    code: int = 0
    """What every delivery on this channel fails with; 0 for nothing."""


def render(
    ask: Ask, channel: str, service: NotifyService, at: int, apn_max: int = APN_PAYLOAD
) -> Payload:
    """What a channel is handed at a time, in microseconds; raise `KeyError` for an unknown one.

    APNs takes up to `apn_max` bytes; 52138.
    """
    payload = _RENDERERS[channel](ask, service, at)
    if channel == "apn" and not payload.code and size(payload.document) > apn_max:
        return replace(payload, code=52138)
    return payload


def addressed(payload: Payload, address: str) -> Document:
    """The document of one delivery; APNs and Alexa have the address in their URL, not in here."""
    if payload.channel in ("fcm", "gcm"):
        return {"to": address, **payload.document}
    if payload.channel == "sms":
        return {"To": address, **payload.document}
    if payload.channel == "facebook-messenger":
        kind = "phone_number" if is_phone_number(address) else "id"
        return {"recipient": {kind: address}, **payload.document}
    return dict(payload.document)


def _given(**attributes: Any) -> Document:
    """Those that are there: what is absent makes no key."""
    return {name: value for name, value in attributes.items() if value}


# FCM and GCM

_RESERVED: Final = ("from", "gcm")
"""Keys of `data` that belong to Google, as all do that begin with `google`; 52107."""


def _fcm(ask: Ask, _: NotifyService, at: int) -> Payload:
    return _google("fcm", ask, ask.fcm, {})


def _gcm(ask: Ask, _: NotifyService, at: int) -> Payload:
    return _google("gcm", ask, ask.gcm, _given(twi_action=ask.action))


def _google(channel: str, ask: Ask, override: Document | None, own: Document) -> Payload:
    generic = _given(twi_body=ask.body, twi_title=ask.title, twi_sound=ask.sound)
    data = {**generic, **own, **(ask.data or {})}
    document = {
        "priority": "high" if ask.priority == "high" else "normal",
        "time_to_live": ask.ttl,
        **_given(data=data),
    }
    document = merged(document, override or {})
    return Payload(channel, document, code=_google_problem(document))


def _google_problem(document: Document) -> int:
    data = document.get("data")
    keys = data if isinstance(data, dict) else ()
    if any(key in _RESERVED or key.startswith("google") for key in keys):
        return 52107
    return 52106 if size(document) > FCM_PAYLOAD else 0


# APNs

_PRIORITY: Final = {"high": "10", "low": "5"}


def _apn(ask: Ask, _: NotifyService, at: int) -> Payload:
    alert = _given(title=ask.title, body=ask.body)
    aps = _given(alert=alert, sound=ask.sound, category=ask.action)
    document = merged(merged(_given(aps=aps), ask.data or {}), ask.apn or {})
    headers = {
        "apns-priority": _PRIORITY[ask.priority],
        "apns-expiration": str(at // SECOND + ask.ttl if ask.ttl else 0),
    }
    return Payload("apn", document, headers, _apn_problem(ask))


def _apn_problem(ask: Ask) -> int:
    return 0 if any((ask.body, ask.sound, ask.action, ask.data, ask.apn)) else 52136


# Text messages, Messenger, Alexa


def _sms(ask: Ask, service: NotifyService, at: int) -> Payload:
    form = message_form(ask.body, ask.sms or {}, service.messaging_service_sid)
    return Payload("sms", form, code=_sms_problem(form))


def _sms_problem(form: Document) -> int:
    """52182 without a sender; without content what the create of a Message says to that."""
    if "MessagingServiceSid" not in form and "From" not in form:
        return 52182
    if form.get("Body") or form.get("MediaUrl"):
        return 0
    return 21602 if "From" in form else 21619


def _messenger(ask: Ask, service: NotifyService, at: int) -> Payload:
    """An override's own `body` is a text, as in documents before 2019."""
    override = dict(ask.facebook_messenger or {})
    text = override.pop("body", None)
    text = text if isinstance(text, str) and text else ask.body
    document = merged({"message": {"text": text}} if text else {}, override)
    code = _messenger_problem(document, service.facebook_messenger_page_id)
    return Payload("facebook-messenger", document, code=code)


def _messenger_problem(document: Document, page_id: str) -> int:
    """52203 for what makes no Message, 52202 without a page that it comes from."""
    form = messenger_form(document, page_id)
    if "Body" not in form and "MediaUrl" not in form:
        return 52203
    return 0 if page_id else 52202


def _alexa(ask: Ask, service: NotifyService, at: int) -> Payload:
    """That a text is `twi_body` in `data` is ours, after FCM."""
    shown = {"content": [{"title": ask.title, "toast": {"primaryText": ask.title}}]}
    data = {**_given(twi_body=ask.body), **(ask.data or {})}
    message = _given(displayInfo=shown if ask.title else None, data=data)
    document = merged(_given(request=_given(message=message)), ask.alexa or {})
    return Payload("alexa", document, code=_alexa_problem(document, service))


def _alexa_problem(document: Document, service: NotifyService) -> int:
    if not service.alexa_skill_id:
        return 52212
    return 0 if _has_title(document) else 52215


def _has_title(document: Any) -> bool:
    """Whether `request.message.displayInfo.content` has one."""
    for name in ("request", "message", "displayInfo", "content"):
        document = document.get(name) if isinstance(document, dict) else None
    contents = document if isinstance(document, list) else []
    return any(isinstance(each, dict) and each.get("title") for each in contents)


_RENDERERS: Final[Mapping[str, Callable[[Ask, NotifyService, int], Payload]]] = {
    "fcm": _fcm,
    "gcm": _gcm,
    "apn": _apn,
    "sms": _sms,
    "facebook-messenger": _messenger,
    "alexa": _alexa,
}
