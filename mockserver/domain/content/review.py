"""What WhatsApp looks at before it approves a template.

Source: Content API, pages about variables and quick replies. That nothing else matters, that a name
with `reject` in it is rejected, and the words behind `INVALID_FORMAT.` are ours.
"""

import re
from typing import Final

from msgspec.structs import replace

from mockserver.domain.content.submission import Submission
from mockserver.domain.content.template import CHANNELS, ContentTemplate
from mockserver.domain.personalising.placeholders import PLACEHOLDER

IN_SESSIONS_ALONE: Final = frozenset({"twilio/list-picker"})
"""Types that cannot be handed in. Source: the page about list pickers."""

MAGIC: Final = "reject"
"""In the name of a template: it is rejected."""

CATEGORY: Final = "UTILITY"
"""Of a template whose approval was set up."""

_LEADING: Final = re.compile(rf"\s*{PLACEHOLDER}").match
_TRAILING: Final = re.compile(rf"{PLACEHOLDER}\s*\Z").search
_ADJACENT: Final = re.compile(rf"{PLACEHOLDER}\s*{PLACEHOLDER}").search


def submittable(template: ContentTemplate) -> str:
    """The type that is handed in: the richest that WhatsApp may approve; "" where there is none."""
    fitting = (name for name, places in CHANNELS.items() if "whatsapp" in places)
    found = [name for name in fitting if name in template.types and name not in IN_SESSIONS_ALONE]
    return found[-1] if found else ""


def submission_of(template: ContentTemplate) -> Submission:
    """What was handed in, made up where only WhatsApp's answer was set up; empty for nothing."""
    if template.submission is not None:
        return template.submission
    if template.approval == "unsubmitted":
        return Submission("", "", "")
    name = re.sub("[^a-z0-9]+", "_", template.friendly_name.lower()).strip("_")
    return Submission(name or template.sid.lower(), CATEGORY, submittable(template))


def next_word(template: ContentTemplate, wait: int, *, rejects: bool) -> ContentTemplate:
    """A template when what it waited for was due: taken up, or decided `wait` microseconds later.

    With `rejects`, against it.
    """
    given = submission_of(template)
    if template.approval == "received":
        taken_up = replace(given, due=given.due + wait)
        return replace(template, approval="pending", submission=taken_up)
    reason = "The mock was told to reject templates." if rejects else _objection(template, given)
    decided = replace(given, due=0, rejection_reason=reason)
    approval = "rejected" if reason else "approved"
    return replace(template, approval=approval, submission=decided)


def _objection(template: ContentTemplate, given: Submission) -> str:
    """What WhatsApp has against a template; "" for nothing."""
    if MAGIC in given.name:
        return f"The name has `{MAGIC}` in it, which this mock rejects."
    kind = given.content_type
    if kind not in template.types or kind == "whatsapp/authentication":
        return ""
    body = template.types[kind].get("body") or template.words(kind)
    faults = _misplaced(body) if isinstance(body, str) else ()
    if missing := template.unfilled(kind):
        faults = (*faults, f"there is no sample for {', '.join(missing)}")
    return f"INVALID_FORMAT. In this template {'; '.join(faults)}." if faults else ""


def _misplaced(body: str) -> tuple[str, ...]:
    found = (
        (_LEADING, "the body begins with a variable"),
        (_TRAILING, "the body ends with a variable"),
        (_ADJACENT, "two variables are next to each other"),
    )
    return tuple(said for looks, said in found if looks(body))
