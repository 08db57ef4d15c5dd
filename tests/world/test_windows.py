"""How far a receiver's window opens, and what receivers share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.windows import (
    CALM,
    CALMEST,
    CHEAP,
    COMMON,
    FIRST,
    LONG,
    MOST,
    PACE,
    REMEMBERED,
    Common,
    Receivers,
    Window,
    origin,
)

SLOW = 0.1
"""Seconds that a receiver takes which is worth a wide window."""


class Watch:
    """A stopwatch that shows what it is told."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def window(common: Common | None = None, watch: Watch | None = None) -> Window:
    return Window(common or Common(), watch or Watch())


def fill(each: Window) -> int:
    """Take every place there is; how many are under way."""
    while each.enter():
        pass
    return each.under_way


def work(each: Window, answers: int, took: float = SLOW) -> None:
    """So many answers come while every place is in use."""
    for _ in range(answers):
        fill(each)
        each.heed(took, 0.0, strained=False)


def test_a_window_begins_small() -> None:
    """With a few callbacks under way at once; a place that is given back is there again."""
    each = window()
    assert fill(each) == FIRST == 8
    each.leave()
    assert (each.enter(), each.enter()) == (True, False)


def test_it_opens_with_every_answer_while_it_is_full() -> None:
    """So it doubles while as many answers come as it has places, up to the most."""
    each = window()
    for wanted in (16, 32, 64, 128, 256, MOST):
        work(each, each.size)
        assert each.size == wanted


def test_a_slow_receiver_gets_two_thousand_a_second() -> None:
    """Where it takes 100 ms for an answer."""
    each = window()
    work(each, 1_000)
    assert each.size / SLOW >= 2_000


def test_it_does_not_open_without_need() -> None:
    """Answers that come while places are free leave it as it is."""
    each = window()
    for _ in range(FIRST - 1):
        each.enter()
    for _ in range(100):
        each.heed(SLOW, 0.0, strained=False)
    assert each.size == FIRST


@pytest.mark.parametrize(("took", "size"), [(0.0005, CHEAP), (0.01, 40), (0.03, 120), (1, MOST)])
def test_it_is_as_wide_as_the_receiver_is_slow(took: float, size: int) -> None:
    """Beyond what is cheap, so that its pace is kept; it comes there from below and from above."""
    rising, falling = window(), window()
    work(falling, 1_000, 10.0)
    for each in (rising, falling):
        work(each, 1_000, took)
        assert abs(each.size - size) <= 1
    assert size <= max(CHEAP, took * PACE)


@pytest.mark.parametrize(("waited", "strained"), [(LONG, False), (0.0, True), (3.0, True)])
def test_it_closes_by_half_where_the_receiver_cannot_keep_up(waited: float, strained: bool) -> None:
    """A connection that took long, or none, or no answer in time; the first places stay."""
    each = window()
    work(each, 1_000)
    for wanted in (128, 64, 32, 16, 8, 8):
        each.heed(SLOW, waited, strained=strained)
        assert each.size == wanted
        assert each.crowded == (wanted < MOST)


def rest(each: Window) -> None:
    """Nothing is under way."""
    while each.under_way:
        each.leave()


def test_it_stays_still_for_a_while_after_that() -> None:
    """Then it opens again."""
    watch = Watch()
    each = window(watch=watch)
    work(each, 1_000)
    each.heed(SLOW, 1.0, strained=False)
    rest(each)
    watch.seconds += CALM - 0.001
    work(each, 100)
    assert each.size == MOST // 2
    watch.seconds += 0.001
    work(each, 100)
    assert each.size > MOST // 2


def test_it_stays_still_for_longer_each_time() -> None:
    """A crowd of failures is one time; so a short backlog seldom overflows."""
    watch = Watch()
    each, calm = window(watch=watch), CALM
    for _ in range(8):
        for _ in range(5):
            each.heed(0.0, 1.0, strained=False)
        rest(each)
        watch.seconds += calm - 0.001
        work(each, 1)
        assert each.size == FIRST
        watch.seconds += 0.001
        work(each, 1)
        assert each.size == FIRST + 1
        calm = min(2 * calm, CALMEST)


def test_what_goes_beyond_the_first_is_shared() -> None:
    """Some that take all there is leave every other its first places, and theirs come back."""
    common = Common()
    greedy = [window(common) for _ in range(4)]
    for each in greedy:
        work(each, 1_000)
    beyond = [each.under_way - FIRST for each in greedy]
    assert (sum(beyond), common.free) == (COMMON, 0)
    late = window(common)
    work(late, 100)
    assert (late.under_way, late.enter()) == (FIRST, False)
    for _ in range(greedy[0].under_way):
        greedy[0].leave()
    assert common.free == beyond[0]
    work(late, 100)
    assert late.under_way > FIRST


@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["enter", "leave", "slow", "quick", "strained", "waited"]),
        ),
        max_size=400,
    )
)
def test_places_are_neither_lost_nor_made(steps: list[tuple[int, str]]) -> None:
    """Whatever happens: sizes stay within their bounds, and shared places add up."""
    common = Common(20)
    windows = [window(common) for _ in range(4)]
    for number, step in steps:
        each = windows[number]
        if step == "enter":
            entered, before = each.under_way < each.size, each.under_way
            assert each.enter() <= entered
            assert each.under_way - before in (0, 1)
        elif step == "leave":
            if each.under_way:
                each.leave()
        else:
            took, waited = (1.0 if step == "slow" else 0.0), (1.0 if step == "waited" else 0.0)
            each.heed(took, waited, strained=step == "strained")
        assert all(FIRST <= each.size <= MOST for each in windows)
        assert common.free + sum(max(0, each.under_way - FIRST) for each in windows) == 20
        assert common.free >= 0


ORIGINS = [
    ("http://localhost/status", "http://localhost:80"),
    ("http://localhost:80", "http://localhost:80"),
    ("HTTP://LocalHost:/x", "http://localhost:80"),
    ("https://app.example?x=http://other/", "https://app.example:443"),
    ("https://app.example#rc=2", "https://app.example:443"),
    ("https://ann:secret@app.example:8443/x", "https://app.example:8443"),
    ("http://[::1]:3000/x", "http://[::1]:3000"),
    ("http://[::1]/x", "http://[::1]:80"),
    ("no URL", "no URL"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "name"), ORIGINS)
def test_a_receiver_is_scheme_host_and_port(url: str, name: str) -> None:
    """In lower case, with the port that is meant, and without a password."""
    assert origin(url) == name
    assert Receivers().of(url).name == name


def test_urls_of_one_receiver_share_a_window() -> None:
    """Whatever the path, the query and the password; another port is another receiver."""
    receivers = Receivers()
    first = receivers.of("http://localhost:3000/a?x=1")
    for url in ("http://localhost:3000/b", "http://LOCALHOST:3000", "http://u:p@localhost:3000/c"):
        assert receivers.of(url) is first
    for url in ("http://localhost:30001", "http://localhost:3001/a", "https://localhost:3000/a"):
        assert receivers.of(url) is not first
    assert len(list(receivers)) == 4


def test_receivers_with_nothing_to_do_are_forgotten() -> None:
    """Once there are too many; one that is under way is not."""
    receivers = Receivers()
    busy, waiting = receivers.of("http://busy/"), receivers.of("http://waiting/")
    busy.window.enter()
    waiting.waiting = 1
    for number in range(3 * REMEMBERED):
        receivers.of(f"http://host-{number}/")
    assert len(list(receivers)) <= REMEMBERED
    assert receivers.of("http://busy/") is busy
    assert receivers.of("http://waiting/") is waiting
