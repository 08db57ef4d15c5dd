"""The commands of operations: accept, cancel; and finding them."""

from array import array
from collections.abc import Callable, Iterator

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import country
from mockserver.domain.bulk.statuses import CANCELED, UNADDRESSABLE
from mockserver.domain.message import SECOND, Message
from mockserver.domain.sender_pools import OPERATION
from mockserver.domain.type_ids import mint
from mockserver.world.accounts import Accounts
from mockserver.world.bulk.happened import Events
from mockserver.world.bulk.ids import Ids
from mockserver.world.bulk.operation import Operation, Order, Run
from mockserver.world.bulk.shelf import OperationShelf
from mockserver.world.bulk.trying import Trying
from mockserver.world.bulk.work import Work
from mockserver.world.dice import Dice
from mockserver.world.known import Known
from mockserver.world.messages import Messages
from mockserver.world.patience import PatientEngine
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit


class NotCancelable(Exception):
    """The operation is not scheduled any more; the text says what it is."""


class Bulk:
    """What can be done with the operations of a sandbox."""

    def __init__(
        self,
        tables: Tables,
        accounts: Accounts,
        dice: Dice,
        rules: Rulebook,
        engine: PatientEngine,
        messages: Messages,
        watched: Callable[[], bool],
    ) -> None:
        self._tables, self._accounts, self._dice = tables, accounts, dice
        self._rules, self._engine, self._messages = rules, engine, messages
        self.events = Events(dice)
        trying = Trying(
            tables.messages,
            accounts,
            dice,
            rules,
            Known(tables, engine.clock),
            messages.dispatch,
        )
        self._work = Work(tables.messages, tables.operations, engine, trying, self.events, watched)
        self.heard = self._work.heard
        """To be told of every step of an operation's ordinary messages."""

    async def accept(self, account: Account, order: Order) -> Operation:
        """Begin an operation; it is there when this returns."""
        self._engine.catch_up()
        unit = Unit()
        self._accounts.come_into_being(account, unit)
        operation = self._make(account, order)
        self.keep(operation, unit)
        scheduled = operation.status == "SCHEDULED"
        if scheduled:
            self.events.tell("operation.scheduled", operation, operation.created_at)
        for moment, places in _moments(operation).items():
            operation.runs[moment] = Run(places)
        self._work.book(operation)
        await self._engine.commit(unit)
        return operation

    def _make(self, account: Account, order: Order) -> Operation:
        every, now = self._tables.operations, self._engine.clock.now()
        number, last = len(every), next(reversed(every.values()), None)
        first = 0 if last is None else last.first + last.count
        entropy = self._dice.of("comms-sending", str(number))
        id_ = mint(OPERATION, now, entropy, number)
        ids = Ids(self._dice, id_, now, first)
        return Operation(number, id_, account.sid, now, first, order, ids)

    def keep(self, operation: Operation, unit: Unit) -> None:
        """Put an operation where everybody finds it, and its attempts among the messages."""
        self._tables.operations[operation.id] = operation
        self._tables.messages.put_up(OperationShelf(operation, self._messages.price))
        unit.put("operations", operation.id, operation)

    def resume(self, operation: Operation) -> None:
        """Go on with an operation that was kept."""
        self._work.book(operation)

    async def cancel(self, operation: Operation) -> None:
        """End an operation that is scheduled; raise `NotCancelable` for any other."""
        self._engine.catch_up()
        if operation.status != "SCHEDULED":
            raise NotCancelable(f"the operation is {operation.status}")
        operation.runs.clear()
        operation.status, operation.updated_at = "CANCELED", self._engine.clock.now()
        operation.states = bytearray([CANCELED]) * operation.count
        operation.recount()
        unit = Unit()
        unit.put("operations", operation.id, operation)
        await self._engine.commit(unit)

    # Finding

    def of(self, account: Account) -> Iterator[Operation]:
        """The account's operations that are still shown, oldest first."""
        since = self._engine.clock.now() - self._retention
        return (
            each
            for each in self._tables.operations.values()
            if each.account_sid == account.sid and each.created_at > since
        )

    def find(self, account: Account, id_: str) -> Operation | None:
        """One of them."""
        found = self._tables.operations.get(id_)
        since = self._engine.clock.now() - self._retention
        if found is None or found.account_sid != account.sid or found.created_at <= since:
            return None
        return found

    def find_message(self, account: Account, id_: str) -> tuple[Operation, int] | None:
        """The operation and the place of a message by its id."""
        for operation in self.of(account):
            place = operation.ids.place(id_)
            if 0 <= place < operation.count and operation.ids.message(place) == id_:
                gone = operation.states[place] == UNADDRESSABLE
                return None if gone else (operation, place)
        return None

    def behind(self, message: Message) -> tuple[Operation, int]:
        """The operation and the place of a classic message that is an attempt."""
        operation = self._tables.operations[message.operation_id]
        return operation, operation.attempts.place[operation.ids.number(message.sid)]

    @property
    def _retention(self) -> int:
        """Microseconds that an operation is shown."""
        seconds = self._rules.options.comms_retention
        return seconds * SECOND if seconds else 1 << 62


def _moments(operation: Operation) -> "dict[int, array[int] | None]":
    """When to begin with whom; one moment for all unless it goes by their own clocks."""
    schedule = operation.order.send.schedule
    if schedule is None or not schedule.walls:
        return {operation.scheduled_for(0) or operation.created_at: None}
    found: dict[int, array[int] | None] = {}
    known: dict[str, int] = {}
    for place, person in operation.people.walk(range(operation.count)):
        where = country(person.ends[0][1]) if person.ends else ""
        if (moment := known.get(where)) is None:
            moment = known[where] = schedule.moment(where) or operation.created_at
        if (places := found.get(moment)) is None:
            places = found[moment] = array("I")
        places.append(place)
    return found
