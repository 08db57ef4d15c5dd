"""Ids that are computed from places, and places from ids."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.sids import is_sid
from mockserver.domain.type_ids import is_type_id, mint
from mockserver.world.bulk.ids import MESSAGE, Ids
from mockserver.world.clock import SEEDED_START
from mockserver.world.dice import Dice

MILLION = 1_000_000

CHANCE = st.binary(min_size=16, max_size=16)
IDS = st.builds(
    Ids,
    st.integers(SEEDED_START, SEEDED_START + 10**15),
    st.integers(0, 100 * MILLION),
    CHANCE,
    CHANCE,
)
PLACES = st.integers(0, MILLION)


@given(IDS, PLACES)
def test_a_message_is_found_by_its_id(ids: Ids, place: int) -> None:
    """Of the form that the API has."""
    id_ = ids.message(place)
    assert is_type_id(id_, MESSAGE)
    assert ids.place(id_) == place


@given(IDS, st.lists(PLACES, min_size=2, unique=True))
def test_messages_sort_by_place(ids: Ids, places: list[int]) -> None:
    """Lists are in the order of ids."""
    assert sorted(map(ids.message, places)) == [ids.message(place) for place in sorted(places)]


@given(IDS, PLACES)
def test_an_attempt_is_found_by_its_sid(ids: Ids, number: int) -> None:
    """Of the form that the classic API has; all begin alike."""
    for prefix in ("SM", "MM"):
        sid = ids.sid(number, prefix)
        assert is_sid(sid, prefix)
        assert sid[2:18] == ids.head
        assert ids.number(sid) == number


@given(IDS, st.lists(PLACES, min_size=2, max_size=50, unique=True))
def test_sids_differ(ids: Ids, numbers: list[int]) -> None:
    """And do not tell how many there are: neighbours are far from each other."""
    sids = [ids.sid(number) for number in numbers]
    assert len(set(sids)) == len(numbers)
    apart = abs(int(ids.sid(1)[18:], 16) - int(ids.sid(0)[18:], 16))
    assert min(apart, 2**64 - apart) > 2**60


@given(IDS, st.text(max_size=40))
def test_what_is_no_id_of_theirs(ids: Ids, text: str) -> None:
    """Leads to a place that none of them has, or to one whose id is another."""
    place = ids.place(text)
    assert place < 0 or ids.message(place) != text


@given(IDS)
def test_the_id_of_another_thing(ids: Ids) -> None:
    """Is none of theirs, though it says the same place."""
    other = mint("comms_sender", SEEDED_START, bytes(16), 5)
    place = ids.place(other)
    assert place < 0 or ids.message(place) != other


def test_they_come_from_the_dice() -> None:
    """One seed and one operation, one set of ids; another of either, another set."""

    def made(seed: int, operation: str) -> tuple[str, str]:
        ids = Ids.rolled(Dice(seed), operation, SEEDED_START, 0)
        return ids.message(0), ids.sid(0)

    assert made(7, "a") == made(7, "a")
    assert len({made(7, "a"), made(7, "b"), made(8, "a")}) == 3


def test_they_are_made_again_from_what_is_kept() -> None:
    """Without the dice."""
    ids = Ids.rolled(Dice(7), "a", SEEDED_START, 3)
    again = Ids(SEEDED_START, 3, ids.entropy, ids.scatter)
    assert again.message(4) == ids.message(4)
    assert again.sid(4) == ids.sid(4)
