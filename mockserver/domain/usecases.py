"""What a Messaging Service may say that it is used for."""

from typing import Final

SERVICE_USECASES: Final = (
    (
        "notifications",
        "Transactional notifications and Alerts for any Delivery, Account, Reminder, Order, Fraud,"
        " Security, Public Service, or Emergency announcements.",
        "Notify my users.",
    ),
    (
        "marketing",
        "Marketing messages may contain product information, offers, and calls to action to engage"
        " with your organization.",
        "Market my services.",
    ),
    ("verification", "One-time codes that show who somebody is.", "Verify my users."),
    ("discussion", "Conversations between people, to and fro.", "Discuss with my users."),
    ("poll", "Questions that recipients answer, such as surveys and votes.", "Poll my users."),
    ("undeclared", "Nothing was said about its use.", "Undeclared."),
)
"""Use case, description, purpose.

Source: the example in the OpenAPI description of Services/Usecases for the first two; the words of
the others are ours.
"""
