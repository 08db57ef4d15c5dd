"""The commands of operations: accept, cancel; and finding them."""

from collections.abc import Iterable, Iterator

from mockserver.domain.accounts import Account
from mockserver.domain.bulk.statuses import CANCELED, UNADDRESSABLE
from mockserver.domain.message import MILLISECOND, SECOND, Message
from mockserver.domain.sender_pools import OPERATION
from mockserver.domain.type_ids import mint, parts
from mockserver.world.accounts import Accounts
from mockserver.world.bulk.happened import Events
from mockserver.world.bulk.ids import Ids
from mockserver.world.bulk.moments import Moments, all_moments, none_before
from mockserver.world.bulk.onlookers import Onlookers
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
        events: Events,
        onlookers: Onlookers,
    ) -> None:
        self._tables, self._accounts, self._dice = tables, accounts, dice
        self._rules, self._engine, self._messages = rules, engine, messages
        self.events, self._over = events, onlookers.over
        trying = Trying(
            tables.messages,
            accounts,
            dice,
            rules,
            Known(tables, engine.clock),
            messages.dispatch,
        )
        self._work = Work(tables.operations, engine, trying, events, onlookers)
        self.heard = self._work.heard
        """To be told of every step of an operation's ordinary messages."""
        self.ways = trying.ways
        """The senders to be tried for a recipient of an operation, best first."""

    async def accept(
        self,
        account: Account,
        order: Order,
        unit: Unit | None = None,
        when: Moments | None = None,
    ) -> Operation:
        """Begin an operation; it is there when this returns.

        `unit` has what was written for it already; `when` is what `moments` says of the order.
        """
        self._engine.catch_up()
        unit = Unit() if unit is None else unit
        self._accounts.come_into_being(account, unit)
        operation = self._make(account, order)
        self.keep(operation, unit)
        scheduled = operation.status == "SCHEDULED"
        if scheduled:
            self.events.tell("operation.scheduled", operation, operation.created_at)
        when = when or all_moments(order.people, order.send.schedule)
        for moment, places in none_before(operation.created_at, when).items():
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
        ids = Ids.rolled(self._dice, id_, now, first)
        return Operation(number, id_, account.sid, now, first, order, ids)

    def keep(self, operation: Operation, unit: Unit) -> None:
        """Put an operation where everybody finds it, and its attempts among the messages."""
        self._tables.operations[operation.id] = operation
        shelf = OperationShelf(operation, self._messages.cost, self._work.forget)
        self._tables.messages.shelves.put_up(shelf)
        unit.put("operations", operation.id, operation)

    def resume(self, operation: Operation, under_way: Iterable[int]) -> None:
        """Go on with an operation that was kept; for its attempts under way see `Work.book`."""
        self._work.book(operation, under_way)

    async def cancel(self, operation: Operation) -> None:
        """End an operation that is scheduled; raise `NotCancelable` for any other."""
        self._engine.catch_up()
        if operation.status != "SCHEDULED":
            raise NotCancelable(f"the operation is {operation.status}")
        operation.runs.clear()
        operation.status, operation.updated_at = "CANCELED", self._engine.clock.now()
        operation.states = bytearray([CANCELED]) * operation.count
        operation.recount()
        self._over(operation)
        unit = Unit()
        unit.put("operations", operation.id, operation)
        await self._engine.commit(unit)

    # Finding

    def of(self, account: Account) -> Iterator[Operation]:
        """The account's operations that are still shown, oldest first."""
        since = self.since
        return (
            each
            for each in self._tables.operations.values()
            if each.account_sid == account.sid and each.created_at > since
        )

    def find(self, account: Account, id_: str) -> Operation | None:
        """One of them."""
        found = self._tables.operations.get(id_)
        if found is None or found.account_sid != account.sid or found.created_at <= self.since:
            return None
        return found

    def find_message(self, account: Account, id_: str) -> tuple[Operation, int] | None:
        """The operation and the place of a message by its id."""
        if (said := parts(id_)) is None:
            return None
        for operation in self.of(account):
            if operation.created_at // MILLISECOND * MILLISECOND != said.at:
                continue
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
    def since(self) -> int:
        """What was made then or before is shown no more."""
        seconds = self._rules.options.comms_retention
        return self._engine.clock.now() - seconds * SECOND if seconds else -1
