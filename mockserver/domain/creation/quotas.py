"""How much an account may send: limits of trial accounts, off unless an option sets them."""

from mockserver.domain import errors
from mockserver.domain.creation.draft import Draft
from mockserver.domain.errors import Problem
from mockserver.domain.message import SECOND

DAY = 86_400 * SECOND


def within(draft: Draft) -> Problem | None:
    """Messages of a day (UTC), and in all. Source: errors 63038 and 30454."""
    daily, total = draft.options.daily_messages, draft.options.total_messages
    if not daily and not total:
        return None
    sid, today = draft.account.sid, draft.now - draft.now % DAY
    if daily and draft.known.sent(sid, today) >= daily:
        return errors.DAILY_LIMIT
    return errors.TRIAL_LIMIT if total and draft.known.sent(sid, 0) >= total else None
