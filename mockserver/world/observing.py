"""Tells those who look on what becomes of messages."""

from functools import partial

from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.parts import Parts


class Observer:
    """Hears of each step from the engine, and knows who wants to know."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def observe(self, message: Message, delivery: Delivery, taken: int) -> None:
        """A message took so many steps; none when it was made."""
        parts = self._parts
        for watch in parts.changes.watches:
            watch.add(message.sid)
        if parts.journal.watched:
            self._tell(message, delivery, taken)
        if parts.tables.subscriptions:
            parts.streams.moved(message, delivery, taken)
        if message.operation_id and taken and parts.tables.messages.owns(message.sid):
            parts.bulk.heard(message, delivery, taken)
        if parts.rules.handsets and taken:
            parts.answering.hear(message, delivery, taken)
        if delivery.steps:
            return
        if delivery.error_code:
            parts.alarms.failed(message, delivery)
        told = delivery.error_code or not message.operation_id  # operations have their own report
        if told and parts.house.report is not None:
            parts.house.report(message, delivery)

    def _tell(self, message: Message, delivery: Delivery, taken: int) -> None:
        """Whoever reads the feed."""
        who = {"sid": message.sid, "account_sid": message.account_sid}
        who |= {"from": message.from_, "to": message.to}
        timeline = delivery.timeline[-(taken or 1) * STEP :]
        for place in range(0, len(timeline), STEP):
            status, at, code = timeline[place : place + STEP]
            step = {"status": status, "at": at, "error_code": code or None}
            told = partial(dict[str, object], {**who, **step})
            self._parts.journal.tell("transition" if taken else "message", told)
