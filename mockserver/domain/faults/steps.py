"""What is switched when: a scenario's `steps`."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.durations import written

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Step(msgspec.Struct, frozen=True):
    """At a time of the sandbox's clock, rules begin and end, and switches are set."""

    at: int
    """Microseconds since the scenario came into force."""
    on: tuple[str, ...] = ()
    """Ids of rules that are in force from then on."""
    off: tuple[str, ...] = ()
    """Ids of rules that are no more."""
    switches: Mapping[str, Any] = _NOTHING
    """Fields of `Options` that change; in a scenario they stand under their usual keys."""
    spelt: Mapping[str, Any] = _NOTHING
    """The same as they stand in the document."""

    def without(self, gone: Collection[str]) -> "Step":
        """The same without rules that are there no more."""
        on, off = (tuple(each for each in ids if each not in gone) for ids in (self.on, self.off))
        return replace(self, on=on, off=off)

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        on = {"on": list(self.on)} if self.on else {}
        off = {"off": list(self.off)} if self.off else {}
        return {"at": written(self.at), **on, **off, **self.spelt}
