"""What a run saw, made up."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.handles.records import ApiCall, Callback, HttpResponse, Message, Step
from mockserver.running.seen import IGNORED, Clock, Seen

AT = datetime(2026, 12, 1, 20, 15, 1, 250_000, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\x1b[31m\x00\ud800\u202e&amp;\"'"


def sent(**values: Any) -> Message:
    """A message that was delivered."""
    usual: dict[str, Any] = {
        "sid": "SM1",
        "channel": "sms",
        "from_": "+15017122661",
        "to": "+14155552671",
        "body": "Ahoy",
        "status": "delivered",
        "created_at": AT,
        "timeline": [Step("queued", AT)],
    }
    return Message(**{**usual, **values})


def called(status: int = 201, **values: Any) -> ApiCall:
    """A call of the API."""
    usual: dict[str, Any] = {
        "method": "POST",
        "host": "api.twilio.com",
        "path": "/2010-04-01/X.json",
        "response": HttpResponse(status, body=values.pop("body", "")),
        "at": AT,
    }
    return ApiCall(**{**usual, **values})


def posted(status: int | None = 200, **values: Any) -> Callback:
    """An attempt at a webhook."""
    usual: dict[str, Any] = {
        "id": "CB1",
        "kind": "status",
        "status": "delivered",
        "message_sid": "SM1",
        "method": "POST",
        "url": "http://app/hook",
        "response_status": status,
        "idempotency_token": "t1",
        "at": AT,
    }
    return Callback(**{**usual, **values})


def counted(seen: Seen) -> Seen:
    """With totals that say there was nothing else."""
    from dataclasses import replace

    totals = {
        "messages": len(seen.messages),
        "requests": len(seen.calls),
        "callbacks": len(seen.callbacks),
    }
    return replace(seen, totals=totals)


@pytest.fixture
def good() -> Seen:
    """A run in which all went well."""
    return counted(Seen([sent()], [called()], [posted()]))


@pytest.fixture
def bad() -> Seen:
    """One of everything that can go wrong, in words that want to break out."""
    ignored = f"`{EVIL}` is not a parameter {IGNORED}"
    return counted(
        Seen(
            [sent(), sent(sid="SM2", body=EVIL, to=EVIL, status="failed", error_code=30003)],
            [
                called(400, error=21211, body='{"message": "Invalid \'To\'"}'),
                called(201, warnings=[ignored, "something else"], path=f"/{EVIL}"),
                called(404, host="verify.twilio.com", path="/v2/Services", served=False),
            ],
            [posted(500), posted(None, error=EVIL, attempt=2)],
            clock=Clock("real", "2026-12-01T20:15:02Z", 2, "2026-12-01T21:00:00Z", True),
            others={"sb-1": Clock("manual", "now", 1, "then", False)},
            gone=2,
        )
    )
