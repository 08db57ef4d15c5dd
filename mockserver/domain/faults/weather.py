"""What can become of a webhook on its way: the `then` of a weather rule.

Several may go together where they do not contradict each other: `{duplicate: 2, delay: 5s}`.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, Literal

import msgspec

from mockserver.domain.durations import microseconds, written
from mockserver.domain.faults.documents import each_read
from mockserver.domain.faults.spread import Spread, read_spread

Signature = Literal["", "wrong", "stale", "missing"]

ON_THE_WIRE: Final = frozenset({"signature", "trickle", "cut"})
"""What happens to an attempt, of any kind of webhook; the rest is about when, and how often."""

KINDS: Final = (
    *("drop", "duplicate", "delay", "reorder", "burst", "early", "replay"),
    *("signature", "trickle", "cut"),
)

APPLIES: Final[Mapping[str, frozenset[str]]] = {
    "status": frozenset(KINDS),
    "notify": frozenset(KINDS) - {"early"},
    "inbound": ON_THE_WIRE | {"duplicate"},
    "fallback": ON_THE_WIRE,
    "event": ON_THE_WIRE,
}
"""What can become of each kind of webhook.

Where somebody waits for the answer, or where order and retries are promised (Event Streams), only
what happens on the wire; the application may be asked twice about what a handset wrote.
"""


class Weather(msgspec.Struct, frozen=True, dict=True):
    """What becomes of a webhook; times on the sandbox's clock unless they say otherwise."""

    drop: bool = False
    """It is not posted; the journal says so."""
    duplicate: int = 0
    """So many further copies, at once, with the same idempotency token."""
    delay: Spread | None = None
    """Later than it is due; what comes after it may overtake it."""
    reorder: bool = False
    """After the next one of the same message, where there is to be one."""
    burst: int = 0
    """Microseconds: all that is due in such a span is posted at its end, together.

    Spans follow one on another from when the scenario came into force.
    """
    early: bool = False
    """Before the response to the request that made the message."""
    replay: int = 0
    """Microseconds: the very same again, so much later."""
    signature: Signature = ""
    """wrong: of another token; stale: of the token before the present one; missing: none."""
    trickle: int = 0
    """Microseconds of wall time over which the body comes, byte by byte."""
    cut: bool = False
    """The connection ends in the middle of the body."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what cannot be together, or for nothing."""
        said = [name for name in KINDS if getattr(self, name)]
        if not said:
            raise ValueError(f"says nothing to do: use one of {', '.join(KINDS)}")
        for one, others in _APART.items():
            if one in said and (clash := next((name for name in others if name in said), "")):
                raise ValueError(f"`{one}` and `{clash}` contradict each other")

    @cached_property
    def names(self) -> frozenset[str]:
        """What it says, of `KINDS`."""
        return frozenset(name for name in KINDS if getattr(self, name))

    def fits(self, kind: str) -> bool:
        """Whether all of it can become of a webhook of that kind."""
        return self.names <= APPLIES[kind]

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        found: dict[str, object] = {}
        for name in KINDS:
            value = getattr(self, name)
            if value and name in ("burst", "replay", "trickle"):
                found[name] = written(value)
            elif value:
                found[name] = value.document() if name == "delay" else value
        return found


_APART: Final = {
    "drop": tuple(name for name in KINDS if name != "drop"),
    "early": ("delay", "reorder", "burst"),
    "reorder": ("delay", "burst"),
    "burst": ("delay",),
    "cut": ("trickle",),
}


def check_kinds(kinds: object, then: Weather) -> None:
    """Raise `ValueError` where a kind of webhook is named of which this cannot become.

    `kinds` is one, or a list of them.
    """
    for kind in (kinds,) if isinstance(kinds, str) else kinds or ():  # type: ignore[attr-defined]
        if strange := sorted(then.names - APPLIES[kind]):
            can = ", ".join(name for name in KINDS if name in APPLIES[kind])
            raise ValueError(f"`{strange[0]}` cannot become of {kind} webhooks, only {can}")


def read_weather(then: dict[str, Any]) -> Weather:
    """What a rule's `then` says; raise `ValueError` with a sentence."""
    return Weather(**each_read(then, _READ))


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "burst": microseconds,
    "replay": microseconds,
    "trickle": microseconds,
    "delay": read_spread,
}
"""What is made of a key's value; others are taken as they are."""
