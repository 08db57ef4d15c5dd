"""What is missing, and formats that need more than a schema. Source: the Messages resource."""

import json
from urllib.parse import urlsplit

from mockserver.domain import errors
from mockserver.domain.addresses import BadAddress, parse_from
from mockserver.domain.creation.draft import Draft
from mockserver.domain.errors import Problem
from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.sids import is_sid
from mockserver.domain.text import length_utf16


def sender_given(draft: Draft) -> Problem | None:
    form = draft.form
    if "From" in form or "MessagingServiceSid" in form:
        return None
    return None if "FallbackFrom" in form else errors.MISSING_SENDER  # that one has 21666


def content_given(draft: Draft) -> Problem | None:
    form = draft.form
    if "Body" in form or "MediaUrl" in form or "ContentSid" in form:
        return None
    sender = str(form.get("From", ""))
    by_sms = "MessagingServiceSid" not in form and ":" not in sender and not is_sid(sender, "MG")
    return errors.MISSING_BODY if by_sms else errors.MISSING_CONTENT


def body_fits(draft: Draft) -> Problem | None:
    body = draft.form.get("Body", "")
    if len(body) <= BODY_LIMIT // 2 or length_utf16(body) <= BODY_LIMIT:
        return None
    return errors.BODY_TOO_LONG


def media_fits(draft: Draft) -> Problem | None:
    """URLs with a host, and a port where there is one; the schema has seen that they begin so."""
    urls = draft.form.get("MediaUrl", ())
    return None if all(map(_is_url, urls)) else errors.INVALID_MEDIA_URL


def _is_url(text: str) -> bool:
    try:
        split = urlsplit(text)
        named = bool(split.hostname) and split.port != 0
    except ValueError:
        return False
    return named and not any(map(str.isspace, text))


def variables_fit(draft: Draft) -> Problem | None:
    """A JSON object of texts, none empty, none with a line break or a tab."""
    text = draft.form.get("ContentVariables")
    if text is None:
        return None
    if "ContentSid" not in draft.form:
        return errors.MISSING_CONTENT_SID
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return errors.INVALID_CONTENT_VARIABLES
    fits = isinstance(values, dict) and all(map(_is_variable, values.values()))
    return None if fits else errors.INVALID_CONTENT_VARIABLES


def _is_variable(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not set(value) & set("\n\r\t")


def fallback_fits(draft: Draft) -> Problem | None:
    """`FallbackFrom` goes with a Messaging Service alone, and is a sender of text messages."""
    form = draft.form
    if "FallbackFrom" not in form:
        return None
    sender = str(form.get("From", ""))
    if sender and not is_sid(sender, "MG"):
        return errors.FALLBACK_FROM_WITH_FROM
    if not sender and "MessagingServiceSid" not in form:
        return errors.FALLBACK_FROM_NEEDS_SERVICE
    try:
        kind = parse_from(form["FallbackFrom"]).kind
    except BadAddress:
        return errors.INVALID_FALLBACK_FROM
    return errors.INVALID_FALLBACK_FROM if kind in ("channel", "service") else None
