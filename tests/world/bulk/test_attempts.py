"""Attempts in columns: courses that many share, and what each says of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.lifecycle import OUTCOMES, Fate, Profile, plan
from mockserver.domain.message import STEP, Delivery
from mockserver.world.bulk.attempts import MOST, OVER, OWN, Attempts, course_of, failing

LIFE = course_of("sms", Fate())


def made(*courses: tuple[tuple[str, int, int], ...], at: int = 1_000) -> Attempts:
    """One attempt for each course, at ordinals 10, 20, …."""
    attempts = Attempts()
    for place, course in enumerate(courses):
        number = attempts.add(place, 10 * (place + 1), 0, 1, 0, at)
        attempts.course[number] = attempts.course_of(course)
    return attempts


FATES = st.builds(
    Fate,
    st.sampled_from(OUTCOMES),
    st.sampled_from([0, 30003]),
    st.builds(Profile, st.just(0), *[st.integers(0, 10**9)] * 4),
)


@given(FATES, st.sampled_from(["sms", "whatsapp", "rcs"]), st.integers(0, 10**15), st.data())
def test_it_tells_what_a_classic_delivery_does(
    fate: Fate, channel: str, start: int, data: st.DataObject
) -> None:
    """Steps taken are the timeline, and those to come come at the same times."""
    attempts = made(course_of(channel, fate), at=start)
    steps = plan("queued", start, channel, fate)
    taken = data.draw(st.integers(0, len(steps) // STEP))
    attempts.taken[0] = taken
    line = ("queued", start, 0, *steps[: taken * STEP])
    found = attempts.delivery(0)
    assert (found.timeline, found.steps) == (line, steps[taken * STEP :])
    assert (found.status, found.updated_at, found.error_code) == line[-STEP:]
    sent = [
        at
        for status, at, _ in zip(line[::3], line[1::3], line[2::3], strict=True)
        if status == "sent"
    ]
    assert found.sent_at == (sent[0] if sent else 0)
    assert attempts.next_at(0) == (found.steps[1] if found.steps else None)


def test_courses_are_shared() -> None:
    """Two fates that are the same are one course."""
    attempts = made(LIFE, failing(30003), LIFE, failing(30004))
    assert len(attempts.courses) == 3
    assert [*attempts.course] == [0, 1, 0, 2]


def test_a_course_too_many() -> None:
    """More than two bytes can count are refused, and none of the others is lost."""
    attempts = Attempts()
    for code in range(MOST):
        attempts.course_of(failing(code))
    with pytest.raises(OverflowError, match="more courses"):
        attempts.course_of(failing(MOST))
    assert attempts.course_of(failing(5)) == 5
    assert len(attempts.courses) == MOST


def test_it_is_found_by_its_ordinal() -> None:
    """They ascend, with gaps for the messages of others."""
    attempts = made(LIFE, LIFE, LIFE)
    assert [attempts.at(ordinal) for ordinal in attempts.ordinal] == [0, 1, 2]
    assert len(attempts) == 3


def test_one_that_waits_for_its_turn() -> None:
    """Is queued when it was made; its course counts from its turn on."""
    attempts = made(LIFE)
    attempts.start[0] = 5_000_000
    assert attempts.delivery(0).timeline == ("queued", 1_000, 0)
    assert attempts.next_at(0) == 5_000_000 + LIFE[0][1]


def test_one_that_failed_at_once() -> None:
    """Has its code when it is looked at next."""
    attempts = made(failing(21610))
    assert attempts.next_at(0) == 1_000
    attempts.taken[0] = 1
    assert attempts.delivery(0) == Delivery(
        "failed", 1_000, ("queued", 1_000, 0, "failed", 1_000, 21610), (), 21610
    )


@pytest.mark.parametrize(("taken", "mark"), [(0, OWN), (2, OWN), (3, OVER)])
def test_one_that_is_let_go(taken: int, mark: int) -> None:
    """Is marked as under way or over; nothing more is due for it here."""
    attempts = made(LIFE, LIFE)
    assert attempts.complete
    attempts.taken[0] = taken
    attempts.let_go(0)
    assert attempts.taken[0] == mark
    assert attempts.next_at(0) is None
    assert attempts.next_at(1) is not None
    assert not attempts.complete
