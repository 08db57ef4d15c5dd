"""Dictionaries, sets and lists that know what changed in them since somebody last looked.

A sandbox that is kept has its tables made of these, so that whatever a command or a tick changes is
found, whoever changed it. What is taken out with `popitem` is not noted: only who frees tables that
nobody uses any more does that.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from mockserver.world.notify.rows import Rows

GONE: Final = object()
"""In place of the record of a key that is no longer there."""


class Change(NamedTuple):
    """What became of one key."""

    key: str
    record: Any
    """`GONE` where it is not there any more."""
    fresh: bool
    """Whether the key was put behind all others."""


class Page(dict[str, Any]):
    """A table whose records are never changed in place."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        super().__init__()
        self.changed: dict[str, bool] = {}
        """Whether the key is a new one, or was put again after it had gone."""

    def __setitem__(self, key: str, record: Any) -> None:
        if key in self:
            self.changed.setdefault(key, False)
        else:
            self.changed.pop(key, None)
            self.changed[key] = True
        super().__setitem__(key, record)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.changed[key] = False

    def pop(self, key: str, *default: Any) -> Any:
        if key in self:
            self.changed[key] = False
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
        self.changed |= dict.fromkeys(self, False)
        super().clear()

    def changes(self) -> Iterator[Change]:
        """What changed since the last time, in the order in which new keys came."""
        changed, self.changed = self.changed, {}
        for key, fresh in changed.items():
            yield Change(key, self.get(key, GONE), fresh)


class PageSet(set[str]):
    """A set that only grows."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        super().__init__()
        self.changed: dict[str, bool] = {}

    def add(self, key: str) -> None:
        super().add(key)
        self.changed[key] = True

    def update(self, *others: Iterable[str]) -> None:
        for other in others:
            for key in other:
                self.add(key)

    def changes(self) -> Iterator[Change]:
        """What was added since the last time."""
        changed, self.changed = self.changed, {}
        return (Change(key, True, fresh) for key, fresh in changed.items())


class PageList(list[Any]):
    """Records by place. One that goes leaves its SID behind."""

    __slots__ = ("changed", "left")

    def __init__(self, records: Iterable[Any] = ()) -> None:
        super().__init__(records)
        self.changed: set[int] = set(range(len(self)))
        self.left: dict[int, str] = {}
        """SIDs of records that went, by place."""

    def append(self, record: Any) -> None:
        self.changed.add(len(self))
        super().append(record)

    def __iadd__(self, records: Iterable[Any]) -> "PageList":  # type: ignore[misc]
        for record in records:
            self.append(record)
        return self

    def __setitem__(self, place: Any, record: Any) -> None:
        self.changed.add(place)
        if record is None and self[place] is not None:
            self.left[place] = self[place].sid
        super().__setitem__(place, record)

    def changes(self) -> Iterator[Change]:
        """What changed since the last time; a record that went is its SID."""
        changed, self.changed = self.changed, set()
        for place in sorted(changed):
            record = self[place]
            yield Change(str(place), self.left.get(place) if record is None else record, True)


class Folders(dict[str, Any]):
    """Pages by name, or the tables of services: made by whoever first asks for one."""

    __slots__ = ("gone",)

    def __init__(self) -> None:
        super().__init__()
        self.gone: dict[str, set[str]] = {}
        """Keys of those that went, by name."""

    def __setitem__(self, name: str, folder: Any) -> None:
        self._throw_away(name)
        super().__setitem__(name, _noting(folder))

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        self._throw_away(name)
        return super().pop(name, *default)

    def _throw_away(self, name: str) -> None:
        if name in self:
            page = _page(self[name])
            keys = page if isinstance(page, Page) else map(str, range(len(page)))
            self.gone.setdefault(name, set()).update(keys)

    @property
    def changed(self) -> bool:
        """Whether anything did."""
        return bool(self.gone) or any(_page(folder).changed for folder in self.values())

    def changes(self) -> Iterator[tuple[str, Change]]:
        """What changed since the last time, by name."""
        gone, self.gone = self.gone, {}
        for name, keys in gone.items():
            yield from ((name, Change(key, GONE, False)) for key in keys)
        for name, folder in self.items():
            for change in _page(folder).changes():
                yield name, change if change.record is not None else _named(folder, change)


def _noting(folder: Any) -> Any:
    """A plain dictionary as a page; a table of Notify's with its records in one."""
    if isinstance(folder, Rows):
        folder.write_in(PageList)
        return folder
    page = Page()
    page.update(folder)
    return page


def _named(table: Rows[Any], change: Change) -> Change:
    """Of a place that was empty from the start, whose it was."""
    place = int(change.key)
    return change._replace(record=next(sid for sid, at in table.gone.items() if at == place))


def _page(folder: Any) -> Any:
    return folder.records if isinstance(folder, Rows) else folder
