"""A `TwilioError` as Twilio's answer: the one place that builds error bodies."""

import json
from typing import Any

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.call import Reply


def refusal(error: TwilioError, _: bool = False) -> Reply:
    """Status, body and headers; the keys in the order in which they were captured."""
    return reply(error, flat(error))


def flat(error: TwilioError) -> dict[str, Any]:
    """The body that all hosts but a few have."""
    document: dict[str, Any] = {"code": error.code}
    if error.detail:
        document["detail"] = error.detail
    return document | {
        "message": error.message,
        "more_info": error.more_info,
        "status": error.status,
    }


def reply(error: TwilioError, document: dict[str, Any], *more: tuple[str, str]) -> Reply:
    """A refusal with the body that its host gives it; `more` headers after those of all."""
    headers = (("X-Twilio-Error-Code", str(error.code)), *_challenge(error.status), *more)
    return Reply(error.status, json.dumps(document).encode(), error=error.code, headers=headers)


def _challenge(status: int) -> tuple[tuple[str, str], ...]:
    return (("WWW-Authenticate", 'Basic realm="Twilio API"'),) if status == 401 else ()
