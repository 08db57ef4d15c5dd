"""Calls to caller ids that ring when the process ends."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.caller_ids import Validation
from mockserver.world.caller_ids import CallerIds
from mockserver.world.ports import Answer
from mockserver.world.store import NotKept

if TYPE_CHECKING:
    from tests.world.state.conftest import Life, Start

NUMBER = "+14158675309"
URL = "http://127.0.0.1:9/verified"


async def call(life: "Life", **form: Any) -> Validation:
    sandbox = life.sandbox
    form = {"PhoneNumber": NUMBER, "StatusCallback": URL, **form}
    made = await CallerIds(sandbox).validate(sandbox.accounts.first, form, strict=False)
    sandbox.outbox.release(made.callback)
    return made


def hear(life: "Life") -> list[tuple[str, str]]:
    """The calls that the application hears of from now on, with their tokens."""
    told: list[tuple[str, str]] = []

    async def deliver(parcel: Any, limits: Any) -> Answer:
        told.append((dict(parcel.params)["CallSid"], parcel.idempotency_token))
        return Answer(204)

    life.app.deliver = deliver  # type: ignore[method-assign]
    return told


def verified(life: "Life") -> int:
    sandbox = life.sandbox
    return len([*CallerIds(sandbox).own(sandbox.accounts.first)])


async def test_it_is_answered_after_the_start(start: "Start") -> None:
    """At its time; the callback is the one that would have gone, and goes once."""
    life = start()
    made = await call(life)
    await life.advance(1)
    again = start(after=life)
    told = hear(again)
    await again.advance(0.5)
    assert (told, verified(again)) == ([], 0)
    await again.advance(1)
    assert (told, verified(again)) == ([(made.call_sid, made.callback)], 1)
    third = start(after=again)
    told = hear(third)
    await third.advance(60)
    assert told == []


async def test_without_a_callback(start: "Start") -> None:
    """The number is verified all the same, also where nothing else moves the clock."""
    life = start()
    await call(life, StatusCallback="")
    again = start(after=life)
    told = hear(again)
    await again.advance(2)
    assert (told, verified(again)) == ([], 1)


async def test_a_call_that_another_one_replaced(start: "Start") -> None:
    """Only the later one is heard of."""
    life = start()
    await call(life)
    await life.advance(1)
    second = await call(life)
    again = start(after=life)
    told = hear(again)
    await again.advance(60)
    assert told == [(second.call_sid, second.callback)]


async def test_a_number_that_is_forgotten_while_it_is_called(start: "Start") -> None:
    """Before the end or after the start: nobody hears of it."""
    life = start()
    made = await call(life)
    again = start(after=life)
    told = hear(again)
    await CallerIds(again.sandbox).delete(made.caller_id)
    await again.advance(60)
    assert told == []
    third = start(after=again)
    told = hear(third)
    await third.advance(60)
    assert told == []


async def test_a_call_that_was_not_kept(start: "Start") -> None:
    """Whoever asked for it is refused; nothing waits for a response that never comes."""
    life = start()
    told = hear(life)
    await life.kept()
    life.path.rename(life.path.with_name("elsewhere"))
    with pytest.raises(NotKept):
        await call(life)
    life.path.with_name("elsewhere").rename(life.path)
    await life.kept()
    await life.advance(60)
    assert life.sandbox.engine.idle
    assert len(told) == 1
