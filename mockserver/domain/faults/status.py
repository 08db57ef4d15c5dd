"""`{status: 503}`: an answer that does not come from Twilio's API, but from something before it."""

import msgspec


class StatusFault(msgspec.Struct, frozen=True):
    """A bare HTTP answer: no Twilio code, and no JSON unless `body` is some."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
