"""Pages of lists: sizes, tokens, and what the envelope says. Source: captured envelopes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import msgspec

from mockserver.domain.errors import (
    INVALID_PAGE_TOKEN,
    PAGE_SIZE_TOO_LARGE,
    PAGE_TOKEN_REQUIRED,
    Problem,
    TwilioError,
)
from mockserver.domain.limits import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX
from mockserver.domain.sids import is_sid

AFTER: Final = "PA"
"""Prefix of a token that stands before the SID of the last record of the page before."""

BEFORE: Final = "PB"
"""The same for going back: the first record of the page after."""


MOST_SKIPPED: Final = 1 << 32
"""Records that a page number can lead past: more than there are; ours."""


class PageAsk(msgspec.Struct, frozen=True):
    """Which page somebody wants. The token decides; beside one, the number is only echoed."""

    number: int = 0
    size: int = PAGE_SIZE_DEFAULT
    after: str = ""
    """SID of the record that the page begins after."""
    before: str = ""
    """SID of the record that the page ends before."""

    @property
    def token(self) -> str:
        if self.after:
            return AFTER + self.after
        return BEFORE + self.before if self.before else ""

    @property
    def skipped(self) -> int:
        """How many records are on the pages before, where a number came without a token."""
        return 0 if self.token else min(self.number * self.size, MOST_SKIPPED)


def read_page(
    page: str = "",
    size: str = "",
    token: str = "",
    tokenless: Problem | None = PAGE_TOKEN_REQUIRED,
) -> PageAsk:
    """What `Page`, `PageSize` and `PageToken` ask for; raise `TwilioError` 20007, 21481.

    A size that is no positive number means the default, as a page number does that is none. A page
    but the first without a token is refused as `tokenless`; with `None`, its number decides.
    """
    number = _whole(page, 0)
    wanted = _whole(size, 0) or PAGE_SIZE_DEFAULT
    if wanted > PAGE_SIZE_MAX:
        raise TwilioError(PAGE_SIZE_TOO_LARGE)
    if not token:
        if number and tokenless is not None:
            raise TwilioError(tokenless)
        return PageAsk(number, wanted)
    kind, sid = token[:2], token[2:]
    if kind not in (AFTER, BEFORE) or not is_sid(sid):
        raise TwilioError(INVALID_PAGE_TOKEN)
    return PageAsk(number, wanted, sid if kind == AFTER else "", sid if kind == BEFORE else "")


def _whole(text: str, otherwise: int) -> int:
    digits = text.strip()
    return int(digits[:19]) if digits.isascii() and digits.isdigit() else otherwise


class Page(msgspec.Struct, frozen=True):
    """What the envelope around some records says."""

    path: str
    """Where the list is; with scheme and host where the envelope gives whole addresses."""
    filters: Sequence[tuple[str, str]]
    ask: PageAsk
    sids: Sequence[str]
    """Of the records on the page, in order."""
    more: bool
    """Whether there are records behind the last."""

    @property
    def start(self) -> int:
        return self.ask.number * self.ask.size if self.sids else 0

    @property
    def end(self) -> int:
        return self.start + len(self.sids) - 1 if self.sids else 0

    @property
    def uri(self) -> str:
        token = self.ask.token
        return self._at(self.ask.number, f"&PageToken={token}" if token else "")

    @property
    def first_page_uri(self) -> str:
        return self._at(0)

    @property
    def next_page_uri(self) -> str | None:
        if not self.more or not self.sids:
            return None
        return self._at(self.ask.number + 1, f"&PageToken={AFTER}{self.sids[-1]}")

    @property
    def previous_page_uri(self) -> str | None:
        if not self.ask.number or not self.sids:
            return None
        return self._at(self.ask.number - 1, f"&PageToken={BEFORE}{self.sids[0]}")

    def _at(self, number: int, token: str = "") -> str:
        return (
            f"{self.path}?{_kept(tuple(self.filters))}PageSize={self.ask.size}&Page={number}{token}"
        )


@lru_cache(1024)
def _kept(filters: tuple[tuple[str, str], ...]) -> str:
    """The filters of a list, as its URIs carry them on: `To=%2B1…&`."""
    return "".join([f"{quote(name, safe='')}={quote(value, safe='')}&" for name, value in filters])
