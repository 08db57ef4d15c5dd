"""Operations in a world of their own: accepted as a request is, and looked at from both sides."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import orjson
import pytest

from mockserver.domain.faults import Scenario
from mockserver.domain.message import STEP, Message
from mockserver.domain.numbers import Handset
from mockserver.world.bulk.operation import NONE, Operation
from mockserver.world.bulk.ordering import send
from mockserver.world.scenarios import from_document
from mockserver.world.snapshot import Snapshot, parse
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, MakeWorld, World

T = TypeVar("T")

SMS = {"address": "+15005550006", "channel": "SMS"}


def number(place: int) -> str:
    """A recipient's."""
    return f"+1415{2_000_000 + place}"


def recipient(person: Any) -> dict[str, Any]:
    """A recipient by place or number, if it is not one already."""
    if isinstance(person, dict):
        return person
    return {"address": person if isinstance(person, str) else number(person), "channel": "PHONE"}


@dataclass
class Field:
    """A world, and what is done with operations in it."""

    world: "World"

    @property
    def tables(self) -> Any:
        return self.world.sandbox.tables

    async def send(self, *to: Any, text: str = "Ahoy", **fields: Any) -> Operation:
        """An operation to so many recipients, or to these; `from_=None` leaves the sender open."""
        people = range(to[0]) if len(to) == 1 and isinstance(to[0], int) else to
        sender = fields.pop("from_", SMS)
        document = {
            **({"from": sender} if sender else {}),
            "to": [recipient(each) for each in people],
            "content": {"text": text},
            **fields,
        }
        sandbox = self.world.sandbox
        return await send(sandbox, sandbox.accounts.first, document, [])

    def scenario(self, **keys: Any) -> None:
        """Put one in force."""
        self.world.sandbox.regime.put(from_document(keys), Unit())

    def handset(self, phone_number: str, **about: Any) -> None:
        """Set a recipient up."""
        self.tables.handsets[phone_number] = Handset(phone_number, **about)

    def pool(self, *channels: str) -> None:
        """Give the account a sender on each channel, for operations that name none."""
        numbers = {"SMS": "+15005550006", "RCS": "rcs:agent", "WHATSAPP": "whatsapp:+15005550007"}
        self.give(numbers=[{"phone_number": numbers[each]} for each in channels])

    def give(self, **given: Any) -> None:
        """Furnish the sandbox, in a scenario's words."""
        self.world.give(from_document({"given": given}).given)

    def twins(self, operation: Operation) -> list[Message]:
        """The classic messages of an operation, oldest first."""
        return [each for each in self.world if each.operation_id == operation.id]

    def told(self, operation: Operation) -> list[tuple[str, tuple[str, ...], int]]:
        """Recipient, timeline and error code of each of them."""
        found = []
        for message in self.twins(operation):
            delivery = self.world.delivery(message)
            found.append((message.to, delivery.timeline[::STEP], delivery.error_code))
        return found

    def facts(self, operation: Operation) -> dict[str, Any]:
        """Everything that anybody can see of an operation, its classic messages included."""
        table = self.tables.messages
        return {
            "id": operation.id,
            "status": operation.status,
            "stats": operation.tally.stats(),
            "states": bytes(operation.states),
            "times": (operation.created_at, operation.updated_at),
            "ids": [operation.ids.message(place) for place in range(operation.count)],
            "tries": [operation.tries(place) for place in range(operation.count)],
            "twins": [
                (msgspec.structs.replace(each, account_sid=""), table.delivery(each.sid))
                for each in self.twins(operation)
            ],
        }

    def document(self) -> dict[str, Any]:
        """A snapshot as it goes over the wire."""
        found: dict[str, Any] = orjson.loads(msgspec.json.encode(self.world.sandbox.snapshot()))
        return found

    def put(self, document: Mapping[str, Any]) -> Snapshot:
        """Put one in, in the sandbox's own scenario."""
        snapshot = parse(document)
        self.world.sandbox.restore(snapshot, Scenario(""))
        return snapshot

    def only(self) -> Operation:
        """The one operation that there is."""
        [operation] = self.tables.operations.values()
        found: Operation = operation
        return found

    async def over(self) -> None:
        """Until nothing is under way any more, appointments left aside."""
        await self.world.sandbox.engine.advance(None)


def sound(operation: Operation, field: Field) -> None:
    """What holds of an operation at every instant; raise `AssertionError` where it does not."""
    stats = operation.tally.stats()
    buckets = ("scheduled", "queued", "sent", "delivered", "read", "undelivered", "failed")
    assert sum(stats[name] for name in (*buckets, "canceled")) == stats["total"]
    assert stats["recipients"] == stats["total"] + stats["unaddressable"] == operation.count
    assert min(stats.values()) >= 0
    counted = type(operation.tally).of(operation.states, len(operation.attempts))
    assert counted.stats() == stats
    tries = [operation.tries(place) for place in range(operation.count)]
    assert sorted(each for numbers in tries for each in numbers) == [*range(stats["attempts"])]
    for place, numbers in enumerate(tries):
        assert all(operation.attempts.place[each] == place for each in numbers)
        assert [operation.attempts.turn[each] for each in numbers] == [*range(len(numbers))]
        assert (operation.latest[place] == NONE) == (not numbers)


@pytest.fixture
def field(make_world: "MakeWorld") -> Callable[..., Field]:
    """`field("manual", …)`: a world of this clock, for operations."""
    return lambda clock="instant", **options: Field(make_world(clock, **options))


InField = Callable[[str, Callable[[Field], Awaitable[T]]], T]


@pytest.fixture(scope="session")
def in_field(in_world: "InWorld[Any]") -> InField[Any]:
    """`in_field("manual", act)`: what `act` does in a field and a loop of its own."""
    return lambda clock, act: in_world(clock, lambda world: act(Field(world)))


@pytest.fixture(scope="session", name="sound")
def _sound() -> Callable[[Operation, Field], None]:
    """`sound(operation, field)`: what holds at every instant."""
    return sound
