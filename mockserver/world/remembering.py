"""What rules remember of many: buckets, reads, counts of those who are alike.

It lies among the rules' counters, under names with a slash, and there is an end to it.
"""

from collections.abc import MutableMapping
from itertools import islice
from typing import Final

REMEMBERED: Final = 10_000
"""Of all rules of a sandbox together; beyond, the oldest are forgotten."""

AT_ONCE: Final = 10
"""The part that is then forgotten: one in so many."""


def bound(counters: MutableMapping[str, int]) -> None:
    """Forget the oldest, some at once, where there are too many."""
    if len(counters) > REMEMBERED:
        some = max(1, REMEMBERED // AT_ONCE)
        for name in list(islice((each for each in counters if "/" in each), some)):
            del counters[name]
