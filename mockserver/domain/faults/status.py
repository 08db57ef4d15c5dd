"""`{status: 503}`: an answer that does not come from Twilio's API, but from something before it."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.faults.headers import NO_HEADERS, Headers, check_headers, with_retry

BODILESS: Final = (204, 304)
"""Source: RFC 9110, 6.4.1."""


class StatusFault(msgspec.Struct, frozen=True):
    """A bare HTTP answer: no Twilio code."""

    status: int
    body: str | Mapping[str, Any] = ""
    """A mapping is answered as JSON."""
    content_type: str = ""
    """"": `text/plain`, or `application/json` for a mapping."""
    headers: Mapping[str, str] = NO_HEADERS
    retry_after: int = 0
    """Microseconds; 0: no such header."""

    def __post_init__(self) -> None:
        """Raise `ValueError` where HTTP does not allow it."""
        check_headers(self.headers)
        if self.body and self.status in BODILESS:
            raise ValueError(f"`body` does not go with the status {self.status}, which has none")

    @property
    def content(self) -> bytes:
        """The body as it is written."""
        return (self.body if isinstance(self.body, str) else json.dumps(dict(self.body))).encode()

    @property
    def kind(self) -> str:
        """The body's type."""
        usual = "text/plain" if isinstance(self.body, str) else "application/json"
        return self.content_type or usual

    @property
    def more(self) -> Headers:
        """Headers beside the usual ones."""
        return with_retry(self.headers, self.retry_after)
