"""A send request, from a parsed document to a `Send` or a `Refusal`, in short steps.

Ten thousand recipients take longer than anybody else should wait. So the work is a generator that
yields between stretches: a caller on an event loop lets others have a turn there.
"""

from collections.abc import Container, Generator, Iterator
from typing import Any, Final

import msgspec

from mockserver.domain.bulk import content, recipients, schedule, sender
from mockserver.domain.bulk.faults import MOST, NOT_JSON, Found, in_order
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.notes import Notes
from mockserver.domain.bulk.records import Content, RecipientBlock, Send, Terms
from mockserver.domain.json_faults import Fault

NOTHING: Final = Send(Content(), (), 0)

_PARTS: Final = ("content", "from", "schedule", "tags")


class Refusal(msgspec.Struct, frozen=True):
    """A request that is refused as a whole; nothing of it may be kept."""

    faults: tuple[Fault, ...]
    """In the document's order, at most `MOST`, one for each place; never empty."""
    notes: tuple[str, ...] = ()
    """As a `Send` has them."""
    rest: Send = NOTHING
    """What nothing is wrong with, for who looks for faults that are not in the document alone.

    Parts with a fault are as if they were not there; the blocks say which recipients they hold.
    """


Verdict = Send | Refusal
Steps = Generator[None, None, Verdict]


def examine(document: object, gate: Gate, terms: Terms) -> Steps:
    """Check a document as JSON parsers make it, and read it; the generator returns the verdict.

    Neither needs more than a block of recipients between two yields. The document must not change
    meanwhile and is not kept.
    """
    if not isinstance(document, dict):
        return Refusal((NOT_JSON,))
    work = _Work(document, gate, terms)
    work.head()
    yield
    yield from work.times()
    for start in range(0, len(work.items), recipients.BLOCK):
        work.block(start)
        yield
    return work.verdict()


def finish(steps: Steps) -> Verdict:
    """Take all steps without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            verdict: Verdict = stop.value
            return verdict


class _Work:
    """One request under examination."""

    def __init__(self, document: dict[str, Any], gate: Gate, terms: Terms) -> None:
        self.items = gate.recipients(document)
        self._document = document
        self._gate = gate
        self._terms = terms
        self._notes = Notes(gate.schema)
        self._head: list[Found] = []
        self._recipients: list[Found] = []
        self._blocks: list[RecipientBlock] = []
        self._expressions, self._unread = schedule.read(document)

    def head(self) -> None:
        """Everything but the recipients and what depends on them."""
        self._notes.head(self._document)
        self._head += self._unread
        self._head += _without_doubles(self._document, self._gate)
        self._head += sender.faults(self._document.get("from"))

    def times(self) -> Iterator[None]:
        """The schedule, at the places of all recipients where it goes by their own clocks."""
        places = {""}
        if any(one.local for one in self._expressions):
            places = set()
            for start in range(0, len(self.items), recipients.BLOCK):
                places |= recipients.countries(self.items[start : start + recipients.BLOCK])
                yield
        self._head += schedule.faults(self._expressions, places or {""}, self._terms)

    def block(self, start: int) -> None:
        """Some recipients; once there are faults enough, nothing more is looked at."""
        if len(self._recipients) >= MOST:
            return
        items = self.items[start : start + recipients.BLOCK]
        self._notes.recipients(items)
        block = recipients.block(items, start) if self._gate.fits(items) else None
        if block is None:
            self._gather(items, start)
        else:
            self._blocks.append(block)

    def _gather(self, items: list[Any], start: int) -> None:
        """The faults of some recipients, and blocks of those between."""
        before = len(self._recipients)
        for few in recipients.faults(self._gate, items, start):
            self._recipients += in_order(few, self._document)
            if len(self._recipients) >= MOST:
                return
        bad = {one.path[1] for one in self._recipients[before:]}
        self._blocks += recipients.between(items, start, bad)

    def verdict(self) -> Verdict:
        """What came of it."""
        notes = self._notes.said()
        found = [*self._head, *self._recipients]
        if len(found) >= MOST:
            return self._refusal(found, notes)
        send = self._read({one.path[0] for one in found}, notes)
        return self._refusal(found, notes, send) if found else send

    def _refusal(self, found: list[Found], notes: tuple[str, ...], rest: Send = NOTHING) -> Refusal:
        ordered = in_order(found, self._document)[:MOST]
        return Refusal(tuple(one.fault() for one in ordered), notes, rest)

    def _read(self, bad: Container[int | str], notes: tuple[str, ...]) -> Send:
        """All but the parts that are bad."""
        parts = {name: self._document.get(name) for name in _PARTS if name not in bad}
        told = parts.get("content")
        return Send(
            content.read(told, self._gate) if told is not None else Content(),
            tuple(self._blocks),
            sum(len(block.to) for block in self._blocks),
            sender.read(parts.get("from")),
            schedule.schedule(self._expressions) if "schedule" in parts else None,
            tuple((parts.get("tags") or {}).items()),
            notes,
        )


def _without_doubles(document: dict[str, Any], gate: Gate) -> Iterator[Found]:
    """The schema's breaches and the content's own; of an empty content, that it is empty."""
    empty = content.is_empty(document.get("content"))
    if empty:
        yield Found(("content",), content.NOTHING)
    for found in gate.heads(document):
        if not (empty and found.path[:1] == ("content",)):
            yield found
    yield from content.faults(document.get("content"))
