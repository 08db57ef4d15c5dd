"""The v2010 API's XML, made from its JSON: a path without `.json` answers so.

Source: answers captured from the API (TwilioDevEd/api-snippets).
"""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_PAGING = ("page", "page_size", "uri", "first_page_uri", "previous_page_uri", "next_page_uri")
_WORDS = {"sms": "SMS", "mms": "MMS"}
"""Elements of `Capabilities` that are not written as the others are."""
_UNSUITED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), 65533)
"""Characters that XML cannot hold."""
_RETURN = {"\r": "&#13;"}
"""What a parser would take for a line feed."""


def to_xml(body: bytes, name: str) -> bytes:
    """A JSON answer as XML; `name` is the element for a single resource."""
    document = json.loads(body)
    key = next((key for key, value in document.items() if isinstance(value, list)), None)
    if "code" in document:
        inner = _element("RestException", document)
    elif key is not None:
        inner = _listing(document, key)
    else:
        inner = _element(name, document)
    text = f"<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse>{inner}</TwilioResponse>"
    return text.encode("utf-8", "replace")


def _element(name: str, value: Any) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, dict):
        words = _WORDS if name == "Capabilities" else {}
        children = "".join(
            _element(words.get(key) or _camel(key), _plain(key, item))
            for key, item in value.items()
        )
        return f"<{name}>{children}</{name}>"
    if isinstance(value, bool):
        value = "true" if value else "false"
    return f"<{name}>{escape(str(value).translate(_UNSUITED), _RETURN)}</{name}>"


def _listing(document: dict[str, Any], key: str) -> str:
    """The container with lower-case attributes, and one element a record of those at `key`.

    What has no pages has its `uri` alone.
    """
    container = _camel(key)
    attributes = " ".join(
        f"{name.replace('_', '')}={quoteattr(_attribute(document[name]))}"
        for name in _PAGING
        if name in document
    )
    name = container.removesuffix("List").removesuffix("s")
    name = f"{name[:-2]}y" if name.endswith("ie") else name
    items = "".join(_element(name, item) for item in document[key])
    return f"<{container} {attributes}>{items}</{container}>"


def _attribute(value: Any) -> str:
    return "" if value is None else str(_plain("uri", value))


def _plain(key: str, value: Any) -> Any:
    """The path of a URI loses its `.json`."""
    if key.endswith("uri") and isinstance(value, str):
        path, mark, query = value.partition("?")
        return path.removesuffix(".json") + mark + query
    if key == "subresource_uris":
        return {name: _plain("uri", uri) for name, uri in value.items()}
    return value


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
