"""A sandbox's tables, written on pages, and what changed on them."""

from collections.abc import Iterator
from typing import Any, Final

from mockserver.world.media_table import MediaTable
from mockserver.world.notify.tables import NOTIFICATIONS, NotifyTables
from mockserver.world.opt_out_table import OptOutTable
from mockserver.world.state.forms import FOLDERS, PLAIN
from mockserver.world.state.pages import Change, Dirty, Folders, Page, PageList, PageSet
from mockserver.world.tables import MessageTable, Tables, Unit

MAILINGS: Final = ("operations", "profile_stores", "cohorts")

APART: Final = ("messages", "deliveries", *MAILINGS)
"""Pages that have a form of their own in the file."""

MARKED: Final = {NOTIFICATIONS: "notify_progress", "operations": "operations"}
"""Pages with records that change in place, by what units call them."""


class Book:
    """The pages of one sandbox."""

    def __init__(self) -> None:
        self._dirty: Dirty = []
        self.pages: dict[str, Any] = {}
        self.folders = {name: Folders(name, self._dirty) for name in FOLDERS}
        self.callbacks, self.gathered = self.page("callbacks"), self.page("gathered")
        notify = NotifyTables(self.page)
        notify.bindings = self.folders["notify_bindings"]
        notify.users = self.folders["notify_users"]
        notify.deliveries = self.pages["notify_deliveries"] = PageList(
            (), "notify_deliveries", self._dirty
        )
        self.pages["gets"] = PageSet("gets", self._dirty)
        plain: dict[str, Any] = {name: self.page(name) for name in (*PLAIN, *MAILINGS)}
        self.tables = Tables(
            messages=MessageTable(self.page),
            media=MediaTable(paper=self.page),
            deleted=self.folders["deleted"],
            notify=notify,
            opt_outs=OptOutTable(self.page),
            gets=self.pages["gets"],
            **plain,
        )
        self._apart = [self.pages[name] for name in APART]
        self._mailings = [self.pages[name] for name in MAILINGS]

    def page(self, name: str) -> Page:
        """An empty one."""
        page = self.pages[name] = Page(name, self._dirty)
        return page

    def mark(self, unit: Unit) -> None:
        """Note what changed in place."""
        for table, key, _ in unit.rows:
            if table in MARKED:
                self.pages[MARKED[table]].touch(key)

    @property
    def mailed(self) -> bool:
        """Whether an operation, a store or a cohort changed since it was last read off."""
        return any(page.changed for page in self._mailings)

    def changes(self) -> Iterator[Change]:
        """What changed since the last time on all pages but those `APART`, which are to be read
        off before."""
        dirty = self._dirty[:]
        self._dirty.clear()
        for each in dirty:
            yield from each.changes()

    def clean(self) -> None:
        """What the pages have by now is no change."""
        for page in self._apart:
            page.changed.clear()
        for _ in self.changes():
            """The file has it."""
