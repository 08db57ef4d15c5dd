"""The commands of sender pools: make, change, delete, senders in and out.

Twilio works them off behind the answer; here an operation is over when it is answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.json_faults import TAKEN, UNKNOWN, Fault, fault, refuse
from mockserver.domain.sender_pools import (
    OPERATION,
    OPERATIONS_KEPT,
    POOL,
    PoolOperation,
    Sender,
    SenderPool,
)
from mockserver.domain.type_ids import mint
from mockserver.world.comms_senders import Senders
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit

TABLE: Final = "sender_pools"
OPERATIONS: Final = "sender_pool_operations"


class SenderPools:
    """What can be done to an account's pools, one command a method."""

    __slots__ = ("_account", "_sandbox", "_tables")

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        self._sandbox, self._account, self._tables = sandbox, account, sandbox.tables

    def all(self) -> Iterator[SenderPool]:
        """Every pool of the account."""
        own = self._account.sid
        return (each for each in self._tables.sender_pools.values() if each.account_sid == own)

    def find(self, id_: str) -> SenderPool | None:
        """A pool, if it is the account's."""
        pool = self._tables.sender_pools.get(id_)
        return pool if pool is not None and pool.account_sid == self._account.sid else None

    def operations(self) -> Iterator[PoolOperation]:
        """What was asked for in the account's name, for as long as it is shown."""
        own, since = self._account.sid, self._sandbox.clock.now() - OPERATIONS_KEPT
        every = self._tables.sender_pool_operations.values()
        return (each for each in every if each.account_sid == own and each.created_at >= since)

    def members(self, pool: SenderPool) -> list[Sender]:
        """Its senders that the account still has."""
        known = Senders(self._sandbox, self._account).by_id()
        return [known[each] for each in pool.senders if each in known]

    async def create(self, asked: Mapping[str, Any]) -> PoolOperation:
        """Make a pool of checked fields; raise `Refused` for unknown senders or a name taken."""
        named = [each["senderId"] for each in asked.get("senders", ())]
        places = [f"$.senders[{place}].senderId" for place in range(len(named))]
        refuse([*self._taken(asked.get("name", "")), *self._strangers(named, places)])
        unit = Unit()
        operation = self._operation(1, 1, unit)
        entropy = self._sandbox.dice.of("comms-senderpool", str(self._count))
        pool = SenderPool(
            mint(POOL, operation.created_at, entropy, self._count),
            self._account.sid,
            asked.get("name") or f"Sender pool {operation.id[-8:]}",
            operation.id,
            tuple(dict.fromkeys(named)),
            tuple(asked.get("tags", {}).items()),
            operation.created_at,
        )
        await self._put(pool, unit)
        return operation

    async def update(self, pool: SenderPool, asked: Mapping[str, Any]) -> SenderPool:
        """Set what is given; raise `Refused` for a name that another pool has."""
        name = asked.get("name", pool.name)
        refuse(self._taken(name, pool) if name != pool.name else [])
        tags = tuple(asked["tags"].items()) if "tags" in asked else pool.tags
        return await self._put(replace(pool, name=name, tags=tags), Unit())

    async def delete(self, pool: SenderPool) -> None:
        """Forget a pool; its senders stay."""
        unit = Unit()
        del self._tables.sender_pools[pool.id]
        unit.put(TABLE, pool.id, None)
        await self._sandbox.engine.commit(unit)

    async def add(
        self, pool: SenderPool, named: Sequence[str], places: Sequence[str]
    ) -> PoolOperation:
        """Put senders into a pool; raise `Refused` for one that the account does not have.

        `places` are the JSON paths at which they are named. One that is in it already fails.
        """
        refuse(self._strangers(named, places))
        there, unit = set(pool.senders), Unit()
        fresh = [each for each in dict.fromkeys(named) if each not in there]
        operation = self._operation(len(named), len(fresh), unit)
        await self._put(replace(pool, senders=(*pool.senders, *fresh)), unit)
        return operation

    async def remove(self, pool: SenderPool, sender: str) -> None:
        """Take one of its senders out."""
        left = tuple(each for each in pool.senders if each != sender)
        await self._put(replace(pool, senders=left), Unit())

    async def _put(self, pool: SenderPool, unit: Unit) -> SenderPool:
        pool = replace(pool, updated_at=self._sandbox.clock.now())
        self._tables.sender_pools[pool.id] = pool
        unit.put(TABLE, pool.id, pool)
        await self._sandbox.engine.commit(unit)
        return pool

    @property
    def _count(self) -> int:
        """Operations there were in the sandbox, of whatever account: none is ever forgotten."""
        return len(self._tables.sender_pool_operations)

    def _operation(self, total: int, created: int, unit: Unit) -> PoolOperation:
        """What is done with this command; the account comes into being with it."""
        self._sandbox.accounts.come_into_being(self._account, unit)
        now, count = self._sandbox.clock.now(), self._count
        made = PoolOperation(
            mint(OPERATION, now, self._sandbox.dice.of("comms-operation", str(count)), count),
            self._account.sid,
            total,
            created,
            total - created,
            created_at=now,
            updated_at=now,
        )
        self._tables.sender_pool_operations[made.id] = made
        unit.put(OPERATIONS, made.id, made)
        return made

    def _taken(self, name: str, but: SenderPool | None = None) -> list[Fault]:
        others = (each for each in self.all() if but is None or each.id != but.id)
        taken = bool(name) and any(each.name == name for each in others)
        return [fault(TAKEN, "$.name", what=f"there is a pool named {name}")] if taken else []

    def _strangers(self, named: Sequence[str], places: Sequence[str]) -> list[Fault]:
        known = Senders(self._sandbox, self._account).by_id() if named else {}
        paired = zip(named, places, strict=True)
        return [fault(UNKNOWN, place) for each, place in paired if each not in known]
