"""Moves notifications on the sandbox's clock, some recipients at a time.

A slice is an event like any other; what is left goes on as soon as others had their turn.
"""

from typing import Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.magic import UNINSTALLED
from mockserver.domain.notify.notifications import Notification, Progress
from mockserver.world.accounts import Accounts
from mockserver.world.driver import SLICE
from mockserver.world.notify.handing import Handing, Run
from mockserver.world.notify.tables import BINDINGS, NOTIFICATIONS
from mockserver.world.notify.telling import Telling
from mockserver.world.outbox import Outbox
from mockserver.world.patience import PatientEngine
from mockserver.world.tables import Tables, Unit

ROWS: Final = 50
"""Recipients dealt with before other work gets its turn: one to two milliseconds."""

AT_ONCE: Final = 1_000
"""Recipients that are dealt with before the next command looks; more of them, between commands."""


class Work:
    """What happens to the notifications of one sandbox."""

    def __init__(
        self,
        tables: Tables,
        accounts: Accounts,
        engine: PatientEngine,
        outbox: Outbox,
        handing: Handing,
        telling: Telling,
    ) -> None:
        self._tables, self._accounts, self._engine = tables, accounts, engine
        self._outbox, self._handing, self._telling = outbox, handing, telling
        self.listeners = telling.listeners
        """Each is told of every delivery as it happens."""
        self._runs: dict[str, Run] = {}
        """Notifications under way."""
        self._left = 0
        """Recipients of these that are still to be dealt with."""
        self._crowded = False
        """Whether a large one, or what it sent, may still be under way."""
        engine.burdens.append(self._is_heavy)

    def begin(self, notification: Notification, progress: Progress, unit: Unit) -> None:
        """Take one that was accepted; until its response is written, nothing goes out."""
        self._tables.notify.notifications[notification.sid] = notification
        self._tables.notify.progress[notification.sid] = progress
        unit.put(NOTIFICATIONS, notification.sid, (notification, progress))
        self._outbox.hold(notification.sid)
        self._book(notification, progress)
        self._telling.accepted(notification)

    def resume(self) -> None:
        """Go on with what came from a snapshot."""
        for sid, progress in self._tables.notify.progress.items():
            if not progress.over:
                self._book(self._tables.notify.notifications[sid], progress)

    def _book(self, notification: Notification, progress: Progress) -> None:
        left = progress.recipients - progress.done
        self._left += left
        self._crowded |= left > AT_ONCE
        self._engine.clock.book(notification.created_at, self._step, notification.sid)

    def _is_heavy(self) -> bool:
        if self._crowded and not self._left:
            engine = self._engine
            self._crowded = engine.today.pending - engine.clock.appointments.count > AT_ONCE
        return self._crowded

    def _step(self, sid: str, at: int) -> None:
        """Deal with some of a notification's recipients."""
        progress, run = self._tables.notify.progress[sid], self._run(sid)
        first, unit = progress.done, self._engine.unit
        progress.done = min(first + ROWS, progress.recipients)
        for number in range(first, progress.done):
            self._deliver(run, progress, number, unit)
        self._left -= progress.done - first
        if progress.done < progress.recipients:
            self._engine.go_on((at, self._step, sid), SLICE)
        else:
            self._telling.finished(run, progress, unit)
            progress.over, progress.places = True, ()
            del self._runs[sid]
        unit.put(NOTIFICATIONS, sid, (run.notification, progress))

    def _run(self, sid: str) -> Run:
        if (run := self._runs.get(sid)) is None:
            notification = self._tables.notify.notifications[sid]
            account = self._accounts.find(notification.account_sid)
            account = account or Account(notification.account_sid)
            run = self._runs[sid] = self._handing.begin(notification, account)
        return run

    def _deliver(self, run: Run, progress: Progress, number: int, unit: Unit) -> None:
        """To one recipient, unless its binding is gone or used no more."""
        told, binding = run.notification, None
        if told.ask.recipients:
            direct = told.ask.recipients[number]
            channel, address = direct.binding_type, direct.address
        else:
            binding = self._binding(told, progress.places[number])
            if binding is None or binding.inactive:
                return
            channel, address = binding.binding_type, binding.address
        made, text = self._handing.hand(run, number, channel, address, binding, unit)
        if made.error_code:
            progress.failed += 1
        else:
            progress.sent += 1
        if binding is not None and made.error_code == UNINSTALLED:
            self._put_out_of_use(binding, unit)
        self._telling.delivered(run, progress, number, made, text, unit)

    def _binding(self, told: Notification, place: int) -> Binding | None:
        table = self._tables.notify.bindings.get(told.service.sid)
        return table.at(place) if table is not None else None

    def _put_out_of_use(self, binding: Binding, unit: Unit) -> None:
        """Its provider says that it is used no more."""
        gone = replace(binding, inactive=True)
        self._tables.notify.bindings[binding.service_sid].put(gone)
        unit.put(BINDINGS, gone.sid, gone)
