"""Headers that a fault puts on its answer, beside or in place of the usual ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

Headers = tuple[tuple[str, str], ...]

OF_THE_WIRE: Final = frozenset(
    {"connection", "content-length", "content-type", "transfer-encoding"}
)
"""Headers, in lower case, that other keys decide upon: `truncate`, `keep_alive`, `content_type`."""


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise `ValueError` for one that says how the answer is written."""
    for name in headers:
        if name.lower() in OF_THE_WIRE:
            keys = "content_type, wrong_type, truncate or keep_alive"
            raise ValueError(f"`headers` cannot have {name}: use {keys}")


def with_retry(headers: Mapping[str, str], retry_after: int) -> Headers:
    """`headers` with a `Retry-After` of `retry_after` microseconds, where that is not 0.

    HTTP has it in whole seconds: it is rounded up.
    """
    seconds = -(-retry_after // 1_000_000)
    more = (("Retry-After", str(seconds)),) if seconds else ()
    return (*headers.items(), *more)
