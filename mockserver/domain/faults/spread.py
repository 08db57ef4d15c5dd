"""How long something takes: always the same, or by chance.

What chance brings in is one number from 0 to 1 for each time, so the same number gives the same.
"""

from bisect import bisect_left
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, Final

import msgspec

from mockserver.domain.durations import LONGEST, microseconds, written

_NORMAL: Final = NormalDist()
_EDGE: Final = 1e-9
"""A normal distribution has no value at 0 and 1."""


class Fixed(msgspec.Struct, frozen=True):
    """Always the same: `2s`."""

    length: int
    """Microseconds."""

    def at(self, chance: float) -> int:
        """Microseconds for a number from 0 to 1."""
        return self.length

    def document(self) -> object:
        """As in a scenario."""
        return written(self.length)


class Uniform(msgspec.Struct, frozen=True):
    """Any length between two, as likely as another: `{uniform: [100ms, 2s]}`."""

    shortest: int
    longest: int

    def __post_init__(self) -> None:
        """Raise `ValueError` when there is nothing between them."""
        if self.longest < self.shortest:
            raise ValueError("`uniform` names the shortest first, then the longest")

    def at(self, chance: float) -> int:
        """Microseconds for a number from 0 to 1."""
        return round(self.shortest + chance * (self.longest - self.shortest))

    def document(self) -> object:
        """As in a scenario."""
        return {"uniform": [written(self.shortest), written(self.longest)]}


class Lognormal(msgspec.Struct, frozen=True):
    """Mostly short with a long tail, as networks are: `{lognormal: {median: 90ms, p99: 2s}}`."""

    median: int
    p99: int

    def __post_init__(self) -> None:
        """Raise `ValueError` unless the median is above 0 and `p99` not below it."""
        if not 0 < self.median <= self.p99:
            raise ValueError("of `lognormal`, `median` is above 0 and `p99` not below it")

    def at(self, chance: float) -> int:
        """Microseconds for a number from 0 to 1."""
        z = _NORMAL.inv_cdf(min(max(chance, _EDGE), 1 - _EDGE)) / _NORMAL.inv_cdf(0.99)
        stretch: float = (self.p99 / self.median) ** z
        return min(round(self.median * stretch), LONGEST)

    def document(self) -> object:
        """As in a scenario."""
        return {"lognormal": {"median": written(self.median), "p99": written(self.p99)}}


class Percentiles(msgspec.Struct, frozen=True):
    """As measured: `{percentiles: {50: 80ms, 95: 400ms, 99: 3s}}`; between them, straight lines.

    Below the first it is as the first, above the last as the last.
    """

    points: tuple[tuple[float, int], ...]
    """Percent and microseconds, ascending."""

    def __post_init__(self) -> None:
        """Raise `ValueError` when a higher percentile is shorter, or one is none."""
        if not self.points or not all(0 <= percent <= 100 for percent, _ in self.points):
            raise ValueError("`percentiles` have numbers from 0 to 100 as keys")
        if any(one[1] > other[1] for one, other in zip(self.points, self.points[1:], strict=False)):
            raise ValueError("a higher one of `percentiles` cannot be shorter than a lower one")

    def at(self, chance: float) -> int:
        """Microseconds for a number from 0 to 1."""
        percent = chance * 100
        place = bisect_left(self.points, (percent, 0))
        if place in (0, len(self.points)):
            return self.points[min(place, len(self.points) - 1)][1]
        (low, short), (high, long) = self.points[place - 1 : place + 1]
        return round(short + (long - short) * (percent - low) / (high - low))

    def document(self) -> object:
        """As in a scenario."""
        return {"percentiles": {f"{percent:g}": written(at) for percent, at in self.points}}


Spread = Fixed | Uniform | Lognormal | Percentiles


def read_spread(value: Any) -> Spread:
    """What a scenario says of how long; raise `ValueError` with the fix."""
    if not isinstance(value, Mapping):
        return Fixed(microseconds(value))
    if len(value) != 1:
        raise ValueError("say one of uniform, lognormal and percentiles")
    if "uniform" in value:
        shortest, longest = value["uniform"]
        return Uniform(microseconds(shortest), microseconds(longest))
    if "lognormal" in value:
        shape = value["lognormal"]
        return Lognormal(microseconds(shape["median"]), microseconds(shape["p99"]))
    table = value["percentiles"]
    return Percentiles(
        tuple(sorted((_percent(key), microseconds(at)) for key, at in table.items()))
    )


def _percent(text: Any) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"`percentiles` have numbers as keys, such as 99, not {text!r}") from None
