"""Chance is addressed, not drawn."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.dice import Dice, fresh_entropy, fresh_seed

SEEDS = st.integers(0, 2**63)
ANY_TEXT = st.text(st.characters())


@given(SEEDS, ANY_TEXT, ANY_TEXT)
def test_the_same_question_has_the_same_answer(seed: int, purpose: str, key: str) -> None:
    """Whatever was asked before, and whatever text it is, lone surrogates included."""
    asked_much = Dice(seed)
    for number in range(3):
        asked_much.of(purpose, f"{key}{number}")
    assert asked_much.of(purpose, key) == Dice(seed).of(purpose, key)
    assert len(Dice(seed).of(purpose, key)) == 16


def test_seed_purpose_and_key_all_count() -> None:
    """A change in any is another answer."""
    answers = [
        Dice(1).of("message", "a"),
        Dice(2).of("message", "a"),
        Dice(1).of("request", "a"),
        Dice(1).of("message", "b"),
        Dice(1).of("messag", "ea"),
    ]
    assert len(set(answers)) == len(answers)


@given(SEEDS, ANY_TEXT)
def test_a_fraction_is_below_one(seed: int, key: str) -> None:
    """From 0, which it may be, to 1, which it may not."""
    assert 0 <= Dice(seed).fraction("delivery", key) < 1


def test_fractions_are_spread() -> None:
    """Of ten thousand, a tenth falls into each tenth, give or take."""
    dice = Dice(7)
    tenths = Counter(int(dice.fraction("share", str(n)) * 10) for n in range(10_000))
    assert sorted(tenths) == list(range(10))
    assert all(850 < count < 1_150 for count in tenths.values())


@given(SEEDS, ANY_TEXT)
def test_a_uuid_is_a_uuid(seed: int, key: str) -> None:
    """Of version 4, as Twilio's idempotency tokens are."""
    text = Dice(seed).uuid("idempotency", key)
    assert UUID(text).version == 4
    assert str(UUID(text)) == text


def test_what_routes_is_fresh() -> None:
    """No seed goes into it, so it never comes twice."""
    assert len({fresh_entropy() for _ in range(100)}) == 100
    assert {len(fresh_entropy()) for _ in range(5)} == {16}


def test_a_fresh_seed_can_be_typed() -> None:
    """At most ten digits."""
    seeds = {fresh_seed() for _ in range(50)}
    assert len(seeds) > 40
    assert all(0 <= seed < 2**31 for seed in seeds)
