"""`{rate_limit: {per_second: 10}}`: a token bucket, and 429 for what finds it empty."""

from math import ceil
from typing import Final, Literal

import msgspec

from mockserver.domain.errors import UnknownCode, problem

SECOND: Final = 1_000_000
"""In microseconds."""


class RateLimit(msgspec.Struct, frozen=True):
    """A bucket that holds `burst` tokens, is filled with `per_second`, and gives one a request.

    Time is the sandbox's clock. Raise `ValueError` for limits that are none.
    """

    per_second: float = 0.0
    """0: any number."""
    burst: int = 0
    """Tokens that it holds; 0: as many as a second brings, at least one."""
    concurrency: int = 0
    """More requests of an account under way at once than these are refused; 0: any number."""
    code: int = 20429
    per: Literal["account", "sender", "key"] = "account"
    """Who has a bucket of its own: an account, a `From`, or whoever's credentials are used."""

    def __post_init__(self) -> None:
        if not (self.per_second or self.concurrency):
            raise ValueError("`rate_limit` needs `per_second`, `concurrency` or both")
        if self.burst and not self.per_second:
            raise ValueError("`burst` of `rate_limit` needs `per_second`")
        try:
            problem(self.code)
        except UnknownCode as unknown:
            raise ValueError(f"`code` of `rate_limit`: {unknown}") from None

    def take(self, full_at: int, now: int) -> tuple[int, int]:
        """Take a token out of the bucket that would be full again at `full_at`.

        When it is full after that, and microseconds until there is a token: 0 when one was taken.
        All that a bucket has to remember is one time; one in the past is a full bucket.
        """
        if not self.per_second:
            return 0, 0
        each = SECOND / self.per_second
        size = self.burst or max(1, int(self.per_second))
        after = max(full_at, now) + each
        wait = after - now - each * size
        return (round(after), 0) if wait < 1 else (full_at, ceil(wait))


class RateLimitFault(msgspec.Struct, frozen=True):
    """Answers only what is over the limit: the rest is as if the rule were not there."""

    rate_limit: RateLimit
