"""Connection overrides: the `#rc=2&rp=ct,5xx` part of a callback URL.

It is neither sent nor signed. Source: Twilio's docs, webhooks connection overrides; what a bad
value does beyond its alert is ours: the default stays in force.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

import msgspec

EDGES: Final = frozenset(
    {
        "ashburn",
        "dublin",
        "frankfurt",
        "sao-paulo",
        "singapore",
        "sydney",
        "tokyo",
        "umatilla",
    }
)
"""Edge locations that may make callbacks; others end in alert 11241."""

POLICIES: Final = frozenset({"ct", "rt", "4xx", "5xx"})
"""What may be retried: connection failure, no answer in time, an answer 4xx, an answer 5xx."""

Problem = tuple[int, str]
"""Alert code (11240 to 11243) and a sentence that names what is wrong."""


class Overrides(msgspec.Struct, frozen=True):
    """How one callback URL wants to be called; the defaults are Twilio's."""

    retries: int = 1
    """Attempts after the first."""
    policy: frozenset[str] = frozenset({"ct"})
    """Some of `POLICIES`."""
    connect: float = 5.0
    """Seconds, as `read` and `total`; `total` is for all attempts together."""
    read: float = 15.0
    total: float = 15.0
    edges: tuple[str, ...] = ()
    """Where the calls come from, in turn over the attempts; empty for the usual place."""
    sni: bool = True
    problems: tuple[Problem, ...] = ()


DEFAULTS: Final = Overrides()


def parse(url: str) -> Overrides:
    """The overrides of a callback URL; never raises, whatever stands after the `#`.

    A name that is not an override is passed over (a fragment may be something else), and of a
    name given twice the first counts.
    """
    _, _, fragment = url.partition("#")
    return _read(fragment) if fragment else DEFAULTS


def retryable(overrides: Overrides, phase_or_status: str | int) -> bool:
    """Whether the policy retries this failure: a status, or the phase `connect` or `read`.

    How many attempts are left is not looked at.
    """
    if isinstance(phase_or_status, int):
        return f"{phase_or_status // 100}xx" in overrides.policy
    return _PHASES.get(phase_or_status, "") in overrides.policy


_PHASES: Final[Mapping[str, str]] = {"connect": "ct", "read": "rt"}


class _Bad(Exception):
    """A value that Twilio would refuse: the alert code, what the value should be."""

    def __init__(self, code: int, wanted: str) -> None:
        super().__init__(wanted)
        self.code = code
        self.wanted = wanted


def _read(fragment: str) -> Overrides:
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in _pairs(fragment).items():
        field, reader = _FIELDS[name]
        try:
            values[field] = reader(value)
        except _Bad as bad:
            said = f"`{name}={value}` is not {bad.wanted}; the default is used."
            problems.append((bad.code, said))
    return Overrides(**values, problems=tuple(problems))  # type: ignore[arg-type]


def _pairs(fragment: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in fragment.split("&"):
        name, _, value = pair.partition("=")
        if name in _FIELDS:
            found.setdefault(name, unquote(value))
    return found


def _whole(low: int, high: int, unit: str) -> Callable[[str], int]:
    def reader(value: str) -> int:
        if re.fullmatch("[0-9]{1,5}", value) and low <= int(value) <= high:
            return int(value)
        raise _Bad(11243, f"a number of {unit} from {low} to {high}")

    return reader


def _seconds(low: int, high: int) -> Callable[[str], float]:
    milliseconds = _whole(low, high, "milliseconds")
    return lambda value: milliseconds(value) / 1000


def _policy(value: str) -> frozenset[str]:
    names = frozenset(value.split(","))
    if not names <= POLICIES | {"all"}:
        raise _Bad(11243, "a list of ct, rt, 4xx, 5xx, all")
    return POLICIES if "all" in names else names


def _edges(value: str) -> tuple[str, ...]:
    names = tuple(value.split(","))
    for name in names:
        if name not in EDGES:
            raise _Bad(*_strange_edge(name))
    return names


def _strange_edge(name: str) -> tuple[int, str]:
    if re.fullmatch("[a-z-]+-ix", name):
        return 11242, "open to callbacks: `-ix` edges need Twilio Interconnect"
    if re.fullmatch("[a-z]+(-[a-z]+)*", name):
        return 11241, "a list of edge locations that make callbacks"
    return 11240, "a list of edge locations"


def _yes(value: str) -> bool:
    if value not in ("y", "n"):
        raise _Bad(11243, "y or n")
    return value == "y"


_FIELDS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "rc": ("retries", _whole(0, 5, "retries")),
    "rp": ("policy", _policy),
    "ct": ("connect", _seconds(100, 10_000)),
    "rt": ("read", _seconds(100, 15_000)),
    "tt": ("total", _seconds(100, 15_000)),
    "e": ("edges", _edges),
    "sni": ("sni", _yes),
}
"""Name in the fragment: the field it sets, and the reader of its value."""
