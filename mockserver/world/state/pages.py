"""Dictionaries, sets and lists that know what changed in them since somebody last looked.

A sandbox that is kept has its tables made of these, so that whatever a command or a tick changes is
found, whoever changed it. What is taken out with `popitem` is not noted: only who frees tables that
nobody uses any more does that.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from mockserver.world.notify.rows import Rows

GONE: Final = object()
"""In place of the record of a key that is no longer there."""


class Change(NamedTuple):
    """What became of one key."""

    page: str
    key: str
    record: Any
    """`GONE` where it is not there any more."""
    fresh: bool
    """Whether the key was put behind all others."""


class Changing(Protocol):
    """What changed, and says how."""

    def changes(self) -> Iterator[Change]:
        """What changed since the last time, in the order in which new keys came."""


Dirty = list[Changing]
"""What changed since somebody last looked; whatever changes puts itself there, once."""


class Blank(dict[str, Any]):
    """A page while nobody wants to know what changes on it."""

    __slots__ = ("changed", "dirty", "name")


class Page(Blank):
    """A table whose records are never changed in place."""

    __slots__ = ()

    def __init__(self, name: str, dirty: Dirty) -> None:
        super().__init__()
        self.name, self.dirty = name, dirty
        self.changed: dict[str, bool] = {}
        """Whether the key is a new one, or was put again after it had gone."""

    def __setitem__(self, key: str, record: Any) -> None:
        if not self.changed:
            self.dirty.append(self)
        if key in self:
            self.changed.setdefault(key, False)
        else:
            self.changed.pop(key, None)
            self.changed[key] = True
        super().__setitem__(key, record)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._note_gone(key)

    def _note_gone(self, key: str) -> None:
        if not self.changed:
            self.dirty.append(self)
        self.changed[key] = False

    def touch(self, key: str) -> None:
        """A record changed in place."""
        if not self.changed:
            self.dirty.append(self)
        self.changed.setdefault(key, False)

    def pop(self, key: str, *default: Any) -> Any:
        if key in self:
            self._note_gone(key)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **more: Any) -> None:
        for key, record in dict(*others, **more).items():
            self[key] = record

    def __ior__(self, others: Any) -> "Page":  # type: ignore[override,misc]
        self.update(others)
        return self

    def clear(self) -> None:
        for key in self:
            self._note_gone(key)
        super().clear()

    def changes(self) -> Iterator[Change]:
        """As `Changing`."""
        for key, fresh in self.look().items():
            yield Change(self.name, key, self.get(key, GONE), fresh)

    def look(self) -> dict[str, bool]:
        """The keys that changed since the last time, and whether they are new."""
        changed, self.changed = self.changed, {}
        return changed


class PageSet(set[str]):
    """A set that only grows."""

    __slots__ = ("changed", "dirty", "name")

    def __init__(self, name: str, dirty: Dirty) -> None:
        super().__init__()
        self.name, self.dirty = name, dirty
        self.changed: dict[str, None] = {}

    def add(self, key: str) -> None:
        if not self.changed:
            self.dirty.append(self)
        self.changed[key] = None
        super().add(key)

    def update(self, *others: Iterable[str]) -> None:
        for other in others:
            for key in other:
                self.add(key)

    def changes(self) -> Iterator[Change]:
        """As `Changing`."""
        changed, self.changed = self.changed, {}
        return (Change(self.name, key, True, True) for key in changed)


class PageList(list[Any]):
    """Records by place. One that goes leaves its SID behind."""

    __slots__ = ("changed", "dirty", "left", "name", "whose")

    def __init__(
        self,
        records: Iterable[Any],
        name: str,
        dirty: Dirty,
        whose: "Callable[[int], str] | None" = None,
    ) -> None:
        """`whose` tells the SID of a place that was empty from the start."""
        super().__init__(records)
        self.name, self.dirty, self.whose = name, dirty, whose
        self.changed: set[int] = set(range(len(self)))
        self.left: dict[int, str] = {}
        """SIDs of records that went, by place."""
        if self.changed:
            dirty.append(self)

    def append(self, record: Any) -> None:
        self._note(len(self))
        super().append(record)

    def _note(self, place: int) -> None:
        if not self.changed:
            self.dirty.append(self)
        self.changed.add(place)

    def __iadd__(self, records: Iterable[Any]) -> "PageList":  # type: ignore[misc]
        for record in records:
            self.append(record)
        return self

    def __setitem__(self, place: Any, record: Any) -> None:
        self._note(place)
        if record is None and self[place] is not None:
            self.left[place] = self[place].sid
        super().__setitem__(place, record)

    def changes(self) -> Iterator[Change]:
        """As `Changing`; a record that went is its SID."""
        changed, self.changed = self.changed, set()
        for place in sorted(changed):
            record = self[place]
            if record is None:
                record = self.left.get(place) or (self.whose and self.whose(place))
            yield Change(self.name, str(place), record, True)


class Folders(dict[str, Any]):
    """Pages by name, or the tables of services: made by whoever first asks for one."""

    __slots__ = ("dirty", "gone", "name")

    def __init__(self, name: str, dirty: Dirty) -> None:
        super().__init__()
        self.name, self.dirty = name, dirty
        self.gone: dict[tuple[str, str], None] = {}
        """Pages and keys of what went."""

    def __setitem__(self, part: str, folder: Any) -> None:
        self._throw_away(part)
        super().__setitem__(part, self._noting(f"{self.name}/{part}", folder))

    def setdefault(self, part: str, default: Any = None) -> Any:
        if part not in self:
            self[part] = default
        return self[part]

    def pop(self, part: str, *default: Any) -> Any:
        self._throw_away(part)
        return super().pop(part, *default)

    def _throw_away(self, part: str) -> None:
        if part not in self:
            return
        folder = self[part]
        page: Any = folder.records if isinstance(folder, Rows) else folder
        for _ in page.changes():
            """They go with it."""
        if not self.gone:
            self.dirty.append(self)
        keys = page if isinstance(page, Page) else map(str, range(len(page)))
        self.gone |= dict.fromkeys((page.name, key) for key in keys)

    def _noting(self, name: str, folder: Any) -> Any:
        """A plain dictionary as a page; a table of Notify's with its records in one."""
        if isinstance(folder, Rows):
            folder.write_in(
                lambda records: PageList(records, name, self.dirty, partial(_whose, folder))
            )
            return folder
        page = Page(name, self.dirty)
        page.update(folder)
        return page

    def changes(self) -> Iterator[Change]:
        """As `Changing`: what went as a whole; what is there says itself what changed in it."""
        gone, self.gone = self.gone, {}
        return (Change(name, key, GONE, False) for name, key in gone)


def _whose(table: Rows[Any], place: int) -> str:
    return next(sid for sid, at in table.gone.items() if at == place)
