"""Headers that a fault puts on its answer, beside or in place of the usual ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

Headers = tuple[tuple[str, str], ...]


def with_retry(headers: Mapping[str, str], retry_after: int) -> Headers:
    """`headers` with a `Retry-After` of `retry_after` microseconds, where that is not 0.

    HTTP has it in whole seconds: it is rounded up.
    """
    seconds = -(-retry_after // 1_000_000)
    more = (("Retry-After", str(seconds)),) if seconds else ()
    return (*headers.items(), *more)
