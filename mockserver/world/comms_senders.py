"""The senders of the Communications API: what an account owns, each under an id of its own.

The id of a number follows from its SID, so that pools find it wherever the two go together. Where
any well-formed sender counts as owned, one that is asked for by its address is there from then on.
"""

from collections.abc import Iterator
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.numbers import Number
from mockserver.domain.sender_pools import SENDER, Sender, classic, place_of
from mockserver.domain.type_ids import mint
from mockserver.world.sandbox import Sandbox
from mockserver.world.sender_ids import sender_id
from mockserver.world.tables import Unit

TABLE: Final = "senders"


class Senders:
    """An account's senders."""

    __slots__ = ("_account", "_sandbox")

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        self._sandbox, self._account = sandbox, account

    def all(self) -> list[Sender]:
        """Every one, in no order that means anything."""
        known = {(each.channel, each.address): each for each in self._kept()}
        for number in self._numbers():
            if (place := place_of(number)) is not None:
                known.setdefault(place, self._of(number, place))
        return list(known.values())

    def by_id(self) -> dict[str, Sender]:
        """The same by their ids."""
        return {each.id: each for each in self.all()}

    def find(self, id_: str) -> Sender | None:
        """The sender with an id, if it is the account's."""
        kept = self._sandbox.tables.senders.get(id_)
        if kept is not None and kept.account_sid == self._account.sid:
            return kept
        return self.by_id().get(id_)

    async def at(self, channel: str, address: str) -> Sender | None:
        """The sender with an address; `None` where the account has none such.

        One that is well-formed comes into being, unless senders are strict or somebody else's.
        """
        unit = Unit()
        found = self.at_once(channel, address, unit)
        if unit.rows:
            await self._sandbox.engine.commit(unit)
        return found

    def at_once(self, channel: str, address: str, unit: Unit) -> Sender | None:
        """The same for who keeps the unit."""
        if not self.has(channel, address):
            return None
        if (kept := self._kept_at(channel, address)) is not None:
            return kept
        number = self._sandbox.tables.numbers.get(classic(channel, address) or "")
        if number is not None:
            return self._of(number, (channel, address))
        return self._make(channel, address, unit)

    def has(self, channel: str, address: str) -> bool:
        """Whether there is a sender with an address, or would be if it were asked for."""
        if (whole := classic(channel, address)) is None:
            return False
        if self._kept_at(channel, address) is not None:
            return True
        number = self._sandbox.tables.numbers.get(whole)
        if number is not None:
            return number.account_sid == self._account.sid
        return self._sandbox.rules.options.senders != "strict"

    def _make(self, channel: str, address: str, unit: Unit) -> Sender:
        now = self._sandbox.clock.now()
        self._account = self._sandbox.accounts.come_into_being(self._account, unit)
        place = list(self._sandbox.tables.accounts).index(self._account.sid)
        entropy = self._sandbox.dice.of("comms-sender", f"{channel}/{address}/{place}")
        id_ = mint(SENDER, now, entropy)
        made = Sender(id_, self._account.sid, channel, address, created_at=now, updated_at=now)
        self._sandbox.tables.senders[made.id] = made
        unit.put(TABLE, made.id, made)
        return made

    def _kept(self) -> Iterator[Sender]:
        own = self._account.sid
        return (e for e in self._sandbox.tables.senders.values() if e.account_sid == own)

    def _kept_at(self, channel: str, address: str) -> Sender | None:
        place = (channel, address)
        return next((e for e in self._kept() if (e.channel, e.address) == place), None)

    def _numbers(self) -> Iterator[Number]:
        own = self._account.sid
        return (e for e in self._sandbox.tables.numbers.values() if e.account_sid == own)

    def _of(self, number: Number, place: tuple[str, str]) -> Sender:
        """A number that takes no texts is deactivated."""
        channel, address = place
        return Sender(
            sender_id(number),
            number.account_sid,
            channel,
            address,
            number.friendly_name,
            "ACTIVATED" if number.sms else "DEACTIVATED",
            number.created_at,
            number.updated_at,
        )
