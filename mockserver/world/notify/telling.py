"""Tells what becomes of notifications: alerts, delivery callbacks, the feed, the delivery log."""

from collections.abc import Callable
from typing import Final

from mockserver.domain.notify.callbacks import MOST, callback_params
from mockserver.domain.notify.notifications import Notification, NotifyDelivery, Progress
from mockserver.domain.signature import sign
from mockserver.domain.titles import TITLES
from mockserver.world.alerts import Alarms
from mockserver.world.dice import Dice
from mockserver.world.journal import Journal
from mockserver.world.notify.handing import Run
from mockserver.world.notify.tables import DELIVERIES
from mockserver.world.ports import Parcel, Posting
from mockserver.world.tables import Tables, Unit

NOBODY: Final = 52301
NO_USERS: Final = 52307
"""Warnings: nobody was chosen, because nobody is in the segments. Source: error dictionary."""

Listener = Callable[[Notification, NotifyDelivery], None]
"""Told of every delivery as it happens."""


class Telling:
    """That of one sandbox."""

    __slots__ = ("_alarms", "_dice", "_journal", "_tables", "listeners")

    def __init__(self, tables: Tables, dice: Dice, alarms: Alarms, journal: Journal) -> None:
        self._tables, self._dice, self._alarms, self._journal = tables, dice, alarms, journal
        self.listeners: list[Listener] = []

    def accepted(self, told: Notification) -> None:
        """A notification was accepted."""
        if self._journal.watched:
            who = {"sid": told.sid, "account_sid": told.account_sid, "at": told.created_at}
            self._journal.tell("notification", lambda: {**who, "service_sid": told.service.sid})

    def delivered(
        self, run: Run, progress: Progress, number: int, made: NotifyDelivery, text: str, unit: Unit
    ) -> None:
        """The `number`-th delivery was made, or failed for what `text` says."""
        told = run.notification
        if made.error_code:
            self._alert(told, number, made.error_code, text)
        if told.service.log_enabled and made.is_kept:
            deliveries = self._tables.notify.deliveries
            unit.put(DELIVERIES, str(len(deliveries)), made)
            deliveries.append(made)
        if told.callback_url:
            if len(progress.pending) == MOST:
                self._call_back(run, progress, unit, final=False)
            progress.pending.append(made)
        for listener in self.listeners:
            listener(told, made)
        if self._journal.watched:
            self._journal.tell("delivery", lambda: _summary(told, made))

    def finished(self, run: Run, progress: Progress, unit: Unit) -> None:
        """All recipients were dealt with."""
        told = run.notification
        if not progress.sent and not progress.failed:
            code = NO_USERS if self._is_memberless(told) else NOBODY
            self._alert(told, 0, code, TITLES[code])
        if told.callback_url:
            self._call_back(run, progress, unit, final=True)

    def _alert(self, told: Notification, number: int, code: int, text: str) -> None:
        """An alert about the `number`-th delivery."""
        whose, at = told.account_sid, told.created_at
        self._alarms.undelivered(whose, f"{told.sid}/{number}", told.sid, at, code, text)

    def _is_memberless(self, told: Notification) -> bool:
        """Whether it names segments that nobody is in."""
        users = self._tables.notify.users.get(told.service.sid)
        segments = told.ask.segments
        return bool(segments) and not (users is not None and users.gathered(segments))

    def _call_back(self, run: Run, progress: Progress, unit: Unit, *, final: bool) -> None:
        """Report what is pending; it goes out once it is kept."""
        told, number, pending = run.notification, progress.told, progress.pending
        progress.told, progress.pending = number + 1, []
        url, params = told.callback_url, callback_params(told, pending, number, final=final)
        parcel = Parcel(
            kind="notify",
            url=url,
            method="POST",
            params=params,
            signature=sign(url, params, run.account.signing_token),
            idempotency_token=self._dice.uuid("idempotency", f"{told.sid}/{number}"),
            account_sid=told.account_sid,
            message_sid=told.sid,
        )
        unit.notices.append(Posting(parcel, due=told.created_at))


def _summary(told: Notification, made: NotifyDelivery) -> dict[str, object]:
    return {
        "notification_sid": told.sid,
        "account_sid": told.account_sid,
        "channel": made.channel,
        "address": made.address,
        "status": made.status,
        "sid": made.sid or None,
        "error_code": made.error_code or None,
        "at": made.at,
    }
