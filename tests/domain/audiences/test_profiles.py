"""Profiles out of what people write."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.audiences.profiles import LONGEST, BadProfile, Profile, read

ID = "mem_profile_01h9krwprkeee8fzqspvwy6nq8"
PHONE, OTHER = "+14155550123", "+442071838750"

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)
ANYTHING = st.dictionaries(
    st.sampled_from(["id", "traits", "phone", "whatsapp", "contact", "firstName"]) | st.text(),
    VALUES | st.dictionaries(st.sampled_from(["phone", "whatsapp", "name"]), VALUES),
)


def traits_of(profile: Profile) -> Any:
    return json.loads(profile.traits)


def refused(row: object) -> str:
    with pytest.raises(BadProfile) as caught:
        read(row)
    return str(caught.value)


def test_traits_stay_as_they_are_written() -> None:
    """Groups and all; the number is read out of them, not taken away."""
    traits = {"contact": {"phone": "(415) 555-0123", "name": "Ada"}, "age": 36, "vip": True}
    profile = read(traits)
    assert traits_of(profile) == traits
    assert (profile.phone, profile.whatsapp, profile.id) == (PHONE, "", "")


@pytest.mark.parametrize(
    "traits",
    [
        {"phone": PHONE},
        {"contact": {"phone": PHONE}},
        {"contact": {"phone": PHONE}, "phone": OTHER},
        {"contact": {"name": "Ada"}, "phone": PHONE},
        {"contact": "by mail", "phone": PHONE},
        {"phone": "+1 415 555 0123"},
    ],
)
def test_the_phone_is_the_contacts_or_a_trait_by_itself(traits: dict[str, Any]) -> None:
    """`contact.phone` goes before `phone`; it may be written as people write numbers."""
    assert read(traits).phone == PHONE


@pytest.mark.parametrize("traits", [{}, {"phone": ""}, {"phone": None}, {"firstName": "Ada"}])
def test_somebody_may_have_no_phone(traits: dict[str, Any]) -> None:
    """They are there all the same."""
    assert read(traits).phone == ""


@pytest.mark.parametrize(
    ("told", "number"),
    [
        (OTHER, OTHER),
        ("whatsapp:" + OTHER, OTHER),
        (True, PHONE),
        ("true", PHONE),
        (False, ""),
        (None, ""),
        ("none", ""),
        ("false", ""),
        ("", ""),
    ],
)
def test_whatsapp_is_said_apart(told: object, number: str) -> None:
    """A number, or that of the phone; nobody has it of whom nothing is said."""
    assert read({"phone": PHONE, "whatsapp": told}).whatsapp == number
    assert read({"phone": PHONE, "contact": {"whatsapp": told}}).whatsapp == number
    assert read({"phone": PHONE}).whatsapp == ""


def test_an_id_stands_beside_the_traits_or_among_them() -> None:
    """And is no trait then."""
    beside = read({"id": ID, "traits": {"phone": PHONE}})
    among = read({"id": ID, "phone": PHONE})
    assert beside == among
    assert (beside.id, traits_of(beside)) == (ID, {"phone": PHONE})


def test_a_trait_may_be_called_traits_or_id() -> None:
    """Where `traits` is no object, it is one of them; inside of `traits`, `id` is."""
    assert traits_of(read({"traits": "many", "phone": PHONE})) == {"traits": "many", "phone": PHONE}
    assert traits_of(read({"traits": {"id": "x"}})) == {"id": "x"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([], "must be an object of traits"),
        ("Ada", "must be an object of traits"),
        ({"phone": "abc"}, "phone: 'abc' is not a phone number"),
        ({"phone": "12345"}, "phone: '12345' is not a phone number"),
        ({"phone": 14155550123}, "phone: must be text"),
        ({"phone": "messenger:ada"}, "phone: 'messenger:ada' is not a phone number"),
        ({"whatsapp": "x"}, "whatsapp: 'x' is not a phone number"),
        ({"whatsapp": [PHONE]}, "whatsapp: must be text"),
        ({"whatsapp": True}, "whatsapp: is that of the phone, but there is no phone"),
        ({"id": "ada"}, "id: must be mem_profile_ and 26 letters and digits"),
        ({"id": 7}, "id: must be mem_profile_ and 26 letters and digits"),
        ({"id": ID, "traits": {}, "phone": PHONE}, "phone: stands beside `traits`, not in it"),
        ({"name": "\ud800"}, "holds half a character"),
        ({"name": "x" * LONGEST}, f"has more than {LONGEST} bytes of traits"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(row: object, said: str) -> None:
    """In a word that names the fix, or the fault."""
    assert refused(row) == said


def test_endless_nesting_is_refused() -> None:
    """It would exhaust the stack of whoever reads it again."""
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"more": deep}
    try:
        assert refused(deep) == "is nested too deeply"
    finally:
        while deep:  # so that nobody frees it in one go
            deep = deep.pop("more")


def kept(row: object) -> Profile | None:
    """The profile, where it can be one."""
    try:
        return read(row)
    except BadProfile:
        return None


@given(ANYTHING)
def test_any_row_gives_a_profile_or_is_refused(row: dict[str, Any]) -> None:
    """Never another exception; and what comes out is read again as the same."""
    if (profile := kept(row)) is not None:
        assert read({"id": profile.id, "traits": traits_of(profile)}) == profile
