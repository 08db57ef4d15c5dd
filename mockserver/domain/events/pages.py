"""Pages of what is always there, in an order of its own: types, and versions of schemas."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from mockserver.domain.errors import INVALID_PAGE_TOKEN, TwilioError
from mockserver.domain.paging import PageAsk


class Named(Protocol):
    """What a page token can name."""

    @property
    def sid(self) -> str: ...


N = TypeVar("N", bound=Named)


def cut(every: Sequence[N], ask: PageAsk, fits: Callable[[N], bool]) -> tuple[list[N], bool]:
    """The page of those that fit, in the order given, and whether more are behind it.

    Raise `TwilioError` 21481 for a token that names none of `every`.
    """
    sids = [each.sid for each in every]
    pivot = ask.after or ask.before
    if pivot and pivot not in sids:
        raise TwilioError(INVALID_PAGE_TOKEN)
    if ask.before:
        here = sids.index(ask.before)
        return [*filter(fits, every[:here])][-ask.size :], any(map(fits, every[here:]))
    start = sids.index(ask.after) + 1 if ask.after else 0
    left = [*filter(fits, every[start:])][ask.skipped :]
    return left[: ask.size], len(left) > ask.size
