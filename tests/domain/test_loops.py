"""Loop protection: two machines that answer each other are stopped, people are not."""

from mockserver.domain.loops import MOST, PACE, PENALTY, Streak

SECOND = 1_000_000


def replies(streak: Streak, count: int, every: int, start: int) -> tuple[Streak, list[bool]]:
    """A streak after so many replies, and which of them fail."""
    failed = []
    for place in range(count):
        at = start + place * every
        streak = streak.next(at)
        failed.append(streak.loops(at))
    return streak, failed


def test_thirty_quick_replies_go_out_and_one_more_fails() -> None:
    """Source: error 14107, "above 30"."""
    _, failed = replies(Streak(), MOST + 2, SECOND, SECOND)
    assert failed == [False] * MOST + [True, True]


def test_replies_at_a_persons_pace_never_fail() -> None:
    """Thirty seconds apart is slow enough."""
    _, failed = replies(Streak(), 200, PACE, SECOND)
    assert not any(failed)


def test_a_pause_begins_a_new_count() -> None:
    """However long the streak was."""
    streak, _ = replies(Streak(), MOST, SECOND, SECOND)
    _, failed = replies(streak, MOST, SECOND, MOST * SECOND + PACE)
    assert not any(failed)


def test_after_the_penalty_replies_go_out_again() -> None:
    """Until then all fail, and do not make it longer."""
    streak, _ = replies(Streak(), MOST + 1, SECOND, SECOND)
    stopped = (MOST + 1) * SECOND
    streak, failed = replies(streak, 10, SECOND, stopped + SECOND)
    assert all(failed)
    streak = streak.next(stopped + PENALTY)
    assert not streak.loops(stopped + PENALTY)
    assert streak.count == 1
