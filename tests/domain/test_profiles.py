"""Names on WhatsApp."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.profiles import FAMILY, GIVEN, made_up


@given(st.binary(min_size=4, max_size=16))
def test_a_name_is_one_of_the_table(chance: bytes) -> None:
    """A given name, mostly with a family name."""
    first, _, last = made_up(chance).partition(" ")
    assert first in GIVEN
    assert not last or last in FAMILY


def test_every_name_comes_up() -> None:
    """And one in four is a given name alone."""
    given_alone = [made_up(bytes([0, 0, each, 0])) for each in range(256)].count(GIVEN[0])
    assert given_alone == 64
    firsts = {made_up(each.to_bytes(2) + b"\xff\0").split()[0] for each in range(len(GIVEN))}
    assert firsts == set(GIVEN)
    lasts = {made_up(bytes([0, 0, 255, n])).partition(" ")[2] for n in range(len(FAMILY))}
    assert lasts == set(FAMILY)
