"""What is missing, and formats that need more than a schema. Source: the Messages resource."""

import re
from itertools import starmap
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from mockserver.domain import errors
from mockserver.domain.addresses import BadAddress, parse_from
from mockserver.domain.creation.draft import Draft
from mockserver.domain.errors import Problem
from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.sids import is_sid
from mockserver.domain.text import length_utf16

if TYPE_CHECKING:
    from mockserver.domain.content import ContentTemplate


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


# Templates


VARIABLE_KEY: Final = 16
VARIABLE: Final = 1_600
"""Characters of a variable's key, and of its value. Source: Content API, using variables."""

_UNFIT: Final = re.compile(r"[\n\r\t]| {5}").search
"""What may not stand in a value. Source: error 21656."""


def template_known(draft: Draft) -> Problem | None:
    """The template must be one of the account's."""
    sid = draft.form.get("ContentSid")
    if sid is None or draft.known.template(draft.account, sid) is not None:
        return None
    return errors.INVALID_CONTENT_SID


def variables_fit(draft: Draft) -> Problem | None:
    """A JSON object of texts, none empty, none with a line break or a tab."""
    if "ContentVariables" not in draft.form:
        return None
    if "ContentSid" not in draft.form:
        return errors.MISSING_CONTENT_SID
    try:
        values = _variables(draft)
    except (msgspec.DecodeError, RecursionError):
        return errors.INVALID_CONTENT_VARIABLES
    fits = all(starmap(_is_variable, values.items()))
    return None if fits else errors.INVALID_CONTENT_VARIABLES


def _variables(draft: Draft) -> dict[str, str]:
    """Raise `msgspec.DecodeError`, `RecursionError` for what is no JSON object of texts.

    Half a pair of surrogates is no text either, so that what is read can be written again.
    """
    return msgspec.json.decode(draft.form.get("ContentVariables", "{}"), type=dict[str, str])


def _is_variable(key: str, value: str) -> bool:
    if not value or _UNFIT(value):
        return False
    return len(key) <= VARIABLE_KEY and len(value) <= VARIABLE


def template_fits(draft: Draft) -> Problem | None:
    """The recipient's channel must be able to show it, and what it shows must be a message.

    Fills in the draft's content.
    """
    sid = draft.form.get("ContentSid")
    template = draft.known.template(draft.account, sid) if sid is not None else None
    if template is None:
        return None
    from mockserver.domain.content.rendering import is_malformed, render  # few need it

    kind = template.type_for(draft.to.channel) or _on_rcs(draft, template)
    if not kind:
        return errors.CONTENT_NOT_ON_CHANNEL
    if is_malformed(template, kind):
        return errors.INVALID_CONTENT_VARIABLES
    content = draft.content = render(template, kind, _variables(draft))
    if length_utf16(content.body) > BODY_LIMIT:
        return errors.BODY_TOO_LONG
    return None if all(map(_is_url, content.media)) else errors.INVALID_MEDIA_URL


def _on_rcs(draft: Draft, template: "ContentTemplate") -> str:
    """What goes to a number when its service has a sender of RCS."""
    service = draft.known.service(draft.service_sid) if draft.service_sid else None
    rich = service is not None and any(each.startswith("rcs:") for each in service.senders)
    return template.type_for("rcs") if rich and draft.to.channel == "sms" else ""


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
