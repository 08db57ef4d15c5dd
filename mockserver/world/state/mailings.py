"""Operations, and whom they write to: what is in columns has a form of its own in the file."""

from collections.abc import Mapping, Set

from mockserver.world.bulk.operation import Operation
from mockserver.world.sandbox import Sandbox
from mockserver.world.state.audiences import Audiences, Put, Records
from mockserver.world.state.operations import Operations, Returning
from mockserver.world.state.pages import Page
from mockserver.world.tables import Unit


class Mailings:
    """Those of one sandbox."""

    def __init__(self, pages: Mapping[str, Page], put: Put) -> None:
        self._audiences = Audiences(pages["profile_stores"], pages["cohorts"], put)
        self._operations = Operations(pages["operations"], self._audiences, put)

    def read_off(self, urgent: Set[str], *, at_once: bool) -> bool:
        """Write what changed; whether something is still to be written.

        The `urgent` operations, by id, are written in any case, and all of them `at_once`.
        """
        self._audiences.read_off()
        self._operations.read_off(urgent, at_once=at_once)
        return self._operations.waiting

    def come_back(self, records: Records, sandbox: Sandbox) -> list[tuple[Returning, Operation]]:
        """Put what the file has among the tables; the operations do not move yet."""
        stores = self._audiences.come_back(records, sandbox.tables)
        found: list[tuple[Returning, Operation]] = []
        for number, returning in enumerate(self._operations.come_back(records)):
            last = found[-1][1] if found else None
            first = 0 if last is None else last.first + last.count
            operation = returning.build(first, number, stores)
            sandbox.bulk.keep(operation, Unit())
            found.append((returning, operation))
        return found

    def know(self) -> None:
        """The file has everything as it is now."""
        self._audiences.know()
        self._operations.know()
