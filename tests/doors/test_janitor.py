"""The garbage: looked at between requests, in small amounts, and what lives only once."""

import gc
from collections.abc import Iterator
from itertools import count

import pytest

from mockserver.config import Settings
from mockserver.janitor import EMPTY, GONE, MUCH, SELDOM, TOO_MUCH, YOUNG, Janitor
from mockserver.server import Server
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Order, Sandboxes
from mockserver.world.tables import Unit


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """How much was frozen when each full collection began; nothing is frozen afterwards."""
    found: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            found.append(gc.get_freeze_count())

    gc.disable()
    gc.collect()
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.unfreeze()
    gc.enable()


@pytest.fixture
async def sandboxes() -> Sandboxes:
    """Those of a server that nobody asks."""
    return Server(Settings(port=0)).sandboxes


def nobody() -> int:
    """No requests at all."""
    return 0


def seldom(janitor: Janitor) -> None:
    """So many looks that one of them is for what went."""
    for _ in range(SELDOM):
        janitor.look()


def grow(sandbox: Sandbox, more: int = 1) -> None:
    """So many places for messages more."""
    for number in range(more):
        sandbox.tables.messages.places.add_gone(f"SM{number}", Unit())


async def test_little_that_is_new_is_left_alone(
    sandboxes: Sandboxes, collections: list[int]
) -> None:
    """It is looked at with what comes after it."""
    gc.collect()
    collections.clear()
    kept = [[number] for number in range(YOUNG // 2)]
    seldom(Janitor(sandboxes, nobody))
    assert collections == []
    assert len(kept) == YOUNG // 2


async def test_much_that_is_new_is_looked_at_once(
    sandboxes: Sandboxes, collections: list[int]
) -> None:
    """And what lives then is frozen, not to be looked at again."""
    janitor, kept = Janitor(sandboxes, nobody), [[number] for number in range(YOUNG)]
    collections.clear()
    janitor.look()
    janitor.look()
    assert collections == [0]
    assert gc.get_freeze_count() >= len(kept)


async def test_a_snapshot_is_not_looked_at(sandboxes: Sandboxes, collections: list[int]) -> None:
    """It brings more than a collection could go through between two requests: it is frozen."""
    janitor, kept = Janitor(sandboxes, nobody), [[number] for number in range(MUCH)]
    collections.clear()
    janitor.look()
    janitor.look()
    assert collections == []
    assert gc.get_freeze_count() >= len(kept)


@pytest.mark.parametrize("messages", [GONE, 0])
async def test_what_went_is_swept(
    sandboxes: Sandboxes, collections: list[int], messages: int
) -> None:
    """One large sandbox, or many empty ones: all that lives is looked at once."""
    janitor = Janitor(sandboxes, nobody)
    made = [sandboxes.make(Order()) for _ in range(1 if messages else GONE // EMPTY)]
    grow(made[0], messages)
    seldom(janitor)
    gc.freeze()
    collections.clear()
    for each in made:
        sandboxes.drop(each)
    seldom(janitor)
    assert collections == [0], "nothing is frozen any more"
    seldom(janitor)
    assert collections == [0]


async def test_what_went_soon_is_swept(sandboxes: Sandboxes, collections: list[int]) -> None:
    """Sandboxes that were frozen, and gone before anybody looked at what went."""
    janitor = Janitor(sandboxes, nobody)
    seldom(janitor)
    made = [sandboxes.make(Order()) for _ in range(GONE // EMPTY)]
    kept = [[number] for number in range(YOUNG)]
    janitor.look()
    for each in made:
        sandboxes.drop(each)
    collections.clear()
    seldom(janitor)
    assert collections == [0], "nothing is frozen any more"
    assert len(kept) == YOUNG


async def test_a_reset_is_swept_as_well(sandboxes: Sandboxes, collections: list[int]) -> None:
    """The sandbox stays, and its messages went."""
    janitor = Janitor(sandboxes, nobody)
    grow(sandboxes.default, GONE)
    seldom(janitor)
    sandboxes.default.reset()
    collections.clear()
    seldom(janitor)
    seldom(janitor)
    assert len(collections) == 1


async def test_no_request_waits_for_a_sweep(sandboxes: Sandboxes, collections: list[int]) -> None:
    """While requests come, of whatever kind, it is put off."""
    rising = (1, 2, 3)
    numbers = iter([0, *rising, rising[-1]])
    janitor, other = Janitor(sandboxes, lambda: next(numbers)), sandboxes.make(Order())
    grow(other, GONE)
    seldom(janitor)
    sandboxes.drop(other)
    collections.clear()
    for _ in rising:
        seldom(janitor)
    assert collections == []
    seldom(janitor)
    assert len(collections) == 1


async def test_too_much_is_swept_all_the_same(sandboxes: Sandboxes, collections: list[int]) -> None:
    """A server that somebody always asks does not grow without end."""
    numbers = count(1)
    janitor, other = Janitor(sandboxes, lambda: next(numbers)), sandboxes.make(Order())
    grow(other, TOO_MUCH)
    seldom(janitor)
    sandboxes.drop(other)
    collections.clear()
    seldom(janitor)
    seldom(janitor)
    assert len(collections) == 1


async def test_no_message_waits_for_a_sweep(sandboxes: Sandboxes, collections: list[int]) -> None:
    """While messages move by themselves, it is put off; what waits for `advance` is no matter."""
    janitor, other = Janitor(sandboxes, nobody), sandboxes.make(Order())
    moving, standing = (sandboxes.make(Order(clock=clock)) for clock in ("instant", "manual"))
    for each in (moving, standing):
        each.clock.book(each.clock.now(), lambda key, at: None, "")
    grow(other, GONE)
    seldom(janitor)
    sandboxes.drop(other)
    collections.clear()
    seldom(janitor)
    assert collections == []
    moving.engine.catch_up()
    seldom(janitor)
    assert len(collections) == 1
    assert standing.engine.today.pending


async def test_little_that_went_is_not_worth_it(
    sandboxes: Sandboxes, collections: list[int]
) -> None:
    """All that lives would have to be looked through."""
    janitor, other = Janitor(sandboxes, nobody), sandboxes.make(Order())
    grow(other, GONE // 2)
    seldom(janitor)
    sandboxes.drop(other)
    collections.clear()
    for _ in range(3):
        seldom(janitor)
    assert collections == []
