"""How much what there is looks like what was asked for: of near misses the likest is told first."""

from collections.abc import Iterable, Mapping
from typing import Final

from mockserver.domain.matching import Difference

LOOKED_AT: Final = 1_600
"""Characters of a text that count; ours."""


def distance(differences: Mapping[str, Difference]) -> tuple[int, float]:
    """How far a subject is from what was asked for: what does not fit, then how much it does not.

    Only texts are more or less alike.
    """
    return len(differences), sum(_strangeness(each) for each in differences.values())


def _strangeness(difference: Difference) -> float:
    """From 0, where a text has all of one that was asked for, to 1."""
    expected, actual = difference.expected, difference.actual
    texts = [expected] if isinstance(expected, str) else expected
    if not isinstance(actual, str) or not isinstance(texts, (list, tuple)):
        return 1
    has = _threes(actual)
    return 1 - max((_part(_threes(text), has) for text in _strings(texts)), default=0)


def _strings(values: Iterable[object]) -> Iterable[str]:
    return (each for each in values if isinstance(each, str))


def _part(wanted: frozenset[str], has: frozenset[str]) -> float:
    return len(wanted & has) / len(wanted) if wanted else 0


def _threes(text: str) -> frozenset[str]:
    """All runs of three characters, in small letters."""
    small = text[:LOOKED_AT].casefold()
    return frozenset(small[at : at + 3] for at in range(max(1, len(small) - 2)))
