"""What Twilio's Monitor calls an alert: its level, and its text, which is a form of its own.

Sources: captured alerts of 2014 to 2026; the headings of the error dictionary's pages.
"""

from typing import Final

from mockserver.domain.forms import encode_form
from mockserver.domain.titles import TITLES

LEVELS: Final = ("error", "warning", "notice", "debug")
"""What `LogLevel` may ask for. Alerts of messaging are of the first two."""

WARNINGS: Final = frozenset(
    {11321, 12200, 14109, 21609, 21711, 30105, 63046}
    | {52116, 52147, 52301, 52303, 52304, 52305, 52307, 52401}
)
"""Codes whose alerts are warnings; all others are errors.

Source: the dictionary's headings ("WARNING - 12200"); for 21609 a captured notification.
"""

RETRIEVAL: Final = range(11200, 11300)
"""Codes of a webhook that did not answer as it should: their texts say what it answered."""

COMPONENT: Final = "14100"
"""`sourceComponent` of alerts about messaging webhooks. Source: captured alerts."""

NO_ANSWER: Final = 502
"""`httpResponse` where nobody answered. Source: captured alerts (11210, 2018)."""


def level(code: int) -> str:
    """`error` or `warning`."""
    return "warning" if code in WARNINGS else "error"


def call_text(code: int, said: str) -> str:
    """`alert_text` of an API call that was refused, or of a message that failed."""
    return encode_form((*_level(code), ("Msg", said), ("ErrorCode", str(code))))


def webhook_text(code: int, said: str, url: str, status: int | None) -> str:
    """`alert_text` about a webhook, or a file of a message.

    `status` is the HTTP answer, 0 for none, `None` where it is not known. `said` stands in where
    the dictionary has no title for the code.
    """
    fetched = code in RETRIEVAL
    answered = fetched and status is not None
    return encode_form(
        (
            ("EmailNotification", "false"),
            *_level(code),
            ("sourceComponent", COMPONENT),
            ("Msg", TITLES.get(code, said)),
            *((("httpResponse", str(status or NO_ANSWER)),) if answered else ()),
            ("ErrorCode", str(code)),
            *((("url", url),) if fetched else ()),
        )
    )


def _level(code: int) -> tuple[tuple[str, str], ...]:
    return (("LogLevel", "WARN" if code in WARNINGS else "ERROR"),)
