"""TypeIDs are version 7 UUIDs behind a prefix, and sort by time."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.type_ids import ALPHABET, LENGTH, ORDINALS, is_type_id, mint, parts

TIMES = st.integers(0, 253_402_300_799_000_000)
ENTROPY = st.binary(min_size=16, max_size=16)


def decoded(text: str) -> UUID:
    """The UUID in an id, read the slow way."""
    number = 0
    for letter in text.rpartition("_")[2]:
        number = number * 32 + ALPHABET.index(letter)
    return UUID(int=number)


@given(TIMES, ENTROPY, st.none() | st.integers(0, ORDINALS))
def test_a_minted_id(at: int, entropy: bytes, ordinal: int | None) -> None:
    """26 characters of base 32 that hold a UUID of version 7, whose first bits are the time."""
    text = mint("comms_sender", at, entropy, ordinal)
    assert is_type_id(text, "comms_sender")
    assert len(text) == len("comms_sender_") + LENGTH
    uuid = decoded(text)
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert uuid.int >> 80 == at // 1_000


@given(st.lists(TIMES, min_size=2), ENTROPY)
def test_ids_sort_by_time(times: list[int], entropy: bytes) -> None:
    """To the millisecond, whatever else they are made of."""
    for one, other in pairwise(sorted(times)):
        first, second = mint("x", one, entropy), mint("x", other, b"\0" * 16)
        assert one // 1_000 == other // 1_000 or first < second


@given(st.lists(st.integers(0, ORDINALS - 1), min_size=2, unique=True), ENTROPY)
def test_ids_of_one_millisecond_sort_by_ordinal(ordinals: list[int], entropy: bytes) -> None:
    """Where they have one."""
    minted = [mint("x", 1, entropy, ordinal) for ordinal in sorted(ordinals)]
    assert minted == sorted(minted)


def test_the_examples_of_the_reference() -> None:
    """They are what we take for ids, and are of the time that they were found to hold."""
    text = "comms_message_01h9krwprkeee8fzqspvwy6nq8"
    assert is_type_id(text, "comms_message")
    assert str(decoded(text)) == "018a678e-5b13-739c-87fe-f9b6f9e356e8"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01h9krwprkeee8fzqspvwy6nq8",
        "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8",
        "comms_sender_01h9krwprkeee8fzqspvwy6nq",
        "comms_sender_81h9krwprkeee8fzqspvwy6nq8",
        "comms_sender_01h9krwprkeee8fzqspvwy6nqi",
        "comms_sender_01H9KRWPRKEEE8FZQSPVWY6NQ8",
        "comms_sender_01h9krwprkeee8fzqspvwy6nq8\n",
        "comms_sender_0" + "1" * 35,
    ],
)
def test_what_is_none(text: str) -> None:
    """Another prefix, another length, letters that the alphabet lacks."""
    assert not is_type_id(text, "comms_sender")


@pytest.mark.parametrize("size", [0, 15, 17])
def test_minting_takes_sixteen_bytes(size: int) -> None:
    """Any other amount is refused."""
    with pytest.raises(ValueError, match="16 bytes"):
        mint("comms_sender", 0, bytes(size))


# What an id says


@given(st.integers(0, (1 << 48) - 1), st.integers(0, ORDINALS - 1), ENTROPY)
def test_an_id_says_when_and_which(millisecond: int, ordinal: int, entropy: bytes) -> None:
    """To the millisecond; the rest of it is chance."""
    text = mint("comms_message", millisecond * 1_000 + 999, entropy, ordinal)
    found = parts(text)
    assert found is not None
    assert (found.prefix, found.at, found.ordinal) == (
        "comms_message",
        millisecond * 1_000,
        ordinal,
    )
    assert found.rest == int.from_bytes(entropy) & ((1 << 44) - 1)
    assert is_type_id(text, found.prefix)


@given(ENTROPY, st.integers(0, ORDINALS - 1))
def test_ordinals_begin_again(entropy: bytes, ordinal: int) -> None:
    """After as many as there is room for."""
    first, again = (mint("x", 1, entropy, each) for each in (ordinal, ordinal + ORDINALS))
    assert first == again


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SM" + "0" * 32,
        "01h9krwprkeee8fzqspvwy6nq8",
        "comms_message_01h9krwprkeee8fzqspvwy6nq",
        "comms_message_01h9krwprkeee8fzqspvwy6nq8x",
        "comms_message_81h9krwprkeee8fzqspvwy6nq8",
        "comms_message_01h9krwprkeee8fzqspvwy6nq8\n",
    ],
)
def test_what_has_no_parts(text: str) -> None:
    """What is no id, and what is longer than ours, though others might take it for one."""
    assert parts(text) is None


@given(st.text(max_size=60))
def test_any_text_may_be_asked(text: str) -> None:
    """It has parts, or none; an id of ours is all that has."""
    found = parts(text)
    assert found is None or is_type_id(text, found.prefix)
