"""A sandbox's tables, written on pages, and what changed on them."""

from collections.abc import Iterator
from typing import Any, Final

from mockserver.world.media_table import MediaTable
from mockserver.world.notify.tables import NOTIFICATIONS, NotifyTables
from mockserver.world.opt_out_table import OptOutTable
from mockserver.world.state.forms import FOLDERS, PLAIN
from mockserver.world.state.pages import Change, Folders, Page, PageList, PageSet
from mockserver.world.tables import MessageTable, Tables, Unit

MAILINGS: Final = ("operations", "profile_stores", "cohorts")

APART: Final = ("messages", "deliveries", *MAILINGS)
"""Pages that have a form of their own in the file."""

MARKED: Final = {NOTIFICATIONS: "notify_progress", "operations": "operations"}
"""Pages with records that change in place, by what units call them."""


class Book:
    """The pages of one sandbox."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.folders = {name: Folders() for name in FOLDERS}
        self.callbacks = self.page("callbacks")
        notify = NotifyTables(self.page)
        notify.bindings, notify.users = (
            self.folders[name] for name in ("notify_bindings", "notify_users")
        )
        notify.deliveries = self.pages["notify_deliveries"] = PageList()
        self.pages["gets"] = PageSet()
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
        self._ordinary = [(name, page) for name, page in self.pages.items() if name not in APART]

    def page(self, name: str) -> Page:
        """An empty one."""
        page = self.pages[name] = Page()
        return page

    def mark(self, unit: Unit) -> None:
        """Note what changed in place."""
        for table, key, _ in unit.rows:
            if (name := MARKED.get(table)) is not None:
                self.pages[name].changed.setdefault(key, False)

    @property
    def mailed(self) -> bool:
        """Whether an operation, a store or a cohort changed since it was last read off."""
        return any(self.pages[name].changed for name in MAILINGS)

    def changes(self) -> Iterator[tuple[str, Change]]:
        """What changed since then on all pages but those `APART`, by the page's name."""
        for name, page in self._ordinary:
            if page.changed:
                yield from ((name, change) for change in page.changes())
        for name, folders in self.folders.items():
            if folders.changed:
                yield from ((f"{name}/{part}", change) for part, change in folders.changes())

    def clean(self) -> None:
        """What the pages have by now is no change."""
        for _ in self.changes():
            pass
        for name in APART:
            self.pages[name].changed.clear()
