"""Text messages of a notification: the parameters of the Message that is made of each delivery."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.domain.notify.documents import Document


def _text(value: object) -> bool:
    return isinstance(value, str)


def _price(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


ATTRIBUTES: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "body": ("Body", _text),
    "media_urls": ("MediaUrl", _texts),
    "media_url": ("MediaUrl", _text),
    "status_callback": ("StatusCallback", _text),
    "max_price": ("MaxPrice", _price),
    "from": ("From", _text),
}
"""Attributes of `Sms`, the parameter that each becomes, and what it must be.

Sources: OpenAPI description; of `media_url` and `from` the documents before it. Others are ignored.
"""


def fits_sms(document: Mapping[str, Any]) -> bool:
    """Whether every known attribute is what it must be; null stands for none."""
    return all(
        fits(document[name])
        for name, (_, fits) in ATTRIBUTES.items()
        if document.get(name) is not None
    )


def message_form(body: str, sms: Mapping[str, Any], messaging_service_sid: str) -> Document:
    """The parameters of each Message but for `To`; without a sender where there is none.

    `sms` is what `fits_sms` allows; its `from` goes before the service, its `body` before `body`.
    """
    form: Document = {"Body": body} if body else {}
    media: list[str] = []
    for name, (parameter, _) in ATTRIBUTES.items():
        value = sms.get(name)
        if value is None:
            continue
        if parameter == "MediaUrl":
            media += value if isinstance(value, list) else [value]
        else:
            form[parameter] = str(value)
    if media:
        form["MediaUrl"] = media
    if messaging_service_sid and "From" not in form:
        form["MessagingServiceSid"] = messaging_service_sid
    return form
