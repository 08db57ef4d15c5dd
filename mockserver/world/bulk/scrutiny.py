"""What can only be found by looking at recipients: what each of them makes of the content.

Variables that somebody lacks, texts that become too long, addresses of media that become none, tags
that do not fit. Ten thousand recipients are looked at only where that could be: in the usual
request the names that all have, and the size of what they have, tell that all is well.

Nobody looks at the members of a cohort: there may be a million. Their variables are those of the
cohort's item, and these are looked at. What somebody's traits make of a text is found when it is
sent, and if it is no good that attempt fails.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from math import inf
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.bulk.records import RecipientBlock
from mockserver.domain.json_faults import Fault
from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.personalising.defaults import LiquidDefault, default_fault, lacking
from mockserver.domain.personalising.template import TEXT, Template, Variables
from mockserver.domain.personalising.traits import MARK
from mockserver.world.audiences.members import Members, Mixed
from mockserver.world.bulk.people import NOTHING, Direct, Part, People
from mockserver.world.bulk.writing import Script

STRETCH: Final = 1_000
"""Recipients that are looked at before others get a turn: two milliseconds at most."""

SLOW_STRETCH: Final = 1
"""The same where the Liquid library renders a text, which takes a quarter of a second at worst."""

Scrutiny = Generator[None, None, list[Fault]]


def scrutinise(script: Script, people: People, rule: LiquidDefault) -> Scrutiny:
    """A fault for each text that is no good for somebody; the generator returns them.

    A fault names the first recipient and counts the others. Between two yields lies a stretch.
    """
    doubts = [_Doubt(template, rule) for template in script.templates]
    slow = any(doubt.template.most(0) == inf for doubt in doubts)
    stretch = SLOW_STRETCH if slow else STRETCH
    for part in people.parts if doubts else ():
        if isinstance(part, Members):
            _look_at_item(doubts, part)
        else:
            yield from _look(_open(doubts, part), part, stretch)
        yield
    return [fault for doubt in doubts for fault in doubt.faults()]


def _look_at_item(doubts: Iterable["_Doubt"], members: Members) -> None:
    """At what all members of a cohort have in common: the variables that the request gives it."""
    given = members.references.variables
    for doubt in doubts:
        if not members.references.any:
            doubt.look([(members.item, given)])
        elif absent := doubt.absent(given):
            doubt.note(Finding(members.item, absent))


def _open(doubts: Sequence["_Doubt"], part: Part) -> list["_Doubt"]:
    """Those that only a look at everybody in a part can settle."""
    block = part.block if isinstance(part, Direct | Mixed) else None
    if block is None or _REFERENCE in block.variables:
        return [*doubts]
    size = _largest(block)
    return [doubt for doubt in doubts if not doubt.settled(block, size)]


_REFERENCE: Final = MARK.encode()
"""Somewhere in the variables of a block: what they are depends on somebody's traits."""


def _largest(block: RecipientBlock) -> int:
    """Bytes of somebody's variables at most: none of their values has as many characters."""
    if not block.variables:
        return 0
    return max(map(len, msgspec.json.decode(block.variables, type=list[msgspec.Raw])))


def _look(doubts: Sequence["_Doubt"], part: Part, stretch: int) -> Generator[None, None, None]:
    """At everybody in a part."""
    everybody = enumerate(_variables(part) if doubts else (), part.item)
    while some := list(islice(everybody, stretch)):
        for doubt in doubts:
            doubt.look(some)
        yield


def _variables(part: Part) -> Iterable[Variables]:
    if isinstance(part, Direct):
        return (one or NOTHING for one in part.block.all_variables())
    return (person.variables for person in part.people(0))


class Finding(msgspec.Struct, frozen=True):
    """The first recipient for whom a text is no good."""

    item: int
    absent: str = ""
    """The variable that they lack."""
    fault: Fault | None = None
    """Else what is wrong with the text."""


class _Doubt:
    """A text in which something is filled in, and for whom it is no good."""

    def __init__(self, template: Template, rule: LiquidDefault) -> None:
        self.template = template
        self._required = bool(template.bare) and rule == "require"
        self._needed = frozenset(template.bare if rule == "if_missing" else ())
        self._first: Finding | None = None
        self._others = 0
        """Further recipients for whom it is no good for the same reason."""

    def settled(self, block: RecipientBlock, size: int) -> bool:
        """Whether it is good for all of a block, none of whom has variables of more than `size`."""
        template = self.template
        has_all = self._needed.issubset(block.everyone_has)
        return has_all and template.kind is TEXT and template.most(size) <= BODY_LIMIT

    def look(self, some: Iterable[tuple[int, Variables]]) -> None:
        """At recipients, each with the place in the request."""
        for item, variables in some:
            if absent := self.absent(variables):
                self.note(Finding(item, absent))
            elif isinstance(found := self.template.render(variables), Fault):
                self.note(Finding(item, fault=found))

    def absent(self, variables: Variables) -> str:
        """The first variable without a default that the rule wants to be there and is not."""
        if self._needed <= variables.keys():
            return ""
        return lacking(self.template, variables)[0]

    def note(self, finding: Finding) -> None:
        """It is no good for somebody; the first counts."""
        if self._first is None:
            self._first = finding
        else:
            self._others += bool(finding.absent) == bool(self._first.absent)

    def faults(self) -> Iterator[Fault]:
        """One, or none."""
        if self._required:
            yield default_fault(self.template, self.template.bare[0])
        elif self._first is not None:
            yield self._told(self._first, self._others)

    def _told(self, first: Finding, others: int) -> Fault:
        if first.fault is None:
            more = f", nor do {others} more" if others else ""
            said = f", and $.to[{first.item}] does not have it{more}"
            return default_fault(self.template, first.absent, said)
        more = f" and {others} more" if others else ""
        said = f"{first.fault.message.removesuffix('.')} (for $.to[{first.item}]{more})."
        return replace(first.fault, message=said)
