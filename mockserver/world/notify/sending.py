"""Sends notifications: accepts what is asked, and leaves the rest to the clock."""

from itertools import count, islice, takewhile

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TOO_MANY_REQUESTS, TwilioError
from mockserver.domain.message import SECOND
from mockserver.domain.notify.ask import KIND, Ask
from mockserver.domain.notify.forms import check_tags
from mockserver.domain.notify.notifications import Notification, Progress
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.sids import mint
from mockserver.world.notify.bindings import Bindings
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


async def send(
    sandbox: Sandbox, account: Account, service: NotifyService, ask: Ask
) -> Notification:
    """Accept a notification, and choose whom it means; they are written to on the clock.

    Raise `TwilioError` 20001 for too many tags, 20429 for too many notifications within a second.
    The reply must release its SID, as `Reply.release` does: until then no callback leaves.
    """
    options = sandbox.rules.options
    check_tags(KIND, ask.tags, options.notify_tags)
    sandbox.engine.catch_up()
    if options.notify_per_second:
        _limit(sandbox, service, options.notify_per_second)
    sid, now, unit = _free(sandbox, service, ask), sandbox.clock.now(), Unit()
    places = () if ask.recipients else tuple(Bindings(sandbox, service).chosen(ask))
    told = Notification(sid, account.sid, service, ask, now)
    sandbox.accounts.come_into_being(account, unit)
    sandbox.notifying.begin(told, Progress(len(ask.recipients) or len(places), places), unit)
    try:
        await sandbox.engine.commit(unit)
    except BaseException:
        sandbox.outbox.release(sid)
        raise
    return told


def _limit(sandbox: Sandbox, service: NotifyService, most: int) -> None:
    """Refuse where the last second had as many of a service as it may."""
    now = sandbox.clock.now()
    every = reversed(sandbox.tables.notify.notifications.values())
    latest = takewhile(lambda told: told.created_at > now - SECOND, every)
    own = (told for told in latest if told.service.sid == service.sid)
    if next(islice(own, most - 1, None), None) is not None:
        raise TwilioError(TOO_MANY_REQUESTS)


def _free(sandbox: Sandbox, service: NotifyService, ask: Ask) -> str:
    """A SID of what is asked and how often that was before, so that arrival is no matter."""
    said = f"{service.sid} {msgspec.json.encode(ask).decode()}"
    key = sandbox.dice.of("notification", said).hex()
    sids = (mint("NT", sandbox.dice.of("notification", f"{key} {n}")) for n in count())
    return next(each for each in sids if each not in sandbox.tables.notify.notifications)
