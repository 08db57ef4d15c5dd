"""A sandbox's tables, written on pages, and what changed on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from mockserver.world.media_table import MediaTable
from mockserver.world.notify.tables import NOTIFICATIONS, NotifyTables
from mockserver.world.opt_out_table import OptOutTable
from mockserver.world.state.forms import FOLDERS, PLAIN
from mockserver.world.state.pages import Blank, Change, Dirty, Folders, Page, PageList, PageSet
from mockserver.world.tables import MessageTable, Tables, Unit

MAILINGS: Final = ("operations", "profile_stores", "cohorts")

IN_LEAVES: Final = ("messages", "deliveries")
"""What is on several pages, `messages/7` and so on; it has a form of its own in the file, and so
have `MAILINGS`."""

MARKED: Final = {NOTIFICATIONS: "notify_progress", "operations": "operations"}
"""Pages with records that change in place, by what units call them."""


class Book:
    """The pages of one sandbox."""

    def __init__(self) -> None:
        self._dirty: Dirty = []
        self._leaves: dict[str, list[Page]] = {name: [] for name in IN_LEAVES}
        """Those that changed."""
        self._kind: type[Blank] = Page
        self.pages: dict[str, Any] = {}
        self.folders = {name: Folders(name, self._dirty) for name in FOLDERS}
        self.callbacks, self.gathered = self.page("callbacks"), self.page("gathered")
        self.ringing = self.page("ringing")
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
        self._mailings = [self.pages[name] for name in MAILINGS]

    def page(self, name: str) -> Page:
        """An empty one."""
        dirty: Any = self._leaves.get(name.partition("/")[0], self._dirty)
        page = self.pages[name] = Page(name, dirty)
        if dirty is not self._dirty:
            _turn(page, self._kind)
        return page

    @contextmanager
    def unnoted(self) -> Iterator[None]:
        """What changes in leaves is not noted in here: a million records are put in half the time.

        The very dictionaries are filled, since tables hold them: so it is their class that changes.
        """
        self._turn_into(Blank)
        try:
            yield
        finally:
            self._turn_into(Page)

    def _turn_into(self, kind: type[Blank]) -> None:
        self._kind = kind
        for name, page in self.pages.items():
            if name.partition("/")[0] in IN_LEAVES:
                _turn(page, kind)

    def leaves(self, name: str) -> list[Page]:
        """Those that changed since the last time."""
        found = self._leaves[name][:]
        self._leaves[name].clear()
        return found

    def beside(self, leaf: Page) -> Page:
        """The leaf of deliveries for one of messages, or the other way."""
        name, _, end = leaf.name.partition("/")
        one, other = IN_LEAVES
        found: Page = self.pages[f"{other if name == one else one}/{end}"]
        return found

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
        """What changed since the last time on all pages but leaves and `MAILINGS`, which are to be
        read off before."""
        dirty = self._dirty[:]
        self._dirty.clear()
        for each in dirty:
            yield from each.changes()

    def clean(self) -> None:
        """What the pages have by now is no change."""
        for page in self._mailings:
            page.changed.clear()
        for name in IN_LEAVES:
            for page in self.leaves(name):
                page.changed.clear()
        for _ in self.changes():
            """The file has it."""


def _turn(page: Page, kind: type[Blank]) -> None:
    page.__class__ = kind  # type: ignore[assignment]
