"""A sandbox comes back out of the file, and goes on where it was."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockserver.world.beginning import resume
from mockserver.world.clock import Clock
from mockserver.world.events.delivery import Dispatch
from mockserver.world.house import BadState
from mockserver.world.notify.binding_table import BindingTable
from mockserver.world.notify.rows import Rows
from mockserver.world.notify.user_table import UserTable
from mockserver.world.sandbox import Plan, Sandbox
from mockserver.world.state import forms
from mockserver.world.state.audiences import MAILED, Records
from mockserver.world.state.file import StateFile, explained
from mockserver.world.state.ledger import Ledger
from mockserver.world.state.standing import PAGE, Stood
from mockserver.world.state.writer import Writer
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from mockserver.world.bulk.operation import Operation

NONSENSE: Final = (ValueError, LookupError, ImportError, sqlite3.DatabaseError)
"""What reading raises: what cannot be read or decoded, is not there, or needs what is not
installed."""

DERIVED: Final = frozenset({"gone", "media", "media_contents", "opt_outs", "gets", "callbacks"})
"""Pages of tables that have indexes besides: their records are added one by one."""

Read = dict[str, list[tuple[str, Any]]]
"""Keys and records, in order, by page."""


class KeptSandbox:
    """One of the file."""

    def __init__(self, plan: Plan, number: int, file: StateFile, writer: Writer) -> None:
        """Raise `msgspec.DecodeError`, `ScenarioError` or `KeyError` for what makes no sense."""
        self.plan, self._number, self._file = plan, number, file
        self._mailed = defaultdict[str, dict[str, bytes]](dict)
        self._stood, self._records, last = self._read()
        self.ledger = Ledger(number, writer, last)

    def _read(self) -> tuple[Stood, Read, int]:
        stood, records, last = Stood(), defaultdict[str, list[tuple[str, Any]]](list), 0
        for page, key, place, content in self._file.rows(self._number):
            last = max(last, place)
            if page == PAGE:
                stood.read(key, content)
            elif page.partition("/")[0] in MAILED:
                self._mailed[page][key] = content
            else:
                records[page].append((key, forms.read(page, content)))
        return stood, records, last

    @property
    def clock(self) -> Clock:
        """As it was, or where the wall has come to meanwhile."""
        kept = self._stood.clock
        return Clock(self.plan.mode, self.plan.start) if kept is None else kept.clock()

    @property
    def routes(self) -> dict[str, tuple[str, str]]:
        """The webhook map."""
        return dict(self._stood.routes.routes)

    def fill(self, sandbox: Sandbox) -> None:
        """Fill the tables of one that was just framed, and book what it still has to do.

        Raise `BadState` for what makes no sense.
        """
        try:
            self._fill(sandbox)
        except NONSENSE as wrong:
            raise nonsense(self._file, self.plan.id, wrong) from wrong

    def _fill(self, sandbox: Sandbox) -> None:
        if self._stood.rules is not None:
            self._stood.rules.put(sandbox.rules)
        tables = sandbox.tables
        self._fill_plain(tables)
        self._fill_folders(tables)
        self._fill_derived(tables)
        sandbox.accounts.bar()
        mailings = self.ledger.scribe.mailings if self._mailed else None
        found = mailings.come_back(Records(self._mailed), sandbox) if mailings is not None else []
        with self.ledger.book.unnoted():
            self._fill_messages(sandbox, (each for _, each in found))
        _go_on(sandbox)
        for returning, operation in found:
            sandbox.bulk.resume(operation, returning.under_way(operation))
        self.ledger.book.clean()
        if mailings is not None:
            mailings.know()
        _post(self.ledger, sandbox)

    def _fill_plain(self, tables: Tables) -> None:
        pages, course = self.ledger.book.pages, self._stood.course
        if course is not None:
            tables.course.since, tables.course.taken = course.since, course.taken
            tables.course.switched.update(course.switched)
        self._put_places_back()
        for page, records in self._records.items():
            if page not in pages or page in DERIVED:
                continue
            pages[page].clear()
            if page == "notify_deliveries":
                pages[page] += [record for _, record in sorted(records, key=_by_place)]
            else:
                pages[page].update(records)

    def _put_places_back(self) -> None:
        """Of a notification, whom it means stands apart from how far it has come."""
        places = dict(self._records.pop("notify_places", ()))
        found = self._records["notify_progress"]
        self._records["notify_progress"] = [
            (sid, replace(progress, places=places.get(sid, ()))) for sid, progress in found
        ]
        self.ledger.scribe.know_places(places)

    def _fill_folders(self, tables: Tables) -> None:
        for page, records in self._records.items():
            name, _, part = page.partition("/")
            if name == "deleted":
                tables.deleted.setdefault(part, {}).update(records)
            elif name == "notify_bindings":
                _fill(tables.notify.bindings.setdefault(part, BindingTable()), records)
            elif name == "notify_users":
                _fill(tables.notify.users.setdefault(part, UserTable()), records)

    def _fill_derived(self, tables: Tables) -> None:
        unit, records = Unit(), self._records
        for _, opt_out in records["opt_outs"]:
            tables.opt_outs.add(opt_out, unit)
        tables.gets.update(sid for sid, _ in records["gets"])
        for digest, content in records.pop("media_contents", ()):
            tables.media.keep(digest, content, unit)
        for _, media in records["media"]:
            tables.media.add(media, None, unit)
        tables.media.leave_places(dict(records["media_places"]))
        for key, waiting in records["callbacks"]:
            self.ledger.callbacks.come_back(key, waiting)

    def _fill_messages(self, sandbox: Sandbox, operations: "Iterable[Operation]") -> None:
        """In the order in which they were made, those in columns between the others.

        Attempts of an operation that it does again leave their places behind.
        """
        table, engine = sandbox.tables.messages, sandbox.engine
        rows = merge(self._messages(), self._gone(), *map(_spans, operations), key=itemgetter(0))
        for ordinal, row in rows:
            table.places.skip_to(ordinal)
            if isinstance(row, str):
                table.places.add_gone(row, Unit())
            elif isinstance(row, tuple):
                message, delivery = row
                table.add(message, delivery, Unit())
                engine.book(message.sid, delivery)
            else:
                table.shelves.extend(row.head, row.count)

    def _messages(self) -> Iterator[tuple[int, Any]]:
        for ordinal, message, delivery in self._file.messages(self._number):
            yield ordinal, (forms.read_message(message), forms.read_delivery(delivery))

    def _gone(self) -> Iterator[tuple[int, Any]]:
        return iter(sorted((place, sid) for sid, place in self._records["gone"]))


def _go_on(sandbox: Sandbox) -> None:
    """What was under way beside single messages."""
    sandbox.regime.heed_rules()
    resume(sandbox)
    sandbox.regime.resume_weather()
    if sandbox.tables.subscriptions:
        sandbox.streams.refresh()
    if sandbox.ringing:
        from mockserver.world.caller_ids import CallerIds  # loaded where somebody is called

        CallerIds(sandbox).resume()


def _post(ledger: Ledger, sandbox: Sandbox) -> None:
    """The callbacks, and events, that nobody has answered yet."""
    for item in ledger.callbacks.every():
        if isinstance(item, Dispatch):
            sandbox.streams.resume(item)
        else:
            sandbox.outbox.queues.resume(item)
    gathered = list(ledger.gathered.values())
    ledger.gathered.clear()  # it comes again under other keys
    for each in gathered:
        sandbox.streams.gather_again(each)


def _spans(operation: "Operation") -> Iterator[tuple[int, Any]]:
    from mockserver.world.bulk.keeping import spans  # loaded with the first operation

    return ((span.first, span) for span in spans(operation))


def nonsense(file: StateFile, sandbox_id: str, wrong: Exception) -> BadState:
    """What is said of a sandbox that cannot be read."""
    if isinstance(wrong, sqlite3.DatabaseError):
        return explained(file.path, wrong)
    return BadState(f"{file.path}: sandbox {sandbox_id} makes no sense: {wrong}")


def _by_place(row: tuple[str, Any]) -> int:
    return int(row[0])


def _fill(table: Rows[Any], records: list[tuple[str, Any]]) -> None:
    """Records by place, and the SIDs of those that are gone."""
    for _, record in sorted(records, key=_by_place):
        if isinstance(record, str):
            table.leave_out(record)
        else:
            table.put(record)
