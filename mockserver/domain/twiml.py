"""TwiML: what an application answers to an inbound message, read into replies and a redirect.

Source: Twilio's docs on TwiML for messaging (`<Message>`, `<Redirect>`, and `<Sms>`, the old name),
its error dictionary. That white space around a text goes, and that only the first `<Body>` counts,
is ours. XML comes from strangers: entities and whatever is external are refused.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from mockserver.domain.limits import MEDIA_LIMIT

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SIZE_LIMIT: Final = 65_536
"""Bytes of a document; this many or more are alert 11750. Source: its text, "over 64 kB"."""

Complaint = tuple[int, str]
"""An alert's code and a sentence; the rest of the document is carried out."""


class TwimlError(Exception):
    """A document that cannot be carried out at all."""

    def __init__(self, code: int, reason: str) -> None:
        """`code` is Twilio's alert code."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Reply(msgspec.Struct, frozen=True):
    """One `<Message>`, as it is written: nothing is resolved, nothing is checked."""

    body: str = ""
    media: tuple[str, ...] = ()
    to: str = ""
    """"" for whoever wrote."""
    from_: str = ""
    """"" for the number that was written to."""
    status_callback: str = ""
    """`action`, else `statusCallback`; may be relative to the document's address."""
    method: str = "POST"
    """Of the status callbacks."""


class Script(msgspec.Struct, frozen=True):
    """What a document says is to be done, in order: the replies, then the redirect."""

    replies: tuple[Reply, ...] = ()
    redirect: str | None = None
    """Where the next document is; may be relative to this one's address, or ""."""
    redirect_method: str = "POST"
    warnings: tuple[Complaint, ...] = ()


def parse(body: bytes, content_type: str) -> Script:
    """What an answer says; raise `TwimlError` and nothing else.

    `content_type` is the header, "" where there is none. An empty answer says nothing, whatever its
    type; a plain text is one reply.
    """
    if len(body) >= SIZE_LIMIT:
        raise TwimlError(11750, f"the answer is larger than {SIZE_LIMIT // 1024} kB")
    if not body.strip():
        return Script()
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == "text/plain":
        return Script((Reply(_plain(body, parameters)),))
    if kind not in XML_TYPES:
        named = f"the content type is {kind!r}" if kind else "the answer has no Content-Type"
        raise TwimlError(12300, f"{named}; TwiML is text/xml")
    return _script(_root(body))


XML_TYPES: Final = frozenset({"text/xml", "application/xml", "text/html"})

_CHARSETS: Final = frozenset({"us-ascii", "iso-8859-1", "windows-1252", "utf-16"})
"""What a plain text may be in; everything else is read as UTF-8."""


def _plain(body: bytes, parameters: str) -> str:
    named = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters, re.IGNORECASE)
    charset = named[1].lower() if named else ""
    return body.decode(charset if charset in _CHARSETS else "utf-8", "replace").strip()


# The document

_VERSION: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s+version\s*=\s*[\"']([^\"']*)").match


def _root(body: bytes) -> "Element":
    """The `<Response>`."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.ElementTree import fromstring

    version = _VERSION(body)
    if version and version[1] != b"1.0":
        raise TwimlError(12101, f"XML {version[1].decode('utf-8', 'replace')} instead of 1.0")
    try:
        root: Element = fromstring(body)
    except ParseError as broken:
        raise TwimlError(12100, f"the document is not well-formed XML: {broken}") from None
    except (ValueError, LookupError) as refused:  # entities; encodings that nobody knows
        raise TwimlError(12100, f"the document is refused: {refused}") from None
    if root.tag != "Response":
        raise TwimlError(12102, f"the document's root is <{root.tag}>; it must be <Response>")
    return root


def _script(root: "Element") -> Script:
    """Everything up to the first redirect; what stands behind it is never reached."""
    warnings = [*_attributes(root, ()), *_loose(root)]
    replies: list[Reply] = []
    for verb in root:
        if verb.tag == "Redirect":
            warnings += [*_attributes(verb, ("method",)), *_childless(verb)]
            method = _method(verb, warnings)
            return Script(tuple(replies), _text(verb), method, tuple(warnings))
        if verb.tag in ("Message", "Sms"):
            replies.append(_reply(verb, warnings))
        else:
            warnings.append((12200, f"<{verb.tag}> is no verb of TwiML for messages"))
            warnings.append((14110, f"<{verb.tag}>: use Message or Redirect"))
    return Script(tuple(replies), warnings=tuple(warnings))


_ATTRIBUTES: Final = ("to", "from", "action", "method", "statusCallback")


def _reply(verb: "Element", warnings: list[Complaint]) -> Reply:
    parts: dict[str, list[str]] = {"Body": [], "Media": []}
    warnings += _attributes(verb, _ATTRIBUTES)
    for noun in verb:
        if noun.tag in parts and verb.tag == "Message":
            parts[noun.tag].append(_text(noun))
            warnings += [*_attributes(noun, ()), *_childless(noun)]
        else:
            warnings.append((12200, f"<{noun.tag}> does not belong into <{verb.tag}>"))
    warnings += _counted(parts)
    bodies, media = parts["Body"], [url for url in parts["Media"] if url]
    return Reply(
        body=bodies[0] if bodies else _own_text(verb),
        media=tuple(media[:MEDIA_LIMIT]),
        to=verb.get("to", "").strip(),
        from_=verb.get("from", "").strip(),
        status_callback=(verb.get("action") or verb.get("statusCallback") or "").strip(),
        method=_method(verb, warnings),
    )


def _counted(parts: Mapping[str, list[str]]) -> Iterator[Complaint]:
    if len(parts["Body"]) > 1:
        yield 12200, "<Message> has several <Body>: the first counts"
    if len(parts["Media"]) > MEDIA_LIMIT:
        yield 12200, f"<Message> has more than {MEDIA_LIMIT} <Media>: the first ones count"
    if not all(parts["Media"]):
        yield 12200, "<Media> is empty"


def _attributes(element: "Element", known: tuple[str, ...]) -> Iterator[Complaint]:
    for name in element.attrib:
        if name not in known:
            yield 12200, f"<{element.tag}> has no attribute {name}"


def _loose(root: "Element") -> Iterator[Complaint]:
    if text := _own_text(root):
        yield 12200, f"the text {text[:40]!r} stands in <Response> itself; put it into <Message>"


def _childless(element: "Element") -> Iterator[Complaint]:
    for child in element:
        yield 12200, f"<{child.tag}> does not belong into <{element.tag}>"


def _method(verb: "Element", warnings: list[Complaint]) -> str:
    method = verb.get("method", "POST").strip().upper()
    if method in ("GET", "POST"):
        return method
    warnings.append((14104, f"<{verb.tag}> has the method {method!r}; POST is used"))
    return "POST"


def _text(element: "Element") -> str:
    return "".join(element.itertext()).strip()


def _own_text(element: "Element") -> str:
    """The text that stands in an element itself, around its children."""
    return "".join((element.text or "", *(child.tail or "" for child in element))).strip()
