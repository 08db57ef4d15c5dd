"""Events that wait for each other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.events.batches import BATCHED, SINGLE, Batch, Bounds, add, body

SMALL = Bounds(count=3, size=20, span=1_000)


def run(events: list[tuple[bytes, int]], bounds: Bounds) -> tuple[list[Batch], Batch | None]:
    """What has left in their order, and what still waits; nothing leaves for its age."""
    left: list[Batch] = []
    waiting: Batch | None = None
    for event, at in events:
        waiting, leaving = add(waiting, event, at, bounds)
        left += leaving
    return left, waiting


def test_the_first_event_waits() -> None:
    """For the others, 200 ms from now."""
    left, waiting = run([(b"{}", 5_000)], BATCHED)
    assert left == []
    assert waiting is not None
    assert waiting.due(BATCHED) == 205_000


def test_later_ones_do_not_put_it_off() -> None:
    """The time counts from the first."""
    _, waiting = run([(b"{}", 5_000), (b"{}", 199_000)], BATCHED)
    assert waiting is not None
    assert (waiting.opened_at, len(waiting.events)) == (5_000, 2)
    assert waiting.due(BATCHED) == 205_000


def test_a_hundred_are_enough() -> None:
    """The hundredth leaves at once, and the next one begins anew."""
    left, waiting = run([(b"{}", n) for n in range(100)], BATCHED)
    assert [len(each.events) for each in left] == [100]
    assert waiting is None
    left, waiting = run([(b"{}", n) for n in range(101)], BATCHED)
    assert waiting == Batch(100, (b"{}",), 4)


def test_what_is_too_large_for_the_batch() -> None:
    """What waited leaves, and it begins the next one."""
    left, waiting = run([(b"[1,2,3]", 1), (b"[4,5,6,7,8]", 2)], SMALL)
    assert left == [Batch(1, (b"[1,2,3]",), 9)]
    assert waiting == Batch(2, (b"[4,5,6,7,8]",), 13)


def test_what_fills_the_batch_to_the_byte() -> None:
    """Fits, and it leaves."""
    left, waiting = run([(b"[1,2,3]", 1), (b"[4,5,6,78]", 2)], SMALL)
    assert (left, waiting) == ([Batch(1, (b"[1,2,3]", b"[4,5,6,78]"), 20)], None)


def test_what_is_too_large_for_any_batch() -> None:
    """Goes alone, at once; so does what waited."""
    huge = b"[" + b"1" * 50 + b"]"
    left, waiting = run([(b"{}", 1), (huge, 2), (b"{}", 3)], SMALL)
    assert [each.events for each in left] == [(b"{}",), (huge,)]
    assert waiting == Batch(3, (b"{}",), 4)


def test_sinks_that_want_one_at_a_time() -> None:
    """Nothing waits."""
    left, waiting = run([(b"{}", 1), (b"[]", 2)], SINGLE)
    assert [each.events for each in left] == [(b"{}",), (b"[]",)]
    assert waiting is None


@pytest.mark.parametrize(
    ("events", "array", "posted"),
    [
        ((b"{}",), True, b"[{}]"),
        ((b"{}",), False, b"{}"),
        ((b"{}", b"[]"), True, b"[{},[]]"),
        ((b"{}", b"[]"), False, b"[{},[]]"),
    ],
)
def test_bodies(events: tuple[bytes, ...], array: bool, posted: bytes) -> None:
    """An array, of one as of many, unless a bare object is wanted."""
    assert body(Batch(0, events, 0), array=array) == posted


def test_what_has_waited_long_enough() -> None:
    """Leaves without the event that comes then, though nobody has looked meanwhile."""
    left, waiting = run([(b"{}", 0), (b"[]", 199_999), (b"1", 200_000)], BATCHED)
    assert [each.events for each in left] == [(b"{}", b"[]")]
    assert waiting == Batch(200_000, (b"1",), 3)


@pytest.mark.parametrize(
    ("sids", "message_sid"),
    [
        (["SM1"], "SM1"),
        (["SM1", "SM1"], "SM1"),
        (["SM1", "SM2"], ""),
        (["SM1", ""], ""),
        ([""], ""),
    ],
)
def test_whom_a_batch_is_about(sids: list[str], message_sid: str) -> None:
    """One message, where every event in it is about that."""
    waiting: Batch | None = None
    for sid in sids:
        waiting, _ = add(waiting, b"{}", 0, BATCHED, sid)
    assert waiting is not None
    assert waiting.message_sid == message_sid
    assert waiting.about == tuple(sid for sid in sids if sid)


EVENTS = st.lists(
    st.tuples(st.text(max_size=30).map(lambda text: json.dumps(text).encode()), st.integers(0, 50))
).map(lambda events: sorted(events, key=lambda event: event[1]))


@given(EVENTS, st.builds(Bounds, st.integers(1, 5), st.integers(2, 60), st.integers(0, 20)))
def test_any_events(events: list[tuple[bytes, int]], bounds: Bounds) -> None:
    """None is lost, doubled or overtaken; no batch is too large or old, and its size is right."""
    left, waiting = run(events, bounds)
    batches = left + ([waiting] if waiting is not None else [])
    assert [event for batch in batches for event in batch.events] == [each for each, _ in events]
    place = 0
    for batch in batches:
        posted = body(batch, array=True)
        assert len(posted) == batch.size
        assert json.loads(posted) == [json.loads(event) for event in batch.events]
        assert 1 <= len(batch.events) <= bounds.count
        assert batch.size <= bounds.size or len(batch.events) == 1
        ages = [at for _, at in events[place : place + len(batch.events)]]
        assert ages[0] == batch.opened_at
        assert ages[1:] == [] or ages[-1] < batch.due(bounds)
        place += len(batch.events)
