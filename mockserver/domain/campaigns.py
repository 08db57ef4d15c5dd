"""US A2P campaigns: what they may be for, and which are not taken."""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.errors import CONFLICT, TwilioError, problem
from mockserver.domain.filings import DECIDED_STAGE, Filing, stage

BAD_BRAND: Final = problem(21717)
BAD_USECASE: Final = problem(21720)


def check_campaign(
    form: Mapping[str, Any], brand: Filing | None, other: Filing | None, now: int, *, strict: bool
) -> None:
    """Raise the `TwilioError` for a campaign that is not taken: 21720, 21717, 20409.

    `brand` is the one it names, if the account has it: it must be approved. One that is not known
    is taken for approved unless `strict`. `other` is the service's campaign: there is only one.
    """
    if form["UsAppToPersonUsecase"] not in USECASES:
        raise TwilioError(BAD_USECASE)
    if strict if brand is None else stage(brand, now) < DECIDED_STAGE:
        raise TwilioError(BAD_BRAND)
    if other is not None:
        raise TwilioError(CONFLICT)


CAMPAIGN_USECASES: Final = (
    (
        "2FA",
        "Two-Factor authentication (2FA)",
        "Two-Factor authentication, one-time use password, password reset",
        False,
    ),
    (
        "ACCOUNT_NOTIFICATION",
        "Account Notification",
        "All reminders, alerts, and notifications. (Examples include: flight delayed, hotel booked,"
        " appointment reminders.)",
        False,
    ),
    (
        "AGENTS_FRANCHISES",
        "Agents and Franchises",
        "For brands that have multiple agents, franchises or offices in the same brand vertical,"
        " but require individual localised numbers per agent/location/office.",
        True,
    ),
    (
        "CHARITY",
        "Charity",
        "Includes:  5013C Charity\nDoes not include: Religious organizations",
        False,
    ),
    (
        "PROXY",
        "Proxy",
        "Peer-to-peer app-based group messaging with proxy/pooled numbers (For example: GroupMe)\n"
        "Supporting personalized services and non-exposure of personal numbers for enterprise or"
        " A2P communications. (Examples include: Uber and AirBnb.)",
        True,
    ),
    (
        "CUSTOMER_CARE",
        "Customer Care",
        "All customer care messaging, including account management and support",
        False,
    ),
    (
        "DELIVERY_NOTIFICATION",
        "Delivery Notification",
        "Information about the status of the delivery of a product or service",
        False,
    ),
    (
        "EMERGENCY",
        "Emergency",
        "Notification services designed to support public safety / health during natural disasters,"
        " armed conflicts, pandemics and other national or regional emergencies",
        True,
    ),
    ("FRAUD_ALERT", "Fraud Alert Messaging", "Fraud alert notification", False),
    (
        "HIGHER_EDUCATION",
        "Higher Education",
        "For campaigns created on behalf of Colleges or Universities and will also include School"
        ' Districts etc that fall outside of any "free to the consumer" messaging model',
        False,
    ),
    (
        "K12_EDUCATION",
        "K-12 Education",
        "Campaigns created for messaging platforms that support schools from grades K-12 and"
        " distance learning centers. This is not for Post-Secondary schools.",
        True,
    ),
    (
        "LOW_VOLUME",
        "Low Volume Mixed",
        "Low throughput, any combination of use-cases. Examples include:  test, demo accounts",
        False,
    ),
    (
        "MARKETING",
        "Marketing",
        "Any communication with marketing and/or promotional content",
        False,
    ),
    (
        "MIXED",
        "Mixed",
        "Mixed messaging reserved for specific consumer service industry",
        False,
    ),
    (
        "POLITICAL",
        "Political",
        "Part of organized effort to influence decision making of specific group. All campaigns to"
        " be verified",
        False,
    ),
    ("POLLING_VOTING", "Polling and voting", "Polling and voting", False),
    (
        "PUBLIC_SERVICE_ANNOUNCEMENT",
        "Public Service Announcement",
        "An informational message that is meant to raise the audience awareness about an important"
        " issue",
        False,
    ),
    (
        "SECURITY_ALERT",
        "Security Alert",
        "A notification that the security of a system, either software or hardware, has been"
        " compromised in some way and there is an action you need to take",
        False,
    ),
    (
        "SOCIAL",
        "Social",
        "Communication within or between closed communities (For example: influencers alerts)",
        True,
    ),
    ("SWEEPSTAKE", "Sweepstake", "Sweepstake", True),
)
"""Code, name, description, and whether carriers approve it afterwards.

Source: the example in the OpenAPI description of Usa2p/Usecases.
"""

SOLE_PROPRIETOR: Final = "SOLE_PROPRIETOR"
"""The use case, and the type of brand, of whoever has no tax number; not listed, but taken."""

USECASES: Final = frozenset({row[0] for row in CAMPAIGN_USECASES} | {SOLE_PROPRIETOR})

OPT_OUT_MESSAGE: Final = (
    "You have successfully been unsubscribed. You will not receive any more messages from this"
    " number. Reply START to resubscribe."
)
HELP_MESSAGE: Final = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
OPT_OUT_KEYWORDS: Final = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT")
HELP_KEYWORDS: Final = ("HELP", "INFO")
"""What a campaign has that was filed without. Source: the example of just that, in the OpenAPI
description of Usa2p.
"""

RATE_LIMITS: Final[Mapping[bool, Mapping[str, Mapping[str, Any]]]] = {
    False: {"att": {"mps": 600, "msg_class": "A"}, "tmobile": {"brand_tier": "TOP"}},
    True: {"att": {"mps": 0.25, "msg_class": "A"}, "tmobile": {"brand_tier": "LOW"}},
}
"""What carriers allow; `True` for a sole proprietor's. Source: examples of the same."""
