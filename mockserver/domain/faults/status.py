"""`{status: 503}`: an answer that does not come from Twilio's API, but from something before it."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from mockserver.domain.faults.headers import NO_HEADERS, Headers, with_retry


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
