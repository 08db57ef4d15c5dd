"""Tables of quiet resources: a record by its SID, and pages of an account's records.

Deleted records leave their place behind, since page tokens may still name them: who deletes what a
page shows asks for the next one by what is gone.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import Final, Generic, Protocol, TypeVar

from mockserver.domain.accounts import Account
from mockserver.domain.errors import INVALID_PAGE_TOKEN, TwilioError
from mockserver.domain.paging import PageAsk
from mockserver.world.tables import Tables, Unit

DELETED: Final = "deleted"


class Record(Protocol):
    """What an account owns."""

    @property
    def sid(self) -> str: ...

    @property
    def account_sid(self) -> str: ...


R = TypeVar("R", bound=Record)


class Registry(Generic[R]):
    """One table, whatever its keys are; the order of its rows is that of creation."""

    __slots__ = ("_gone", "_name", "_table")

    def __init__(self, tables: Tables, name: str, table: dict[str, R]) -> None:
        self._name, self._table = name, table
        self._gone = tables.deleted.setdefault(name, {})

    def find(self, account: Account, sid: str) -> R | None:
        """A record, if it is the account's."""
        return next((each for each in self.own(account) if each.sid == sid), None)

    def own(self, account: Account) -> Iterator[R]:
        """The account's records, oldest first."""
        return (each for each in self._table.values() if each.account_sid == account.sid)

    def put(self, key: str, record: R, unit: Unit) -> R:
        """Keep a record; one with the same key is replaced in its place."""
        self._table[key] = record
        unit.put(self._name, key, record)
        return record

    def remove(self, key: str, unit: Unit) -> None:
        """Forget a record but for its place."""
        sid = self._table[key].sid
        place = self._places()[sid]
        del self._table[key]
        self._gone[sid] = place
        unit.put(self._name, key, None)
        unit.put(DELETED, f"{self._name} {sid}", place)

    def free(self, sids: Iterable[str]) -> str:
        """The first SID that no record has or had."""
        taken = {each.sid for each in self._table.values()} | self._gone.keys()
        return next(sid for sid in sids if sid not in taken)

    def page(
        self, account: Account, ask: PageAsk, fits: Callable[[R], bool]
    ) -> tuple[list[R], bool]:
        """A page of the account's records that fit, newest first, and whether more are behind it.

        Raise `TwilioError` 21481 for a token that names no record. The order is ours: Twilio says
        nothing about it.
        """
        places = self._places()
        if (pivot := ask.after or ask.before) and pivot not in places:
            raise TwilioError(INVALID_PAGE_TOKEN)
        own = [each for each in self.own(account) if fits(each)]
        if ask.before:
            newer = [each for each in own if places[each.sid] > places[pivot]][: ask.size]
            return newer[::-1], bool(newer) and newer[0] is not own[0]
        older = (each for each in reversed(own) if not pivot or places[each.sid] < places[pivot])
        found = list(islice(older, ask.skipped, ask.skipped + ask.size + 1))
        return found[: ask.size], len(found) > ask.size

    def _places(self) -> dict[str, int]:
        """Places in order of creation, of deleted records too: the others fill what is left."""
        taken = set(self._gone.values())
        left = (place for place in count() if place not in taken)
        living = (each.sid for each in self._table.values())
        return {**self._gone, **dict(zip(living, left, strict=False))}
