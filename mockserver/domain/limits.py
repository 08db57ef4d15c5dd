"""Numbers copied from Twilio, each with its unit and its source."""

from typing import Final

BODY_LIMIT: Final = 1_600
"""UTF-16 code units in `Body`, as it was sent; more is refused with 21617.

Source: error 21617, API docs; that the unit is this one is inferred (emoji count as several).
"""

GSM_SINGLE: Final = 160
"""Septets in a message of one segment. Source: Twilio's segment calculator (GSM 03.38)."""
GSM_JOINED: Final = 153
"""Septets in each segment of a longer message, whose header takes 6 bytes. Source: the same."""
UCS_SINGLE: Final = 70
"""UTF-16 code units in a message of one segment. Source: the same."""
UCS_JOINED: Final = 67
"""UTF-16 code units in each segment of a longer message. Source: the same."""

MEDIA_LIMIT: Final = 10
"""`MediaUrl` parameters in one message; more is refused with 21623. Source: API docs."""

SEND_AT_MIN: Final = 300
"""Seconds from the create to `SendAt`, inclusive; 35114. Source: errors page 35114, 2025/26."""
SEND_AT_MAX: Final = 3_024_000
"""Seconds (35 days), inclusive; 35114. Source: the same."""

PAGE_SIZE_DEFAULT: Final = 50
"""Records in a page when `PageSize` is absent, not a number, or below 1. Source: API docs."""
PAGE_SIZE_MAX: Final = 1_000
"""Records in a page; a larger `PageSize` is refused with 20007. Source: error dictionary, 20007."""

DELETABLE_AFTER_SENT: Final = 3_600
"""Seconds after which a message that stays `sent` may be deleted. Source: reports of users."""

SCHEDULED_MAX: Final = 500_000
"""Messages that an account may have scheduled at a time; 35125. Source: docs on scheduling."""
