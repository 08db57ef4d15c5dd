"""Which bindings of a service a notification, or the filter of a list, means.

Identities mean any of them; tags mean all of them, implicit ones too; segments mean the users who
are in all of them. What is given together narrows further. All is compared exactly.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from mockserver.domain.notify.channels import EVERYBODY


class Index(Protocol):
    """A service's bindings by their places, which grow in order of creation."""

    def every(self) -> Sequence[int]:
        """Ascending places of all of them."""

    def tagged(self, tag: str) -> frozenset[int] | set[int]:
        """Of those with a tag: one of their own, or the name of their channel."""

    def identified(self, identity: str) -> Collection[int]:
        """Of those of an identity."""


def select(
    index: Index,
    identities: Iterable[str] | None = None,
    tags: Iterable[str] = (),
    people: Iterable[str] | None = None,
) -> Sequence[int]:
    """Ascending places, each once. Without anything given, all.

    `people` are the identities in all the segments that are asked for; `None`: none were.
    """
    sets = [index.tagged(tag) for tag in tags if tag != EVERYBODY]
    sets += [_of(index, names) for names in (identities, people) if names is not None]
    if not sets:
        return index.every()
    smallest, *others = sorted(sets, key=len)
    return sorted(smallest.intersection(*others))


def _of(index: Index, identities: Iterable[str]) -> set[int]:
    return {place for identity in identities for place in index.identified(identity)}
