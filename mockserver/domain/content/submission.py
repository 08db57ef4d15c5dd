"""What was handed in to WhatsApp about a template, and what WhatsApp may say of it.

Source: Content API, approval requests.
"""

from typing import Final, Literal, get_args

import msgspec

Approval = Literal[
    "unsubmitted", "received", "pending", "approved", "rejected", "paused", "disabled"
]
"""What WhatsApp says of a template."""

APPROVALS: Final[tuple[str, ...]] = get_args(Approval)

NEXT: Final[dict[str, Approval]] = {"received": "pending", "pending": "approved"}
"""What becomes of it by itself, unless it is rejected."""

FIXED: Final = frozenset({"received", "pending", "approved"})
"""While WhatsApp says so, the template cannot be changed. That it can be otherwise, is ours."""


class Submission(msgspec.Struct, frozen=True):
    """One request for approval."""

    name: str
    """What the template is called at WhatsApp."""
    category: str
    """`UTILITY`, `MARKETING` or `AUTHENTICATION`; formerly others."""
    content_type: str
    """Which of the template's types was handed in; "" for none that can be."""
    allow_category_change: bool = True
    rejection_reason: str = ""
    at: int = 0
    """Microseconds."""
    due: int = 0
    """When WhatsApp says the next thing by itself, in microseconds; 0: it does not."""
