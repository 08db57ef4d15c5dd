"""Who is meant, against the plain reading of the rules."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.notify.selection import select

Bound = tuple[str, str, tuple[str, ...]]
"""Identity, channel, tags."""

NAMES = st.sampled_from(["Bob", "Eve", "bob"])
TAGS = st.sampled_from(["premium", "all", "sms", "apn", "Premium"])
BOUND = st.tuples(NAMES, st.sampled_from(["sms", "apn"]), st.lists(TAGS, max_size=3).map(tuple))


class Plain:
    """An index that looks through everything."""

    def __init__(self, bindings: list[Bound]) -> None:
        self.bindings = dict(enumerate(bindings))

    def every(self) -> Sequence[int]:
        return list(self.bindings)

    def tagged(self, tag: str) -> set[int]:
        assert tag != "all", "what everything has needs no look"
        return {at for at, (_, kind, tags) in self.bindings.items() if tag in (kind, *tags)}

    def identified(self, identity: str) -> list[int]:
        return [at for at, each in self.bindings.items() if each[0] == identity]


def means(
    bound: Bound, identities: list[str] | None, tags: list[str], people: list[str] | None
) -> bool:
    """Whether a binding is meant, by the rules one by one."""
    identity, channel, own = bound
    every = {"all", channel, *own}
    return (
        (identities is None or identity in identities)
        and all(tag in every for tag in tags)
        and (people is None or identity in people)
    )


@given(
    st.lists(BOUND, max_size=12),
    st.none() | st.lists(NAMES, max_size=3),
    st.lists(TAGS, max_size=3),
    st.none() | st.lists(NAMES, max_size=3),
)
def test_any_identity_all_tags_all_segments(
    bindings: list[Bound],
    identities: list[str] | None,
    tags: list[str],
    people: list[str] | None,
) -> None:
    """Each once, oldest first; implicit tags count, upper and lower case differ."""
    expected = [
        place for place, each in enumerate(bindings) if means(each, identities, tags, people)
    ]
    assert list(select(Plain(bindings), identities, tags, people)) == expected


def test_examples() -> None:
    """Bob's preferred device; everything; nobody."""
    index = Plain([("Bob", "sms", ("preferred",)), ("Bob", "apn", ()), ("Eve", "sms", ())])
    assert select(index, ["Bob"], ["preferred"]) == [0]
    assert select(index, ["Bob", "Eve"], ["sms"]) == [0, 2]
    assert select(index, None, ["all"]) == [0, 1, 2]
    assert select(index, None, ["all", "apn"]) == [1]
    assert select(index) == [0, 1, 2]
    assert select(index, ["Mallory"]) == []
    assert select(index, None, [], []) == []
