"""What `--fail-on` looks for: a table of kinds, and the entries of each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.running.seen import Seen
from mockserver.running.wording import attempt, call


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that should not have happened."""

    about: str
    """As a heading."""
    found: Callable[[Seen], Sequence[str]]
    """A line for each."""


def _undelivered(seen: Seen) -> Sequence[str]:
    return [attempt(each) for each in seen.undelivered]


def _unknown(seen: Seen) -> Sequence[str]:
    return [call(each, f": {said}") for each, said in seen.unknown]


def _unserved(seen: Seen) -> Sequence[str]:
    return [call(each) for each in seen.unserved]


KINDS: Final[Mapping[str, Kind]] = {
    "undelivered-callbacks": Kind("webhooks that nobody took", _undelivered),
    "unknown-parameters": Kind("parameters that Twilio does not know", _unknown),
    "unserved-operations": Kind("calls that this mock does not serve", _unserved),
}
"""By the word of `--fail-on`."""


def judge(seen: Seen, kinds: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """What there is of these kinds; nothing of those that did not happen."""
    found = {kind: KINDS[kind].found(seen) for kind in kinds}
    return {kind: lines for kind, lines in found.items() if lines}
