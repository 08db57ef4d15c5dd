"""Before a message goes out: who sends it, and when its turn comes.

A Messaging Service chooses its sender when the message is queued; with `rates` in force every
message then waits in its sender's lane. Both look at the tables as they are at that moment.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockserver.domain import errors
from mockserver.domain.consent import WHATSAPP_OPTED_OUT
from mockserver.domain.errors import TwilioError
from mockserver.domain.lifecycle import DELIVERED, UNSENDABLE, Fate, plan
from mockserver.domain.message import STEP, Message, Steps
from mockserver.domain.numbers import SERVICE_STAND_IN_AREA, Service
from mockserver.domain.prices import PRICED
from mockserver.domain.rates import Rates, kind_of
from mockserver.domain.text import measure
from mockserver.world.dice import Dice
from mockserver.world.known import Known
from mockserver.world.lanes import Lanes, Slot
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit, Wish

if TYPE_CHECKING:
    from mockserver.world.picking import Picker

OVERFLOW: Final = 30001
"""On a message that found its sender's queue full. Source: Twilio's error dictionary."""
EXPIRED: Final = 30036
"""On a message whose validity period ended in the queue. Source: the same."""

VALIDITY: Final = 36_000
"""Seconds that a message may wait, where nobody says less. Source: the Messages resource."""

NO_WISH: Final = Wish()
"""Of a message that asks for nothing."""

Settled = tuple[Message, int, Steps]
"""The message with its sender, an error code (0: none), and the steps after `queued`."""


class Dispatch:
    """Chooses senders, and lets messages queue up for them."""

    def __init__(self, tables: Tables, dice: Dice, rules: Rulebook, known: Known) -> None:
        self._tables, self._dice, self._rules, self._known = tables, dice, rules, known
        self._lanes = Lanes(tables)

    @cached_property
    def _picker(self) -> "Picker":
        """Loaded with the first message of a service."""
        from mockserver.world.picking import Picker

        return Picker(self._tables, self._dice, self._rules, self._known)

    @property
    def rates(self) -> Rates:
        return self._rules.options.rates

    # With the sender in the request

    def steps(self, message: Message, first: str, fate: Fate, validity: int, unit: Unit) -> Steps:
        """What lies before a message that has just been made; raise 21611 for a full queue.

        `validity` in seconds. One with a service waits in a lane only once it is queued.
        """
        start = message.send_at or message.created_at
        if not self.rates.enabled or message.messaging_service_sid:
            return plan(first, start, message.channel, fate)
        slot = self.admit(message, start, validity, unit)
        if slot.verdict == "full" and self.rates.refuses and message.origin != "reply":
            raise TwilioError(errors.QUEUE_FULL)
        return _failed(slot) or plan(first, slot.start, message.channel, fate)

    def admit(self, message: Message, at: int, validity: int, unit: Unit) -> Slot:
        """Its place in its sender's lane; `validity` in seconds."""
        segments = message.num_segments
        return self._lanes.admit(self.rates, lane_of(message), segments, at, validity, unit)

    # Through a service

    def settle(self, message: Message, at: int, rest: Steps, unit: Unit) -> Settled:
        """A message of a service is queued: find its sender, and its place in the lane.

        21610, 21701, 21703, 21704 and 63033 where it cannot be sent; `rest` are the steps that
        were planned so far.
        """
        sid = message.messaging_service_sid
        service, wish = self._known.service(sid), self._grant(message, unit)
        chosen = message
        if service is None and self._known.was_service(sid):
            return message, errors.SERVICE_NOT_FOUND.code, ()
        if not message.from_:
            chosen, code = self._choose(message, service, wish)
            if not code and message.sid in self._tables.shown:
                chosen, code = self._show(chosen, unit)
            if code:
                return message, code, ()
        if self._tables.opt_outs and (code := self._unsubscribed(sid, chosen)):
            return message, code, ()
        if message.send_at:
            code, rest = self._foretold(chosen, at, rest)
            if code:
                return message, code, ()
        if chosen is not message:
            self._tables.messages.replace(chosen, unit)
            if service is not None and service.sticky_sender:
                self._stick(f"{sid} {chosen.to}", chosen.from_, unit)
        if self.rates.enabled:
            longest = service.validity_period if service else VALIDITY
            slot = self.admit(chosen, at, min(wish.validity, longest), unit)
            rest = _failed(slot) or _later(rest, slot.start - at)
        return chosen, 0, rest

    def _foretold(self, message: Message, at: int, rest: Steps) -> tuple[int, Steps]:
        """What lies before a scheduled message by the rules of this moment, or an error code.

        Without a rule or a number that says how it ends, what was planned stays.
        """
        fate = self._rules.fate(message)
        if fate is DELIVERED:
            return 0, rest
        if fate.outcome == "failed" and fate.error_code in UNSENDABLE:
            return fate.error_code, ()
        return 0, _not_before(at, plan("queued", message.send_at, message.channel, fate))

    def _grant(self, message: Message, unit: Unit) -> Wish:
        wish = self._tables.wishes.pop(message.sid, None)
        if wish is None:
            return NO_WISH
        unit.put("wishes", message.sid, None)
        return wish

    def _unsubscribed(self, service_sid: str, message: Message) -> int:
        """Why a message cannot go out to its recipient; 0 where it can."""
        opted_out = self._known.opted_out
        if not (opted_out(service_sid, message.to) or opted_out(message.from_, message.to)):
            return 0
        if message.channel != "whatsapp":
            return errors.UNSUBSCRIBED.code
        return WHATSAPP_OPTED_OUT if message.send_at else 0  # others had it in their fate

    def _stick(self, key: str, sender: str, unit: Unit) -> None:
        if self._tables.sticky.get(key) != sender:
            self._tables.sticky[key] = sender
            unit.put("sticky", key, sender)

    def _choose(self, message: Message, service: Service | None, wish: Wish) -> tuple[Message, int]:
        """The message with the sender of the pool that suits it best, or an error code."""
        sid = message.messaging_service_sid
        if service is None:
            return replace(message, from_=_stand_in(self._dice, sid, message.channel)), 0
        if not service.senders:
            return message, errors.NO_SENDERS.code
        sender = self._picker.pick(message, service)
        if not sender and message.channel == "mms" and service.mms_converter:
            message = _with_links(message)
            sender = self._picker.pick(message, service)
        sender = sender or wish.fallback_from
        if not sender:
            return message, errors.NO_SENDER_FITS.code
        if sender.startswith("rcs:") and message.channel in ("sms", "mms"):
            message = replace(message, channel="rcs", num_segments=1)
        return replace(message, from_=sender), 0

    def _show(self, message: Message, unit: Unit) -> tuple[Message, int]:
        """What its template is on the sender's channel, or an error code."""
        from mockserver.world.showing import on_channel

        return on_channel(message, self._tables, unit)


def lane_of(message: Message) -> str:
    """Its sender, which is one account's; an alphanumeric one is anybody's: each has a lane."""
    sender = message.from_
    if sender.startswith("+") or kind_of(sender) != "alphanumeric":
        return sender
    return f"{message.account_sid} {sender}"


def _failed(slot: Slot) -> Steps:
    """The end of a message that did not get into its lane; () for one that did."""
    if not slot.verdict:
        return ()
    return ("failed", slot.start, OVERFLOW if slot.verdict == "full" else EXPIRED)


def _later(steps: Steps, by: int) -> Steps:
    if not by:
        return steps
    later = list(steps)
    for place in range(1, len(later), STEP):
        later[place] += by
    return tuple(later)


def _not_before(at: int, steps: Steps) -> Steps:
    """Without those that would have been taken already."""
    changed = list(steps)
    for place in range(1, len(changed), STEP):
        changed[place] = max(at, steps[place])
    return tuple(changed)


def _with_links(message: Message) -> Message:
    """An MMS as a text with the addresses of its media. Source: docs on the MMS converter."""
    body = "\n".join(filter(None, (message.body, *message.media_urls)))
    size = measure(body)
    return replace(
        message,
        channel="sms",
        body=body,
        media_urls=(),
        num_media=0,
        num_segments=size.segments,
        encoding=size.encoding,
    )


def _stand_in(dice: Dice, service_sid: str, channel: str) -> str:
    """The one US long code of a service that was never set up, or its address on a channel."""
    line = int.from_bytes(dice.of("service", service_sid)[:4]) % 10_000
    number = f"{SERVICE_STAND_IN_AREA}{line:04d}"
    return number if channel in PRICED else f"{channel}:{number}"
