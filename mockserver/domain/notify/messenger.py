"""Messages on Messenger: the parameters of the Message that is made of each delivery."""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.notify.documents import Document

PREFIX: Final = "messenger:"
"""Of the addresses of Messenger's Messages."""


def messenger_form(document: Mapping[str, Any], page_id: str) -> Document:
    """The parameters of each Message but for `To`: what a Message can hold of a Send API document.

    That is its text, else that of a template that it attaches (of a list, the titles), and the URL
    of an attached file. Without any of these there is no `Body` and no `MediaUrl`.
    """
    message = _object(document, "message")
    attached = _object(_object(message, "attachment"), "payload")
    text = _text(message, "text") or _text(attached, "text") or _titles(attached)
    url = _text(attached, "url")
    form: Document = {"From": f"{PREFIX}{page_id}"}
    if text:
        form["Body"] = text
    if url:
        form["MediaUrl"] = [url]
    return form


def _titles(template: Mapping[str, Any]) -> str:
    elements = template.get("elements")
    found = elements if isinstance(elements, list) else []
    titles = (_text(each, "title") for each in found if isinstance(each, dict))
    return "\n".join(filter(None, titles))


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
