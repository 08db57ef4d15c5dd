"""A `TwilioError` as Twilio's answer: the one place that builds error bodies."""

import json
from typing import Any

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.call import Reply


def refusal(error: TwilioError) -> Reply:
    """Status, body and headers; the keys in the order in which they were captured."""
    document: dict[str, Any] = {"code": error.code}
    if error.detail:
        document["detail"] = error.detail
    document |= {"message": error.message, "more_info": error.more_info, "status": error.status}
    headers = (("X-Twilio-Error-Code", str(error.code)), *_challenge(error.status))
    return Reply(error.status, json.dumps(document).encode(), error=error.code, headers=headers)


def _challenge(status: int) -> tuple[tuple[str, str], ...]:
    return (("WWW-Authenticate", 'Basic realm="Twilio API"'),) if status == 401 else ()
