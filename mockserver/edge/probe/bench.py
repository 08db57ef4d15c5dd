"""What one probe works with: fresh messages, and somebody who posts them."""

import msgspec

from mockserver.domain.sids import mint
from mockserver.edge.probe.drafts import Changes, Draft, plain
from mockserver.edge.probe.exchange import Heard, Kind, Order, Shot, Wire
from mockserver.world.dice import Dice


class Gate(msgspec.Struct, frozen=True):
    """What became of the plain, rightly signed request of a kind, with which everything begins."""

    heard: Heard
    again: Heard | None = None
    """The answer to the same request once more, where the first was an error of the server's."""
    instead: str = ""
    """How a request had to be signed to be accepted, where the right way was refused."""

    @property
    def open(self) -> bool:
        """Whether honest requests of the kind are accepted."""
        return self.heard.ok or bool(self.again and self.again.ok)


class Bench:
    """Makes messages that no other probe has, and sends them."""

    def __init__(self, name: str, kind: Kind, order: Order, wire: Wire, dice: Dice) -> None:
        """`name` is the probe's; with the kind and the dice it decides the SIDs."""
        self.kind, self.order, self.wire = kind, order, wire
        self.gate = Gate(Heard(0))
        self.heard: list[Heard] = []
        """Every answer so far."""
        self._name, self._dice, self._made = name, dice, 0

    def draft(self, changes: Changes | None = None) -> Draft:
        """A new message, rightly signed once it is sent."""
        self._made += 1
        key = f"{self.kind}/{self._name}/{self._made}"
        sid = mint("SM", self._dice.of("message", key))
        params = plain(self.kind, self.order.account_sid, sid)
        token = self._dice.uuid("idempotency", key)
        draft = Draft(self.order.url, params, self.order.auth_token, token)
        return draft.edited(changes) if changes else draft

    async def send(self, what: Draft | Shot) -> Heard:
        """The answer."""
        heard = await self.wire.send(what.shot() if isinstance(what, Draft) else what)
        self.heard.append(heard)
        return heard
