"""When a sink is tried again."""

from itertools import pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.events.retries import PATIENCE, next_try, reminder, tries, verdict, wait
from mockserver.domain.message import SECOND

HOUR = 3600 * SECOND
CHANCE = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        *((status, "accepted") for status in (200, 201, 202, 204, 299)),
        *((status, "discarded") for status in (301, 302, 400, 401, 404, 410, 422, 428, 430, 499)),
        *((status, "again") for status in (0, 429, 500, 502, 503, 504, 599)),
    ],
)
def test_what_an_answer_means(status: int, meaning: str) -> None:
    """2xx is taken, 4xx is final but for 429, and 5xx or nobody there is tried again."""
    assert verdict(status) == meaning


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 1), (2, 2), (3, 4), (4, 8), (10, 512), (11, 600), (12, 600), (10_000, 600)],
)
def test_waits_double(failures: int, seconds: int) -> None:
    """Up to ten minutes."""
    assert wait(failures, 0.5) == seconds * SECOND


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 3.2), (0.25, 3.6), (0.75, 4.4), (1.0, 4.8)])
def test_waits_differ_by_chance(chance: float, seconds: float) -> None:
    """By a fifth at most."""
    assert wait(3, chance) == round(seconds * SECOND)


def test_after_four_hours_it_is_given_up() -> None:
    """A try at the last moment is made, one after it is not."""
    last = PATIENCE - 600 * SECOND
    assert next_try(0, last, 20, 0.5) == PATIENCE == 4 * HOUR
    assert next_try(0, last + 1, 20, 0.5) is None
    assert next_try(7 * HOUR, 7 * HOUR, 1, 0.5) == 7 * HOUR + SECOND


def test_every_try_of_an_event_that_is_never_taken() -> None:
    """Eleven in the first quarter of an hour or so, then one every ten minutes."""
    found = [at // SECOND for at in tries(0, repeat(0.5))]
    assert found[:12] == [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1623]
    assert {after - before for before, after in pairwise(found[10:])} == {600}
    assert found[-1] <= 4 * 3600 < found[-1] + 600


@given(st.lists(CHANCE, min_size=60, max_size=60), st.integers(0, 10**15))
def test_any_chance(chances: list[float], start: int) -> None:
    """The tries go forward, none comes after four hours, and at the end one would."""
    found = [*tries(start, iter(chances))]
    assert found[0] == start
    assert all(before < after for before, after in pairwise(found))
    assert start + PATIENCE - 720 * SECOND < found[-1] <= start + PATIENCE


@pytest.mark.parametrize(
    ("since", "now", "told_at"),
    [
        (0, 0, 0),
        (0, 20 * 60 * SECOND - 1, 0),
        (0, 20 * 60 * SECOND, 20 * 60 * SECOND),
        (0, HOUR - 1, 40 * 60 * SECOND),
        (HOUR, HOUR + 1, HOUR),
        (HOUR, HOUR - 1, HOUR),
    ],
)
def test_when_the_debugger_is_told(since: int, now: int, told_at: int) -> None:
    """With the first failure, then every twenty minutes; an earlier try is of no matter."""
    assert reminder(since, now) == told_at
