"""`ScheduleType` and `SendAt`. Source: docs on message scheduling; errors pages 35111 to 35126."""

from datetime import UTC, datetime, timedelta
from typing import Final

from mockserver.domain import errors
from mockserver.domain.creation.draft import Draft
from mockserver.domain.errors import Problem
from mockserver.domain.message import SECOND
from mockserver.domain.sids import is_sid

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def fits(draft: Draft) -> Problem | None:
    """A time within the window, for a Messaging Service that has not too much to send already."""
    form = draft.form
    if form.get("ScheduleType") != "fixed":
        return None
    if not (text := form.get("SendAt")):
        return errors.SEND_AT_MISSING
    if "MessagingServiceSid" not in form and not is_sid(form.get("From", ""), "MG"):
        return errors.SCHEDULE_NEEDS_SERVICE
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return errors.SEND_AT_OUTSIDE_WINDOW
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    draft.send_at = (moment - EPOCH) // timedelta(microseconds=1)
    ahead, options = (draft.send_at - draft.now) / SECOND, draft.options
    if not options.send_at_min <= ahead <= options.send_at_max:
        return errors.SEND_AT_OUTSIDE_WINDOW
    most = options.scheduled_max
    full = draft.known.scheduled(draft.account.sid, most) >= most
    return errors.TOO_MANY_SCHEDULED if full else None
