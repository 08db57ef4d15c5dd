"""Whatever happens between the calls, the same calls in order come to the same end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.message import Delivery, Message
from mockserver.world.ports import Answer, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, World

HOOK = "http://127.0.0.1:9/status#rc=2&rp=ct,5xx"

Call = tuple[str, Any]
End = tuple[list[tuple[Message, Delivery]], list[tuple[Any, ...]], int]

TO = st.sampled_from(["+14155550001", "+14155550002", "+14155550003"])
BODY = st.sampled_from(["Ahoy", "Your code is 123456"])
CREATE = st.tuples(st.just("create"), st.tuples(TO, BODY, st.booleans()))
SCHEDULE = st.tuples(st.just("schedule"), st.tuples(TO, st.sampled_from([900.0, 1_000.0])))
ADVANCE = st.tuples(st.just("advance"), st.sampled_from([0.0, 0.123456, 0.25, 1.0, 900.0]))
FORCE = st.tuples(st.just("force"), st.sampled_from(["sent", "delivered", "failed"]))
CALLS = st.lists(st.one_of(CREATE, CREATE, SCHEDULE, ADVANCE, FORCE), min_size=1, max_size=8)

PAUSE = st.lists(st.sampled_from(["turn", "fetch", "list", "answer"]), max_size=4)
PAUSES = st.lists(PAUSE, max_size=8)
"""What others do before the first call, before the second, and so on."""


def moody(parcel: Parcel) -> Answer | Exception:
    """An application that fails for some callbacks, always for the same ones."""
    mood = int(parcel.idempotency_token[0], 16) % 3
    answers = (Answer(204), Answer(500, error_code=11200), Unreachable("nobody listens"))
    return answers[mood]


async def make(world: "World", call: Call, unanswered: list[str]) -> None:
    """One call; its response is written at once, or when somebody gets round to it."""
    name, value = call
    if name == "create":
        to, body, late = value
        message = await world.create(To=to, Body=body, StatusCallback=HOOK, answered=not late)
        if late:
            unanswered.append(message.sid)
    elif name == "schedule":
        to, after = value
        await world.create(world.scheduled(after), To=to, StatusCallback=HOOK)
    elif name == "advance":
        answer(world, unanswered)
        await world.advance(value)
    else:
        world.sandbox.engine.catch_up()
        for message in [*world][-1:]:
            if world.status(message) in ("queued", "sending"):
                await world.sandbox.messages.force(message, value, 0)


def answer(world: "World", unanswered: list[str]) -> None:
    for sid in unanswered:
        world.sandbox.outbox.release(sid)
    unanswered.clear()


async def pause(world: "World", steps: Sequence[str], unanswered: list[str]) -> None:
    for step in steps:
        if step == "turn":
            await world.turns()
        elif step == "answer":
            answer(world, unanswered)
        else:
            world.sandbox.engine.catch_up()
            found = [*world][-1:] if step == "fetch" else [*world]
            assert all(world.delivery(message) for message in found)


async def end(world: "World", calls: Sequence[Call], pauses: Sequence[Sequence[str]]) -> End:
    """Messages with what became of them, callbacks in canonical order, and the time."""
    world.app.verdict = moody
    unanswered: list[str] = []
    for place, call in enumerate(calls):
        await pause(world, pauses[place] if place < len(pauses) else (), unanswered)
        await make(world, call, unanswered)
    answer(world, unanswered)
    await world.advance(3_600)
    assert world.idle()
    callbacks = sorted(
        (e.due, e.message_sid, e.status, e.attempt, e.idempotency_token, e.error, e.signature)
        for e in world.attempts
    )
    return [(message, world.delivery(message)) for message in world], callbacks, world.now


@settings(max_examples=150, deadline=None)
@given(calls=CALLS, pauses=PAUSES, clock=st.sampled_from(["manual", "instant"]))
def test_the_same_calls_come_to_the_same_end(
    in_world: "InWorld[End]", calls: list[Call], pauses: list[list[str]], clock: str
) -> None:
    """Messages, timelines, callbacks and retries, however the loop turned and whoever looked."""
    undisturbed = in_world(clock, lambda world: end(world, calls, ()))
    disturbed = in_world(clock, lambda world: end(world, calls, pauses))
    assert disturbed == undisturbed


@settings(max_examples=60, deadline=None)
@given(calls=CALLS, cuts=st.lists(st.integers(0, 1_500_000), max_size=6))
def test_an_advance_can_be_cut_into_pieces(
    in_world: "InWorld[End]", calls: list[Call], cuts: list[int]
) -> None:
    """Of any length, off the ticks too: the manual clock comes by the same events."""

    async def in_pieces(world: "World") -> End:
        pieces: list[Call] = []
        for name, value in calls:
            if name != "advance":
                pieces.append((name, value))
                continue
            whole = round(value * 1_000_000)
            stops = sorted({cut for cut in cuts if cut < whole} | {whole})
            before = [0, *stops]
            pieces += [
                ("advance", (stop - start) / 1_000_000)
                for start, stop in zip(before, stops, strict=False)
            ]
        return await end(world, pieces, ())

    whole = in_world("manual", lambda world: end(world, calls, ()))
    assert in_world("manual", in_pieces) == whole


@settings(max_examples=60, deadline=None)
@given(
    forms=st.lists(st.tuples(TO, BODY), min_size=1, max_size=8, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_concurrent_calls_make_the_same_messages(
    in_world: "InWorld[Any]", forms: list[tuple[str, str]], order: Any
) -> None:
    """In whatever order they arrive: the same SIDs, each with the same life."""
    shuffled = [*forms]
    order.shuffle(shuffled)

    async def send(world: "World", wanted: list[tuple[str, str]]) -> set[tuple[Any, ...]]:
        for to, body in wanted:
            await world.create(To=to, Body=body)
        await world.advance(60)
        return {(m.sid, m.to, m.body, *world.timeline(m)) for m in world}

    for clock in ("manual", "instant"):
        one = in_world(clock, lambda world: send(world, forms))
        assert in_world(clock, lambda world: send(world, shuffled)) == one
