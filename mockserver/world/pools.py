"""The pool of a Messaging Service: members come and go, and are listed."""

from collections.abc import Iterator
from itertools import count

from mockserver.domain.numbers import Number, Service
from mockserver.domain.pools import Member, check_alpha, check_number, joined, left, members
from mockserver.domain.sids import mint
from mockserver.world.registry import DELETED, Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.seed import sid_of
from mockserver.world.tables import Unit

TABLE = "members"


class Pool(Registry[Member]):
    """One service's members, in the order of its pool, and what can be done to them.

    Who is in the pool, the service says; the table of members adds dates and SIDs to those who
    joined after the sandbox was made.
    """

    __slots__ = ("_sandbox", "service")

    def __init__(self, sandbox: Sandbox, service: Service) -> None:
        self._sandbox, self.service = sandbox, service
        place = f"{TABLE}/{service.sid}"
        super().__init__(sandbox.tables, place, {each.key: each for each in self._members()})

    def _members(self) -> Iterator[Member]:
        table, own = self._sandbox.tables.members, self.service
        for sender, only in members(own):
            member = Member(own.sid, sender, self._sid(sender, only), own.account_sid, only)
            yield table.get(member.key, member)

    def _sid(self, sender: str, only: str) -> str:
        """Of a member without a row in the table."""
        number = self._sandbox.tables.numbers.get(sender)
        if number is not None and number.sid:
            return number.sid
        return self._alpha_sid(sender, only, 0) if only else sid_of(sender, self._sandbox.dice)

    def _alpha_sid(self, sender: str, only: str, ordinal: int) -> str:
        key = f"{self.service.sid}/{only}/{sender}/{ordinal}"
        return mint("AI", self._sandbox.dice.of("alpha-sender", key))

    def of_account(self, sid: str) -> Number | None:
        """The number, short code or channel sender with this SID, if the account has it."""
        owned = self._sandbox.tables.numbers.values()
        mine = (each for each in owned if each.account_sid == self.service.account_sid)
        return next((each for each in mine if each.sid == sid), None)

    async def add_number(self, number: Number) -> Member:
        """Raise `TwilioError` 21710, 21712, 21714, 21715."""
        sender, services = number.phone_number, self._sandbox.tables.services.values()
        owner = next((each for each in services if sender in each.senders), None)
        check_number(self.service, number, owner)
        return await self._add(sender, number.sid, "")

    async def add_alpha(self, sender: str, only: str, *, trial: bool) -> Member:
        """`only` for a country, or ""; raise `TwilioError` 21709, 21710, 21714."""
        check_alpha(self.service, sender, only, trial=trial)
        sid = self.free(self._alpha_sid(sender, only, ordinal) for ordinal in count(1))
        return await self._add(sender, sid, only)

    async def _add(self, sender: str, sid: str, only: str) -> Member:
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        service = self.service
        member = Member(service.sid, sender, sid, service.account_sid, only, now, now)
        sandbox.tables.members[member.key] = member
        unit.put(TABLE, member.key, member)
        self._put(joined(service, sender, only), unit)
        await sandbox.engine.commit(unit)
        return member

    async def leave(self, member: Member) -> None:
        """Out of the pool."""
        unit = Unit()
        self._take_out(member, unit)
        await self._sandbox.engine.commit(unit)

    def drop(self, number: Number, unit: Unit) -> None:
        """Take a number out that is released or handed over."""
        for member in [each for each in self._members() if each.sender == number.phone_number]:
            self._take_out(member, unit)

    def _take_out(self, member: Member, unit: Unit) -> None:
        """Forget a member but for its place, which page tokens may still name."""
        place = self._places()[member.sid]
        self._gone[member.sid] = place
        unit.put(DELETED, f"{self._name} {member.sid}", place)
        if self._sandbox.tables.members.pop(member.key, None) is not None:
            unit.put(TABLE, member.key, None)
        self._put(left(self.service, member.sender, member.country), unit)

    def _put(self, service: Service, unit: Unit) -> None:
        self.service = self._sandbox.tables.services[service.sid] = service
        unit.put("services", service.sid, service)
