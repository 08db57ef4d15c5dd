"""What is wrong with an answer to an inbound webhook, told apart by the probe whose business it is.

Source of the codes: Twilio's error dictionary.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.domain.twiml import SIZE_LIMIT, XML_TYPES, Reply, Script, TwimlError, parse
from mockserver.edge.probe.exchange import Heard

LONGEST_REPLY: Final = 1_600
"""Characters. Source: error 21617."""

MOST_REPLIES: Final = 10
"""Source: error 14109."""

Flaws = Mapping[str, str]
"""What is wrong, by the id of the probe that looks for it."""

_PAGE: Final = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE).match

_PROBE_OF: Final = {11750: "twiml-size", 12102: "twiml-root"}
"""Whose business an error is that keeps a document from being carried out."""


def flaws(heard: Heard) -> Flaws:
    """Everything that keeps Twilio from doing what the answer says; empty answers have no flaws."""
    body = heard.body
    if not body.strip():
        return {}
    if len(body) >= SIZE_LIMIT:
        return {"twiml-size": f"the answer is larger than {SIZE_LIMIT // 1024} kB (11750)"}
    if _PAGE(body):
        return {"twiml-not-html": f"the answer is an HTML page: {_shown(body)}"}
    found: dict[str, str] = {}
    content_type = heard.content_type
    if kind(heard) not in (*XML_TYPES, "text/plain"):
        named = repr(content_type) if content_type else "missing"
        found["twiml-content-type"] = f"the Content-Type is {named} (12300)"
        if not body.lstrip().startswith(b"<"):
            return found
        content_type = "text/xml"
    return {**found, **_document(body, content_type)}


def kind(heard: Heard) -> str:
    """The content type, without its parameters."""
    return heard.content_type.partition(";")[0].strip().lower()


def replies(heard: Heard) -> tuple[Reply, ...]:
    """What the handset would get; nothing from what cannot be carried out."""
    try:
        said = parse(heard.body, heard.content_type).replies
    except TwimlError:
        return ()
    return tuple(each for each in said if each.body or each.media)


def _document(body: bytes, content_type: str) -> Flaws:
    try:
        script = parse(body, content_type)
    except TwimlError as error:
        probe = _PROBE_OF.get(error.code, "twiml-well-formed")
        return {probe: f"{error.reason} ({error.code}): {_shown(body)}"}
    told = {
        "twiml-verbs": [f"{text} ({code})" for code, text in script.warnings],
        "twiml-replies": list(_reply_flaws(script)),
    }
    return {probe: "; ".join(texts) for probe, texts in told.items() if texts}


def _reply_flaws(script: Script) -> Iterator[str]:
    if len(script.replies) > MOST_REPLIES:
        yield f"{len(script.replies)} replies; only the first {MOST_REPLIES} go out (14109)"
    for reply in script.replies:
        if len(reply.body) > LONGEST_REPLY:
            yield f"a reply of {len(reply.body)} characters; {LONGEST_REPLY} are allowed (14103)"
        elif not reply.body and not reply.media:
            yield "a <Message> with neither text nor media (14103)"


def _shown(body: bytes) -> str:
    text = body[:60].decode("utf-8", "replace")
    return repr(text) + ("…" if len(body) > 60 else "")
