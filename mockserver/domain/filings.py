"""What is filed with Twilio and reviewed: US A2P brands and campaigns, toll-free verifications.

All pass their review, and every review takes the same time; days at Twilio.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.message import SECOND

TAKEN_UP: Final = 5 * SECOND
"""Microseconds until somebody looks at a filing; ours."""
DECIDED: Final = 30 * SECOND
"""Microseconds until it is decided; ours."""

STAGES: Final[Mapping[str, tuple[str, str, str]]] = {
    "BN": ("PENDING", "IN_REVIEW", "APPROVED"),
    "QE": ("PENDING", "IN_PROGRESS", "VERIFIED"),
    "HH": ("PENDING_REVIEW", "IN_REVIEW", "TWILIO_APPROVED"),
    "VT": ("PENDING", "PENDING", "SUCCESS"),
}
"""Status when filed, when taken up and when decided, by the prefix of its SID.

Source: OpenAPI descriptions of the resources.
"""

BRAND: Final = "BN"
CAMPAIGN: Final = "QE"
VERIFICATION: Final = "HH"
VETTING: Final = "VT"


class Filing(msgspec.Struct, frozen=True):
    """One thing that was filed, as it was filed."""

    sid: str
    account_sid: str
    form: dict[str, Any] = {}
    """Parameters by name."""
    of: str = ""
    """The service that a campaign is for, or the brand that was vetted."""
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0
    """When it was last handed in; the review begins anew."""

    @property
    def kind(self) -> str:
        """The prefix of its SID."""
        return self.sid[:2]


DECIDED_STAGE: Final = 2
"""Of the three, the last."""


def stage(filing: Filing, now: int) -> int:
    """How far the review is: 0 filed, 1 taken up, 2 decided. A mock brand is decided at once."""
    waited = now - filing.updated_at
    if waited >= DECIDED or (filing.kind == BRAND and filing.form.get("Mock")):
        return DECIDED_STAGE
    return 1 if waited >= TAKEN_UP else 0


def status(filing: Filing, now: int) -> str:
    """In Twilio's words."""
    return STAGES[filing.kind][stage(filing, now)]


def changed_at(filing: Filing, now: int) -> int:
    """When it was handed in, or its review last came a step further, in microseconds."""
    if filing.kind == BRAND and filing.form.get("Mock"):
        return filing.updated_at
    return filing.updated_at + (0, TAKEN_UP, DECIDED)[stage(filing, now)]
